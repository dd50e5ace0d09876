/* A process has changed: its history, and the observers. */

#include "base/clock.h"
#include "daemon/supervisor-internal.h"

static const Process *process_of(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

/* What was wanted of it has begun, and is no reason for what comes next. */
static void settle_origin(Entry *entry, ProcessState to) {
        const Process *p = process_of(entry);

        if (to == STATE_STARTING || (p->goal == GOAL_DOWN && to == STATE_STOPPED))
                entry->origin = (Origin){ 0 };
}

/* Call a function of each observer of @s. */
#define TELL(s, function, ...)                                         \
        do {                                                           \
                const Observer *o_;                                    \
                                                                       \
                LIST_FOREACH(o_, &(s)->observers, others)              \
                o_->function(o_->userdata __VA_OPT__(, ) __VA_ARGS__); \
        } while (0)

static void tell_news(Entry *entry, const StateChange *change) {
        bool ready = process_is_ready(process_of(entry));
        ProcessNews news = {
                .change = change,
                .ready_changed = ready != entry->told_ready,
                .is_ready = ready,
        };

        entry->told_ready = ready;
        TELL(entry->supervisor, process_changed, entry->index, &news);
}

void entry_observe_change(Entry *entry, const Action *action) {
        Supervisor *s = entry->supervisor;
        const Process *p = process_of(entry);
        StateChange change = {
                .sequence = ++s->sequence,
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
        s->somebody_ended |= action->to == STATE_STOPPED || action->to == STATE_EXITED ||
                             action->to == STATE_FATAL;
        history_add(&entry->history, &change);
        settle_origin(entry, action->to);
        tell_news(entry, &change);
}

void entry_observe_ready(Entry *entry) {
        if (process_is_ready(process_of(entry)) != entry->told_ready)
                tell_news(entry, NULL);
}

void entry_observe_removal(const Entry *entry) {
        TELL(entry->supervisor, process_removed, entry->index);
}

void supervisor_observe_prospects(const Supervisor *s) {
        TELL(s, prospects_changed);
}

void supervisor_observe_configuration(const Supervisor *s, const GroupChanges *groups) {
        TELL(s, configuration_changed, groups);
}

void supervisor_observe_shutdown(const Supervisor *s, const char *how) {
        TELL(s, shutdown_began, how);
}

void supervisor_add_observer(Supervisor *s, Observer *o) {
        LIST_INSERT_HEAD(&s->observers, o, others);
}

void supervisor_remove_observer(Supervisor *s, Observer *o) {
        LIST_REMOVE(o, others);
}
