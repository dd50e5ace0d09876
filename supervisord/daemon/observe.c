/* A process has changed: its history, those who listen, and those who wait for it. */

#include "base/clock.h"
#include "bus/bus.h"
#include "daemon/supervisor-internal.h"

static const Process *process_of(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

static uint64_t wall_usec(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
        return (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / NSEC_PER_USEC;
}

/* What was wanted of it has begun, and is no reason for what comes next. */
static void settle_origin(Entry *entry, ProcessState to) {
        const Process *p = process_of(entry);

        if (to == STATE_STARTING || (p->goal == GOAL_DOWN && to == STATE_STOPPED))
                entry->origin = (Origin){ 0 };
}

void entry_observe_change(Entry *entry, const Action *action) {
        Supervisor *s = entry->supervisor;
        const Process *p = process_of(entry);
        StateChange change = {
                .sequence = ++s->sequence,
                .usec = wall_usec(),
                .from = action->from,
                .to = action->to,
                .cause = cause_of(p, action->from, action->to, &entry->origin,
                                  engine_shutdown_mode(s->engine) != SHUTDOWN_NONE),
                .by_uid = entry->origin.uid,
                .by_pid = entry->origin.pid,
                .pid = action->to == STATE_STARTING ? 0 : entry->last_pid,
                .exit = p->exit,
        };

        if (action->to == STATE_STARTING)
                entry->n_starts++;
        s->somebody_ended |= action->to == STATE_STOPPED || action->to == STATE_EXITED ||
                             action->to == STATE_FATAL;
        history_add(&entry->history, &change);
        bus_process_changed(s->bus, entry, &change);
        settle_origin(entry, action->to);
        entry_observe_ready(entry);
        waiters_notify(&entry->waiters, p, action->to, entry->start_failure);
}

void entry_observe_ready(Entry *entry) {
        Supervisor *s = entry->supervisor;
        const Process *p = process_of(entry);
        bool ready = process_is_ready(p);

        if (ready == entry->told_ready)
                return;
        entry->told_ready = ready;
        bus_ready_changed(s->bus, entry, ready);
        if (ready)
                waiters_notify(&entry->waiters, p, STATE_RUNNING, entry->start_failure);
}

void entry_observe_removal(Entry *entry) {
        waiters_drop(&entry->waiters, process_of(entry));
}

void supervisor_recheck_waiters(Supervisor *s) {
        for (size_t i = 0; i < s->n_entries; i++) {
                Entry *entry = s->entries[i];
                const Process *p = entry ? process_of(entry) : NULL;

                if (p && !LIST_EMPTY(&entry->waiters))
                        waiters_notify(&entry->waiters, p, phase_to_state(p->phase),
                                       entry->start_failure);
        }
}
