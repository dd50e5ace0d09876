/*
 * A process in words and numbers. What is shown lags behind nothing: it is read from the engine and
 * the daemon when it is asked for.
 */
#include "bus/methods/record.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "bus/client/message.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/health-check.h"
#include "protocol/bus-names.h"

const Process *entry_process(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

const char *entry_phase(const Entry *entry) {
        const Process *p = entry_process(entry);

        return p->start_due && !phase_has_child(p->phase) ? "waiting" : phase_to_string(p->phase);
}

const char *exit_kind_to_string(ExitKind kind) {
        switch (kind) {
        case EXIT_STATUS:
                return "status";
        case EXIT_SIGNAL:
                return "signal";
        case EXIT_SPAWN_FAILED:
                return "spawn-failed";
        case EXIT_NONE:
                break;
        }
        return "";
}

const char *entry_spawn_error(const Entry *entry, char **owned) {
        const Process *p = entry_process(entry);
        ProcessState state = phase_to_state(p->phase);

        *owned = NULL;
        if (entry->start_failure)
                *owned = start_failure_describe(entry->start_failure);
        if (*owned)
                return *owned;
        if (state != STATE_BACKOFF && state != STATE_FATAL && state != STATE_EXITED)
                return "";
        if (p->exit.kind == EXIT_SPAWN_FAILED)
                return strerror(p->exit.value);
        if (p->run.early)
                return "Exited too quickly (process log may have details)";
        if (p->exit.kind == EXIT_NONE || exit_is_expected(p->config, &p->exit))
                return "";
        if (asprintf(owned, "Bad exit code %d", p->exit.kind == EXIT_STATUS ? p->exit.value : -1) <
            0)
                *owned = NULL;
        return *owned ?: "";
}

uint64_t entry_deadline(const Entry *entry) {
        const Process *p = entry_process(entry);

        if (!phase_comes_back(p->phase) && !phase_is_ending(p->phase))
                return USEC_INFINITY;
        return engine_process_deadline(entry->supervisor->engine, entry->index);
}

const char *entry_log_path(const Entry *entry, OutputStream stream) {
        const Output *output = child_get_output(entry->child);
        const LogTarget *log = &entry_process(entry)->config->log[stream];

        if (output)
                return output_get_path(output, stream);
        return log->kind == LOG_KIND_FILE ? log->path : NULL; /* it was never started */
}

typedef struct Texts { /* of one record, as far as they had to be copied */
        char *group, *name, *spawn_error, *valid_error, *status, *logs[2];
} Texts;

static void texts_done(Texts *t) {
        free(t->group);
        free(t->name);
        free(t->spawn_error);
        free(t->valid_error);
        free(t->status);
        free(t->logs[0]);
        free(t->logs[1]);
}

int append_state(sd_bus_message *m, const Entry *entry, const WallClock *clock) {
        _cleanup_(texts_done) Texts t = { 0 };
        const Process *p = entry_process(entry);
        const ProcessConfig *c = p->config;
        const char *error = entry_spawn_error(entry, &t.spawn_error);

        return sd_bus_message_append(m, BUS_STATE, message_text(c->group, &t.group),
                                     message_text(c->name, &t.name),
                                     process_state_to_string(phase_to_state(p->phase)),
                                     (uint32_t)child_get_pid(entry->child),
                                     wall_clock_of(clock, p->spawned_usec),
                                     wall_clock_of(clock, p->ended_usec),
                                     message_text(error, &t.valid_error));
}

/* What only some processes have. */
static int append_more(sd_bus_message *m, const Entry *entry) {
        const Health *health = entry_get_health(entry);
        _cleanup_(freep) char *owned = NULL;

        if (!health)
                return sd_bus_message_append(m, "a{sv}", 0);
        return sd_bus_message_append(m, "a{sv}", 3, "Health", "s", health_to_string(health->state),
                                     "HealthFailures", "u", (uint32_t)health->failures,
                                     "HealthText", "s",
                                     message_text(entry_get_health_words(entry), &owned));
}

int append_record(sd_bus_message *m, const Entry *entry, const WallClock *clock) {
        _cleanup_(texts_done) Texts t = { 0 };
        const Process *p = entry_process(entry);
        const ProcessConfig *c = p->config;
        const char *error = entry_spawn_error(entry, &t.spawn_error);
        int64_t priorities[2] = { c->group_priority, c->priority };
        int r;

        r = sd_bus_message_open_container(m, 'r', BUS_RECORD_FIELDS);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, BUS_RECORD_PLAIN, message_text(c->group, &t.group),
                                  message_text(c->name, &t.name),
                                  process_state_to_string(phase_to_state(p->phase)),
                                  p->goal == GOAL_UP ? "up" : "down", entry_phase(entry),
                                  process_is_ready(p), (uint32_t)child_get_pid(entry->child),
                                  wall_clock_of(clock, p->changed_usec),
                                  wall_clock_of(clock, p->spawned_usec),
                                  wall_clock_of(clock, p->ended_usec),
                                  message_text(error, &t.valid_error),
                                  exit_kind_to_string(p->exit.kind), (int32_t)p->exit.value,
                                  p->exit.core_dumped, (uint32_t)p->failures,
                                  (uint32_t)entry->n_starts,
                                  wall_clock_of(clock, entry_deadline(entry)),
                                  c->settings->autostart, !p->disabled, priorities[0],
                                  priorities[1],
                                  message_text(entry_get_notify_status(entry), &t.status),
                                  message_text(entry_log_path(entry, OUTPUT_STDOUT), &t.logs[0]),
                                  message_text(entry_log_path(entry, OUTPUT_STDERR), &t.logs[1]));
        if (r >= 0)
                r = append_more(m, entry);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* ---------------------------------------------------------------- times */

WallClock wall_clock_now(void) {
        return (WallClock){ .real_usec = now_wall_usec(), .monotonic_usec = now_usec() };
}

uint64_t wall_clock_of(const WallClock *clock, uint64_t monotonic_usec) {
        if (monotonic_usec == 0 || monotonic_usec == USEC_INFINITY)
                return 0;
        return clock->real_usec - clock->monotonic_usec + monotonic_usec;
}
