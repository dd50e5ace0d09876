/*
 * Questions. Lists come in pages: the daemon answers with a part and a cursor, which is 0 at the
 * end of the list.
 */
#include "ctl/client/questions.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "ctl/client/answer-reader.h"
#include "ctl/client/call.h"

/* One page of a list from @cursor on; the reply is the caller's. */
static int
get_page(Client *c, const char *method, char **names, uint32_t cursor, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call_new(c, method, &m);
        if (r < 0)
                return r;
        if (names)
                r = sd_bus_message_append_strv(m, names);
        if (r >= 0)
                r = sd_bus_message_append(m, "uu", cursor, UINT32_C(0));
        return r < 0 ? call_check(c, r) : call_send(c, m, ret);
}

/* Reads one page behind what @ret has. */
typedef int (*ReadPage)(sd_bus_message *m, ProcessList *ret);

static int
list_processes(Client *c, const char *method, ReadPage read, char **names, ProcessList *ret) {
        char *all[] = { NULL };
        _cleanup_(process_list_done) ProcessList list = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, method, names ?: all, cursor, &reply);
                if (r < 0)
                        return r;
                r = read(reply, &list);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "tu", &list.now, &cursor);
                if (r >= 0)
                        r = read_outcomes(reply, &list.unknown);
                if (r < 0)
                        return call_check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(list);
        return 0;
}

int client_list(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListProcesses", read_process_infos, names, ret);
}

int client_list_states(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListStates", read_process_states, names, ret);
}

int client_configured(Client *c, ConfiguredList *ret) {
        _cleanup_(configured_list_done) ConfiguredList list = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, "ListConfigured", NULL, cursor, &reply);
                if (r < 0)
                        return r;
                r = read_configured(reply, &list);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "u", &cursor);
                if (r < 0)
                        return call_check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(list);
        return 0;
}

int client_plan(Client *c, DaemonPlan *ret) {
        _cleanup_(daemon_plan_done) DaemonPlan plan = { 0 };
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;

                r = get_page(c, "GetPlan", NULL, cursor, &reply);
                if (r < 0)
                        return r;
                r = read_plan_steps(reply, &plan);
                if (r >= 0)
                        r = sd_bus_message_read(reply, "tu", &plan.worst_usec, &cursor);
                if (r < 0)
                        return call_check(c, r);
        } while (cursor != 0);
        *ret = TAKE_STRUCT(plan);
        return 0;
}

int client_explain(Client *c, const char *name, Explanation *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(explanation_done) Explanation e = { 0 };
        int r;

        r = call_new(c, "Explain", &m);
        if (r >= 0)
                r = call_check(c, sd_bus_message_append(m, "s", name));
        if (r >= 0)
                r = call_send(c, m, &reply);
        if (r < 0)
                return r;
        r = read_process_info(reply, &e.process);
        if (r >= 0)
                r = read_changes(reply, &e.changes, &e.n_changes);
        if (r >= 0)
                r = sd_bus_message_read_strv(reply, &e.output);
        if (r < 0)
                return call_check(c, r);
        *ret = TAKE_STRUCT(e);
        return 0;
}

/* Call @method with a list of @names. */
static int call_with_names(Client *c, const char *method, char **names, sd_bus_message **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = call_new(c, method, &m);
        if (r >= 0)
                r = call_check(c, sd_bus_message_append_strv(m, names));
        return r < 0 ? r : call_send(c, m, ret);
}

int client_plan_update(Client *c, char **groups, UpdatePlan *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(update_plan_done) UpdatePlan plan = { 0 };
        int r;

        r = call_with_names(c, "PlanUpdate", groups, &reply);
        if (r < 0)
                return r;
        r = read_update_plan(reply, &plan);
        if (r < 0)
                return call_check(c, r);
        *ret = TAKE_STRUCT(plan);
        return 0;
}

int client_property(Client *c, const char *name, char **ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const char *text;
        int r;

        r = call_get_property(c, name, "s", &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read_basic(reply, 's', &text);
        if (r < 0)
                return call_check(c, r);
        *ret = strdup(text);
        return *ret ? 0 : call_check(c, -ENOMEM);
}

int client_pid(Client *c, pid_t *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        uint32_t pid;
        int r;

        r = call_get_property(c, "PID", "u", &reply);
        if (r >= 0)
                r = call_check(c, sd_bus_message_read_basic(reply, 'u', &pid));
        if (r < 0)
                return r;
        *ret = (pid_t)pid;
        return 0;
}

int client_open_log(Client *c, const char *name, const char *stream, OpenedLog *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(opened_log_done) OpenedLog file = { .fd = -1 };
        const char *path = NULL;
        int r, fd = -1;

        r = call_new(c, name ? "OpenLog" : "OpenMainLog", &m);
        if (r >= 0 && name)
                r = call_check(c, sd_bus_message_append(m, "ss", name, stream));
        if (r >= 0)
                r = call_send(c, m, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_read(reply, "hst", &fd, &path, &file.size);
        if (r < 0)
                return call_check(c, r);
        file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the message's own is closed with it */
        file.path = strdup(path);
        if (file.fd < 0 || !file.path)
                return call_check(c, file.fd < 0 ? -errno : -ENOMEM);
        *ret = (OpenedLog){ TAKE_FD(file.fd), TAKE_PTR(file.path), file.size };
        return 0;
}
