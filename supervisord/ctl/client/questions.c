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

/* ---------------------------------------------------------------- lists */

/* Read a page behind what the list @ret has already, and the cursor of the next one. */
typedef int (*ReadPage)(sd_bus_message *reply, void *ret, uint32_t *ret_cursor);

/* Read all pages of what @method answers, whose first argument is @names unless that is NULL. */
static int get_pages(Client *c, const char *method, char **names, ReadPage read, void *ret) {
        uint32_t cursor = 0;
        int r;

        do {
                _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;

                r = call_new(c, method, &m);
                if (r >= 0 && names)
                        r = call_check(c, sd_bus_message_append_strv(m, names));
                if (r >= 0)
                        r = call_check(c, sd_bus_message_append(m, "uu", cursor, UINT32_C(0)));
                if (r >= 0)
                        r = call_send(c, m, &reply);
                if (r >= 0)
                        r = call_check(c, read(reply, ret, &cursor));
        } while (r >= 0 && cursor != 0);
        return r;
}

static int read_end_of_list(sd_bus_message *reply, ProcessList *list, uint32_t *ret_cursor) {
        int r;

        r = sd_bus_message_read(reply, "tu", &list->now, ret_cursor);
        return r < 0 ? r : read_outcomes(reply, &list->unknown);
}

static int read_infos_page(sd_bus_message *reply, void *ret, uint32_t *ret_cursor) {
        int r;

        r = read_process_infos(reply, ret);
        return r < 0 ? r : read_end_of_list(reply, ret, ret_cursor);
}

static int read_states_page(sd_bus_message *reply, void *ret, uint32_t *ret_cursor) {
        int r;

        r = read_process_states(reply, ret);
        return r < 0 ? r : read_end_of_list(reply, ret, ret_cursor);
}

static int read_configured_page(sd_bus_message *reply, void *ret, uint32_t *ret_cursor) {
        int r;

        r = read_configured(reply, ret);
        return r < 0 ? r : sd_bus_message_read(reply, "u", ret_cursor);
}

static int read_plan_page(sd_bus_message *reply, void *ret, uint32_t *ret_cursor) {
        DaemonPlan *plan = ret;
        int r;

        r = read_plan_steps(reply, plan);
        return r < 0 ? r : sd_bus_message_read(reply, "tu", &plan->worst_usec, ret_cursor);
}

static int
list_processes(Client *c, const char *method, char **names, ReadPage read, ProcessList *ret) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        char *all[] = { NULL };
        int r;

        r = get_pages(c, method, names ?: all, read, &list);
        if (r >= 0)
                *ret = TAKE_STRUCT(list);
        return r;
}

int client_list(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListProcesses", names, read_infos_page, ret);
}

int client_list_states(Client *c, char **names, ProcessList *ret) {
        return list_processes(c, "ListStates", names, read_states_page, ret);
}

int client_configured(Client *c, ConfiguredList *ret) {
        _cleanup_(configured_list_done) ConfiguredList list = { 0 };
        int r;

        r = get_pages(c, "ListConfigured", NULL, read_configured_page, &list);
        if (r >= 0)
                *ret = TAKE_STRUCT(list);
        return r;
}

int client_plan(Client *c, DaemonPlan *ret) {
        _cleanup_(daemon_plan_done) DaemonPlan plan = { 0 };
        int r;

        r = get_pages(c, "GetPlan", NULL, read_plan_page, &plan);
        if (r >= 0)
                *ret = TAKE_STRUCT(plan);
        return r;
}

/* ---------------------------------------------------------------- single answers */

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

int client_plan_update(Client *c, char **groups, UpdatePlan *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        _cleanup_(update_plan_done) UpdatePlan plan = { 0 };
        int r;

        r = call_new(c, "PlanUpdate", &m);
        if (r >= 0)
                r = call_check(c, sd_bus_message_append_strv(m, groups));
        if (r >= 0)
                r = call_send(c, m, &reply);
        if (r >= 0)
                r = call_check(c, read_update_plan(reply, &plan));
        if (r >= 0)
                *ret = TAKE_STRUCT(plan);
        return r;
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
