/* The objects of the processes. */

#include <errno.h>
#include <string.h>

#include "bus/client/connection.h"

/* ---------------------------------------------------------------- which */

/* NOLINTNEXTLINE(readability-function-size): the arguments are libsystemd's */
int bus_find_process_object(sd_bus *link,
                            const char *path,
                            const char *interface,
                            void *userdata,
                            void **ret_found,
                            sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        _cleanup_(freep) char *name = NULL;
        int r;

        r = sd_bus_path_decode(path, BUS_PROCESS_PATH, &name);
        if (r <= 0)
                return r;
        r = select_processes(s->engine, (char *const[]){ name, NULL }, /* leaving= */ true,
                             &selection);
        if (r < 0)
                return r == -E2BIG ? 0 : r;
        if (selection.n != 1 || !selection.items[0].named)
                return 0;
        *ret_found = s->entries[selection.items[0].index];
        return 1;
}

static int path_of(const Process *p, char **ret) {
        _cleanup_(freep) char *name = NULL;

        if (asprintf(&name, "%s:%s", p->config->group, p->config->name) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        return sd_bus_path_encode(BUS_PROCESS_PATH, name, ret);
}

int bus_list_process_objects(sd_bus *link,
                             const char *prefix,
                             void *userdata,
                             char ***ret,
                             sd_bus_error *error) {
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        char **paths = calloc(engine_size(s->engine) + 1, sizeof(char *));
        size_t n = 0;

        if (!paths)
                return -ENOMEM;
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && path_of(p, &paths[n]) >= 0)
                        n++;
        }
        *ret = paths;
        return 0;
}

/* ---------------------------------------------------------------- properties */

static const Process *process_of(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

static const char *health_of(const Entry *entry) {
        const Health *health = entry_get_health(entry);

        return health ? health_to_string(health->state) : "";
}

static uint32_t health_failures_of(const Entry *entry) {
        const Health *health = entry_get_health(entry);

        return health ? health->failures : 0;
}

static const char *text_property(const Entry *entry, const char *property, char **owned) {
        const Process *p = process_of(entry);

        if (strcmp(property, "Group") == 0)
                return p->config->group;
        if (strcmp(property, "Name") == 0)
                return p->config->name;
        if (strcmp(property, "Program") == 0)
                return p->config->program;
        if (strcmp(property, "State") == 0)
                return process_state_to_string(phase_to_state(p->phase));
        if (strcmp(property, "Goal") == 0)
                return p->goal == GOAL_UP ? "up" : "down";
        if (strcmp(property, "Phase") == 0)
                return entry_phase(entry);
        if (strcmp(property, "SpawnError") == 0)
                return entry_spawn_error(entry, owned);
        if (strcmp(property, "ExitKind") == 0)
                return exit_kind_to_string(p->exit.kind);
        if (strcmp(property, "StatusText") == 0)
                return entry_get_notify_status(entry);
        if (strcmp(property, "Health") == 0)
                return health_of(entry);
        if (strcmp(property, "HealthText") == 0)
                return entry_get_health_words(entry);
        return entry_log_path(entry,
                              strcmp(property, "StdoutLog") == 0 ? OUTPUT_STDOUT : OUTPUT_STDERR);
}

/* NOLINTBEGIN(readability-function-size): the arguments are libsystemd's */

static int get_text(sd_bus *link,
                    const char *path,
                    const char *interface,
                    const char *property,
                    sd_bus_message *reply,
                    void *userdata,
                    sd_bus_error *error) {
        _cleanup_(freep) char *made = NULL, *valid = NULL;

        return sd_bus_message_append(reply, "s",
                                     bus_text(text_property(userdata, property, &made), &valid));
}

static int get_flag(sd_bus *link,
                    const char *path,
                    const char *interface,
                    const char *property,
                    sd_bus_message *reply,
                    void *userdata,
                    sd_bus_error *error) {
        const Process *p = process_of(userdata);
        bool value = p->exit.core_dumped;

        if (strcmp(property, "Ready") == 0)
                value = process_is_ready(p);
        else if (strcmp(property, "Autostart") == 0)
                value = p->config->settings->autostart;
        else if (strcmp(property, "Enabled") == 0)
                value = !p->disabled;
        return sd_bus_message_append(reply, "b", value);
}

static int get_count(sd_bus *link,
                     const char *path,
                     const char *interface,
                     const char *property,
                     sd_bus_message *reply,
                     void *userdata,
                     sd_bus_error *error) {
        const Entry *entry = userdata;
        uint32_t value = entry->n_starts;

        if (strcmp(property, "PID") == 0)
                value = (uint32_t)child_get_pid(entry->child);
        else if (strcmp(property, "Failures") == 0)
                value = process_of(entry)->failures;
        else if (strcmp(property, "HealthFailures") == 0)
                value = health_failures_of(entry);
        return sd_bus_message_append(reply, "u", value);
}

static int get_number(sd_bus *link,
                      const char *path,
                      const char *interface,
                      const char *property,
                      sd_bus_message *reply,
                      void *userdata,
                      sd_bus_error *error) {
        const Process *p = process_of(userdata);

        if (strcmp(property, "StateCode") == 0)
                return sd_bus_message_append(reply, "i",
                                             process_state_to_code(phase_to_state(p->phase)));
        return sd_bus_message_append(reply, "i", p->exit.value);
}

static int get_priority(sd_bus *link,
                        const char *path,
                        const char *interface,
                        const char *property,
                        sd_bus_message *reply,
                        void *userdata,
                        sd_bus_error *error) {
        const ProcessConfig *config = process_of(userdata)->config;

        return sd_bus_message_append(reply, "x",
                                     strcmp(property, "Priority") == 0 ? config->priority
                                                                       : config->group_priority);
}

static int get_time(sd_bus *link,
                    const char *path,
                    const char *interface,
                    const char *property,
                    sd_bus_message *reply,
                    void *userdata,
                    sd_bus_error *error) {
        WallClock clock = wall_clock_now();
        const Process *p = process_of(userdata);
        uint64_t usec = entry_deadline(userdata);

        if (strcmp(property, "ChangedTime") == 0)
                usec = p->changed_usec;
        else if (strcmp(property, "StartedTime") == 0)
                usec = p->spawned_usec;
        else if (strcmp(property, "StoppedTime") == 0)
                usec = p->ended_usec;
        return sd_bus_message_append(reply, "t", wall_clock_of(&clock, usec));
}

/* NOLINTEND(readability-function-size) */

/* ---------------------------------------------------------------- methods */

/* The connection that the call came on. */
static Connection *caller(const Entry *entry) {
        return entry->supervisor->bus->current;
}

static int operate_one(sd_bus_message *m, Entry *entry, Order order, sd_bus_error *error) {
        Selected item = { .index = entry->index, .named = true };
        Selection selection = { .items = &item, .n = 1 };
        OperateOptions options = { .order = order, .is_single = true };
        int r = 0;

        if (order != ORDER_KILL)
                r = check_not_shutting_down(entry->supervisor, error);
        if (r >= 0)
                r = read_options(m, &options.wait, error);
        return r < 0 ? r : operate(caller(entry), m, &selection, &options, error);
}

int process_method_start(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_START, error);
}

int process_method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_STOP, error);
}

int process_method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_RESTART, error);
}

int process_method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_KILL, error);
}

int process_method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *text;
        int signo, r;

        r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                r = read_signal(text, &signo, error);
        if (r < 0)
                return r;
        r = signal_process(userdata, signo);
        if (r == -ESRCH)
                return call_fail(error, BUS_ERROR_NOT_RUNNING, "it is not running");
        return r < 0 ? call_fail_errno(error, r) : sd_bus_reply_method_return(m, "");
}

#define PROPERTY(name, type, getter) SD_BUS_PROPERTY(name, type, getter, 0, 0)
/* What a caller may do is decided before, see access.h. */
#define OPEN_TO_ALL SD_BUS_VTABLE_UNPRIVILEGED
#define OPTIONS SD_BUS_ARGS("a{sv}", options)

const sd_bus_vtable bus_process_vtable[] = {
        SD_BUS_VTABLE_START(0),
        PROPERTY("Group", "s", get_text),
        PROPERTY("Name", "s", get_text),
        PROPERTY("Program", "s", get_text),
        PROPERTY("State", "s", get_text),
        PROPERTY("Goal", "s", get_text),
        PROPERTY("Phase", "s", get_text),
        PROPERTY("SpawnError", "s", get_text),
        PROPERTY("ExitKind", "s", get_text),
        PROPERTY("StatusText", "s", get_text),
        PROPERTY("Health", "s", get_text),
        PROPERTY("HealthText", "s", get_text),
        PROPERTY("StdoutLog", "s", get_text),
        PROPERTY("StderrLog", "s", get_text),
        PROPERTY("StateCode", "i", get_number),
        PROPERTY("ExitValue", "i", get_number),
        PROPERTY("PID", "u", get_count),
        PROPERTY("Failures", "u", get_count),
        PROPERTY("Starts", "u", get_count),
        PROPERTY("HealthFailures", "u", get_count),
        PROPERTY("Ready", "b", get_flag),
        PROPERTY("Autostart", "b", get_flag),
        PROPERTY("Enabled", "b", get_flag),
        PROPERTY("CoreDumped", "b", get_flag),
        PROPERTY("GroupPriority", "x", get_priority),
        PROPERTY("Priority", "x", get_priority),
        PROPERTY("ChangedTime", "t", get_time),
        PROPERTY("StartedTime", "t", get_time),
        PROPERTY("StoppedTime", "t", get_time),
        PROPERTY("Deadline", "t", get_time),
        SD_BUS_METHOD_WITH_ARGS("Start",
                                OPTIONS,
                                SD_BUS_NO_RESULT,
                                process_method_start,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Stop",
                                OPTIONS,
                                SD_BUS_NO_RESULT,
                                process_method_stop,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Restart",
                                OPTIONS,
                                SD_BUS_NO_RESULT,
                                process_method_restart,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Kill",
                                OPTIONS,
                                SD_BUS_NO_RESULT,
                                process_method_kill,
                                OPEN_TO_ALL),
        SD_BUS_METHOD_WITH_ARGS("Signal",
                                SD_BUS_ARGS("s", signal),
                                SD_BUS_NO_RESULT,
                                process_method_signal,
                                OPEN_TO_ALL),
        SD_BUS_VTABLE_END,
};
