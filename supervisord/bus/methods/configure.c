/*
 * Configurations by command. They are read and compared here and handed to the daemon, which brings
 * the table in line (daemon/); what has changed is told by groups, as Python does.
 */
#include "bus/methods/configure.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "bus/client/wait.h"
#include "daemon/apply.h"
#include "daemon/entry/observer.h"
#include "daemon/reload.h"
#include "daemon/replan.h"
#include "protocol/bus-names.h"

static int read_anew(Supervisor *s, const ConfigScale *scale, Config **ret, sd_bus_error *error) {
        _cleanup_(freep) char *errors = NULL;
        int r;

        r = supervisor_load(s, scale, ret, &errors);
        if (r < 0)
                return call_fail(error, BUS_ERROR_CANNOT_REREAD, "%s", errors ?: strerror(-r));
        return 0;
}

/* ---------------------------------------------------------------- reread */

int method_reread(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(group_changes_done) GroupChanges groups = { 0 };
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(config_freep) Config *config = NULL;
        Supervisor *s = ((Connection *)userdata)->supervisor;
        ssize_t n;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = read_anew(s, NULL, &config, error);
        if (r < 0)
                return r;
        n = supervisor_compare(s, config, NULL, &changes);
        r = n < 0 ? (int)n : group_changes(s, config, changes, (size_t)n, &groups);
        if (r < 0)
                return call_fail_errno(error, r);
        supervisor_set_available(s, TAKE_PTR(config));

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_texts(reply, groups.added);
        if (r >= 0)
                r = append_texts(reply, groups.changed);
        if (r >= 0)
                r = append_texts(reply, groups.removed);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- what would change */

static const char *action_of(Change kind) {
        switch (kind) {
        case CHANGE_ADDED:
                return "add";
        case CHANGE_UPDATED:
                return "live";
        case CHANGE_CHANGED:
                return "restart";
        case CHANGE_REMOVED:
                return "remove";
        case CHANGE_NONE:
                break;
        }
        return "";
}

static int append_plan(sd_bus_message *m,
                       const Supervisor *s,
                       const Config *config,
                       const ConfigChange *change) {
        const ProcessConfig *c = change_get_config(s, config, change);
        _cleanup_(freep) char *group = NULL, *name = NULL;
        _cleanup_(strv_freep) char **keys = NULL;
        int r = 0;

        if (change->kind == CHANGE_NONE)
                return 0;
        if (change->before != SIZE_MAX && change->after != SIZE_MAX) {
                const Process *p = engine_get(s->engine, change->before);

                r = process_config_differences(p->next_config ?: p->config, c, &keys);
        }
        if (r >= 0)
                r = sd_bus_message_open_container(m, 'r', BUS_UPDATE_FIELDS);
        if (r >= 0)
                r = sd_bus_message_append(m, "sss", message_text(c->group, &group),
                                          message_text(c->name, &name), action_of(change->kind));
        if (r >= 0)
                r = append_texts(m, keys);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

int method_plan_update(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(strv_freep) char **groups = NULL;
        Supervisor *s = ((Connection *)userdata)->supervisor;
        ApplyScope scope = { 0 };
        ssize_t n;
        int r;

        r = read_names(m, &groups, error);
        if (r >= 0)
                r = read_anew(s, NULL, &config, error);
        if (r < 0)
                return r;
        scope.groups = groups && *groups ? groups : NULL;
        n = supervisor_compare(s, config, &scope, &changes);
        if (n < 0)
                return call_fail_errno(error, (int)n);

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_UPDATE);
        for (ssize_t i = 0; r >= 0 && i < n; i++)
                r = append_plan(reply, s, config, &changes[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- update */

static void add_group_results(BusWait *w, char *const *groups, const char *done) {
        for (; groups && *groups; groups++) {
                OperationResult result = { *groups, "", done, "", "" };

                wait_add_result(w, &result);
        }
}

/* Add the results by groups, in Python's order. */
static void add_results(BusWait *w, const GroupChanges *groups) {
        for (char **group = groups->removed; group && *group; group++) {
                char *one[] = { *group, NULL };

                add_group_results(w, one, "stopped");
                add_group_results(w, one, "removed");
        }
        for (char **group = groups->changed; group && *group; group++) {
                char *one[] = { *group, NULL };

                if (strv_contains(groups->restarted, *group))
                        add_group_results(w, one, "stopped");
                add_group_results(w, one, "updated");
        }
        add_group_results(w, groups->added, "added");
}

/* Add a result for each name of a group that is neither in the table nor in @config. */
static void
add_unknown_groups(BusWait *w, const Supervisor *s, const Config *config, char *const *groups) {
        for (; groups && *groups; groups++) {
                OperationResult result = { *groups, "", "", BUS_ERROR_NO_SUCH_GROUP, "" };
                bool found = false;

                for (size_t i = 0; !found && i < config->n_processes; i++)
                        found = strcmp(config->processes[i]->group, *groups) == 0;
                for (size_t i = 0; !found && i < engine_size(s->engine); i++) {
                        const Process *p = engine_get(s->engine, i);

                        found = p->config && strcmp(p->config->group, *groups) == 0;
                }
                if (!found)
                        wait_add_result(w, &result);
        }
}

static int await_stops(BusWait *w,
                       const Supervisor *s,
                       const ConfigChange *changes,
                       size_t n,
                       const WaitOptions *options) {
        int r = 0;

        for (size_t i = 0; r >= 0 && options->wait && i < n; i++) {
                bool stops = changes[i].kind == CHANGE_CHANGED || changes[i].kind == CHANGE_REMOVED;

                if (stops && phase_has_child(engine_get(s->engine, changes[i].before)->phase))
                        r = wait_add(w, changes[i].before, /* is_down= */ false);
        }
        return r;
}

typedef struct UpdateCall {
        Connection *connection;
        sd_bus_message *message;
        ApplyScope scope;
        WaitRequest request;
} UpdateCall;

/* Apply *config, which is taken over, and answer when the processes that have to go are gone. */
static int update(const UpdateCall *call, Config **config, sd_bus_error *error) {
        _cleanup_(group_changes_done) GroupChanges groups = { 0 };
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(wait_freep) BusWait *w = NULL;
        Supervisor *s = call->connection->supervisor;
        ssize_t n;
        int r;

        n = supervisor_compare(s, *config, &call->scope, &changes);
        r = n < 0 ? (int)n : group_changes(s, *config, changes, (size_t)n, &groups);
        if (r < 0)
                return call_fail_errno(error, r);
        r = wait_new(call->connection, call->message, &call->request, &w, error);
        if (r < 0)
                return r;
        add_unknown_groups(w, s, *config, call->scope.groups);
        add_results(w, &groups);
        r = await_stops(w, s, changes, (size_t)n, &call->request.options);
        if (r < 0)
                return r;

        supervisor_begin_reload(s);
        supervisor_adopt_changes(s, *config, changes, (size_t)n);
        if (call->scope.groups)
                supervisor_set_available(s, TAKE_PTR(*config));
        else
                supervisor_adopt_config(s, TAKE_PTR(*config));
        supervisor_end_reload(s);
        return wait_begin(TAKE_PTR(w));
}

int method_update(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(config_freep) Config *config = NULL;
        _cleanup_(strv_freep) char **groups = NULL;
        UpdateCall call = {
                .connection = userdata,
                .message = m,
                .request = { .rules = { .target = TARGET_DOWN, .done = "stopped" },
                             .is_muted = true },
        };
        Supervisor *s = call.connection->supervisor;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = read_names(m, &groups, error);
        if (r >= 0)
                r = read_options(m, &call.request.options, error);
        if (r >= 0)
                r = read_anew(s, NULL, &config, error);
        if (r < 0)
                return r;
        call.scope.groups = groups && *groups ? groups : NULL;
        return update(&call, &config, error);
}

/* ---------------------------------------------------------------- one group */

static size_t count_members(const Supervisor *s, const char *group, size_t *ret_alive) {
        size_t n = 0;

        *ret_alive = 0;
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->config || p->removed || strcmp(p->config->group, group) != 0)
                        continue;
                n++;
                *ret_alive += phase_has_child(p->phase) || p->phase == PHASE_BACKOFF;
        }
        return n;
}

int method_add_group(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(freep) char *copy = NULL;
        ApplyScope scope = { 0 };
        Supervisor *s = ((Connection *)userdata)->supervisor;
        const Config *config = supervisor_get_available(s);
        const char *group;
        size_t alive;
        ssize_t n;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &group);
        if (r < 0)
                return r;
        if (count_members(s, group, &alive) > 0)
                return call_fail(error, BUS_ERROR_ALREADY_ADDED, "%s is in use", group);
        copy = strdup(group);
        if (!copy)
                return -ENOMEM;
        scope.groups = (char *const[]){ copy, NULL };
        n = supervisor_compare(s, config, &scope, &changes);
        if (n == 0)
                return call_fail(error, BUS_ERROR_NO_SUCH_GROUP, "there is no group %s", group);
        if (n < 0)
                return call_fail_errno(error, (int)n);
        supervisor_adopt_changes(s, config, changes, (size_t)n);
        return sd_bus_reply_method_return(m, "");
}

int method_remove_group(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Supervisor *s = ((Connection *)userdata)->supervisor;
        const char *group;
        _cleanup_(strv_freep) char **removed = NULL;
        size_t alive;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &group);
        if (r < 0)
                return r;
        if (count_members(s, group, &alive) == 0)
                return call_fail(error, BUS_ERROR_NO_SUCH_GROUP, "there is no group %s", group);
        if (alive > 0)
                return call_fail(error, BUS_ERROR_STILL_RUNNING, "%s is still running", group);

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && strcmp(p->config->group, group) == 0)
                        engine_remove(s->engine, i, now_usec());
        }
        (void)supervisor_commit(s);         /* a failure is logged there, and tried again */
        (void)strv_extend(&removed, group); /* without memory nobody is told of it */
        supervisor_observe_configuration(s, &(GroupChanges){ .removed = removed });
        return sd_bus_reply_method_return(m, "");
}

/* ---------------------------------------------------------------- more or fewer copies */

/* The section of the program that is called @name or has a process or group of that name. */
static const char *find_section(const Supervisor *s, const char *name) {
        for (size_t i = 0; i < s->config->n_processes; i++) {
                const ProcessConfig *c = s->config->processes[i];

                if (strcmp(c->program, name) == 0)
                        return c->section;
        }
        return NULL;
}

static int answer_scaled(sd_bus_message *m,
                         const Supervisor *s,
                         const Config *config,
                         const ConfigChange *changes,
                         size_t n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        int r;

        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', BUS_RESULT);
        for (size_t i = 0; r >= 0 && i < n; i++) {
                const ProcessConfig *c = change_get_config(s, config, &changes[i]);
                OperationResult result = { c->group, c->name, "", "", "" };

                if (changes[i].kind == CHANGE_NONE)
                        continue;
                result.done = changes[i].kind == CHANGE_ADDED     ? "added"
                              : changes[i].kind == CHANGE_REMOVED ? "removed"
                                                                  : "updated";
                r = append_result(reply, &result);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int method_scale(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(config_freep) Config *config = NULL;
        Supervisor *s = ((Connection *)userdata)->supervisor;
        ConfigScale scale = { 0 };
        ApplyScope scope = { 0 };
        const char *name;
        uint32_t number;
        ssize_t n;
        int r;

        r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = sd_bus_message_read(m, "su", &name, &number);
        if (r < 0)
                return r;
        scope.section = scale.section = find_section(s, name);
        scale.numprocs = number;
        if (!scale.section)
                return call_fail(error, BUS_ERROR_NO_SUCH_PROCESS, "there is no program %s", name);
        r = read_anew(s, &scale, &config, error);
        if (r < 0)
                return r;
        n = supervisor_compare(s, config, &scope, &changes);
        if (n < 0)
                return call_fail_errno(error, (int)n);
        r = answer_scaled(m, s, config, changes, (size_t)n); /* before the table changes */
        if (r < 0)
                return r;
        supervisor_adopt_changes(s, config, changes, (size_t)n);
        return 1;
}
