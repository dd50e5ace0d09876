/*
 * The table of a process's object. The objects are not registered one by one: libsystemd asks for
 * the one that a path means, and it is looked up as any name of a process is.
 */
#include "bus/process-object.h"

#include <errno.h>

#include "bus/client/connection.h"
#include "bus/client/message.h"
#include "bus/client/select.h"
#include "bus/methods/at-once.h"
#include "bus/methods/operate.h"
#include "bus/methods/record.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/health-check.h"
#include "protocol/bus-names.h"

/* ---------------------------------------------------------------- which */

/* NOLINTNEXTLINE(readability-function-size): the arguments are libsystemd's */
int process_object_find(sd_bus *link,
                        const char *path,
                        const char *interface,
                        void *userdata,
                        void **ret_found,
                        sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        Connection *c = userdata;
        const Supervisor *s = c->supervisor;
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
        c->object.entry = s->entries[selection.items[0].index];
        *ret_found = &c->object;
        return 1;
}

static int object_path_of(const Process *p, char **ret) {
        _cleanup_(freep) char *name = NULL;

        if (asprintf(&name, "%s:%s", p->config->group, p->config->name) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        return sd_bus_path_encode(BUS_PROCESS_PATH, name, ret);
}

int process_object_list(sd_bus *link,
                        const char *prefix,
                        void *userdata,
                        char ***ret,
                        sd_bus_error *error) {
        const Connection *c = userdata;
        const Supervisor *s = c->supervisor;
        char **paths = calloc(engine_size(s->engine) + 1, sizeof(char *));
        size_t n = 0;

        if (!paths)
                return -ENOMEM;
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && object_path_of(p, &paths[n]) >= 0)
                        n++;
        }
        *ret = paths;
        return 0;
}

/* ---------------------------------------------------------------- values */

static ProcessState state_of(const Entry *entry) {
        return phase_to_state(entry_process(entry)->phase);
}

static int append_flag(sd_bus_message *m, bool value) {
        return sd_bus_message_append(m, "b", value);
}

/* A moment of CLOCK_MONOTONIC. */
static int append_time(sd_bus_message *m, uint64_t usec) {
        WallClock clock = wall_clock_now();

        return sd_bus_message_append(m, "t", wall_clock_of(&clock, usec));
}

static int get_group(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_process(entry)->config->group);
}

static int get_name(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_process(entry)->config->name);
}

static int get_program(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_process(entry)->config->program);
}

static int get_state(sd_bus_message *m, const void *entry) {
        return append_text(m, process_state_to_string(state_of(entry)));
}

static int get_goal(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_process(entry)->goal == GOAL_UP ? "up" : "down");
}

static int get_phase(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_phase(entry));
}

static int get_spawn_error(sd_bus_message *m, const void *entry) {
        _cleanup_(freep) char *owned = NULL;

        return append_text(m, entry_spawn_error(entry, &owned));
}

static int get_exit_kind(sd_bus_message *m, const void *entry) {
        return append_text(m, exit_kind_to_string(entry_process(entry)->exit.kind));
}

static int get_status_text(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_get_notify_status(entry));
}

static int get_health(sd_bus_message *m, const void *entry) {
        const Health *health = entry_get_health(entry);

        return append_text(m, health ? health_to_string(health->state) : "");
}

static int get_health_text(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_get_health_words(entry));
}

static int get_stdout_log(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_log_path(entry, OUTPUT_STDOUT));
}

static int get_stderr_log(sd_bus_message *m, const void *entry) {
        return append_text(m, entry_log_path(entry, OUTPUT_STDERR));
}

static int get_state_code(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "i", process_state_to_code(state_of(entry)));
}

static int get_exit_value(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "i", entry_process(entry)->exit.value);
}

static int get_pid(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "u",
                                     (uint32_t)child_get_pid(((const Entry *)entry)->child));
}

static int get_failures(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "u", (uint32_t)entry_process(entry)->failures);
}

static int get_starts(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "u", (uint32_t)((const Entry *)entry)->n_starts);
}

static int get_health_failures(sd_bus_message *m, const void *entry) {
        const Health *health = entry_get_health(entry);

        return sd_bus_message_append(m, "u", health ? (uint32_t)health->failures : 0);
}

static int get_ready(sd_bus_message *m, const void *entry) {
        return append_flag(m, process_is_ready(entry_process(entry)));
}

static int get_autostart(sd_bus_message *m, const void *entry) {
        return append_flag(m, entry_process(entry)->config->settings->autostart);
}

static int get_enabled(sd_bus_message *m, const void *entry) {
        return append_flag(m, !entry_process(entry)->disabled);
}

static int get_core_dumped(sd_bus_message *m, const void *entry) {
        return append_flag(m, entry_process(entry)->exit.core_dumped);
}

static int get_group_priority(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "x", (int64_t)entry_process(entry)->config->group_priority);
}

static int get_priority(sd_bus_message *m, const void *entry) {
        return sd_bus_message_append(m, "x", (int64_t)entry_process(entry)->config->priority);
}

static int get_changed(sd_bus_message *m, const void *entry) {
        return append_time(m, entry_process(entry)->changed_usec);
}

static int get_started(sd_bus_message *m, const void *entry) {
        return append_time(m, entry_process(entry)->spawned_usec);
}

static int get_stopped(sd_bus_message *m, const void *entry) {
        return append_time(m, entry_process(entry)->ended_usec);
}

static int get_deadline(sd_bus_message *m, const void *entry) {
        return append_time(m, entry_deadline(entry));
}

/* ---------------------------------------------------------------- the table */

static const PropertyRow properties[] = {
        { "Group", "s", get_group },
        { "Name", "s", get_name },
        { "Program", "s", get_program },
        { "State", "s", get_state },
        { "Goal", "s", get_goal },
        { "Phase", "s", get_phase },
        { "SpawnError", "s", get_spawn_error },
        { "ExitKind", "s", get_exit_kind },
        { "StatusText", "s", get_status_text },
        { "Health", "s", get_health },
        { "HealthText", "s", get_health_text },
        { "StdoutLog", "s", get_stdout_log },
        { "StderrLog", "s", get_stderr_log },
        { "StateCode", "i", get_state_code },
        { "ExitValue", "i", get_exit_value },
        { "PID", "u", get_pid },
        { "Failures", "u", get_failures },
        { "Starts", "u", get_starts },
        { "HealthFailures", "u", get_health_failures },
        { "Ready", "b", get_ready },
        { "Autostart", "b", get_autostart },
        { "Enabled", "b", get_enabled },
        { "CoreDumped", "b", get_core_dumped },
        { "GroupPriority", "x", get_group_priority },
        { "Priority", "x", get_priority },
        { "ChangedTime", "t", get_changed },
        { "StartedTime", "t", get_started },
        { "StoppedTime", "t", get_stopped },
        { "Deadline", "t", get_deadline },
};

static const MethodRow methods[] = {
        { "Start", "a{sv} options", "", process_method_start, ACCESS_OPERATE },
        { "Stop", "a{sv} options", "", process_method_stop, ACCESS_OPERATE },
        { "Restart", "a{sv} options", "", process_method_restart, ACCESS_OPERATE },
        { "Kill", "a{sv} options", "", process_method_kill, ACCESS_OPERATE },
        { "Signal", "s signal", "", process_method_signal, ACCESS_OPERATE },
};

/* NOLINTNEXTLINE(readability-function-size): the arguments are libsystemd's */
static int get_property_of_process(sd_bus *link,
                                   const char *path,
                                   const char *interface,
                                   const char *property,
                                   sd_bus_message *reply,
                                   void *object,
                                   sd_bus_error *error) {
        return object_get_property(&process_object, property, reply,
                                   ((const ProcessObject *)object)->entry);
}

const ObjectRows process_object = {
        .interface = BUS_PROCESS,
        .getter = get_property_of_process,
        .properties = properties,
        .n_properties = ELEMENTSOF(properties),
        .methods = methods,
        .n_methods = ELEMENTSOF(methods),
};
