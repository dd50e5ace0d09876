/* A process has changed: its history, and the observers. */
#include "daemon/entry/entry-change.h"

#include "base/clock.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/history.h"
#include "daemon/entry/observer.h"
#include "daemon/entry/supervisor-state.h"

/* What was wanted of it has begun, and is no reason for what comes next. */
static void settle_origin(Entry *entry, ProcessState to) {
        const Process *p = entry_get_process(entry);

        if (to == STATE_STARTING || (p->goal == GOAL_DOWN && to == STATE_STOPPED))
                entry->origin = (Origin){ 0 };
}

static void tell_news(Entry *entry, const StateChange *change) {
        bool ready = process_is_ready(entry_get_process(entry));
        ProcessNews news = {
                .change = change,
                .ready_changed = ready != entry->told_ready,
                .is_ready = ready,
        };

        entry->told_ready = ready;
        supervisor_observe_process(entry->supervisor, entry->index, &news);
}

void entry_observe_change(Entry *entry, const Action *action) {
        Supervisor *s = entry->supervisor;
        const Process *p = entry_get_process(entry);
        StateChange change = {
                .sequence = ++s->news.sequence,
                .usec = now_wall_usec(),
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
        s->news.somebody_ended |= action->to == STATE_STOPPED || action->to == STATE_EXITED ||
                                  action->to == STATE_FATAL;
        history_add(&entry->history, &change);
        settle_origin(entry, action->to);
        tell_news(entry, &change);
}

void entry_observe_ready(Entry *entry) {
        if (process_is_ready(entry_get_process(entry)) != entry->told_ready)
                tell_news(entry, NULL);
}

void entry_observe_removal(const Entry *entry) {
        supervisor_observe_removal(entry->supervisor, entry->index);
}
