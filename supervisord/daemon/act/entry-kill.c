/*
 * Signals, and the end by SIGKILL of those that do not end by them. Main processes are killed
 * first, the rest of their trees a little later and together.
 */
#include "daemon/act/entry-kill.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"

/* How long main processes have to die before the rest of their trees is looked for. */
#define KILL_REST_USEC (3 * USEC_PER_MSEC)

static ChildScope child_scope(SignalScope scope) {
        switch (scope) {
        case SCOPE_LEADER:
                return CHILD_LEADER;
        case SCOPE_GROUP:
                return CHILD_GROUP;
        case SCOPE_TREE:
                return CHILD_TREE;
        }
        return CHILD_LEADER;
}

void entry_signal(Entry *entry, const Action *action) {
        int r;

        if (action->signal == 0)
                return; /* stopsignal=0: only the end of the grace ends it */
        if (entry_get_process(entry)->run.stop_step > 0 &&
            entry_get_process(entry)->phase == PHASE_STOPPING)
                log_info("%s has not stopped yet, sending %s", entry_get_name(entry),
                         words_signal(action->signal));
        r = child_signal(entry->child, child_scope(action->scope), action->signal);
        if (r < 0)
                log_warn("cannot send %s to '%s' (%d), it gets SIGKILL after its grace: %s",
                         words_signal(action->signal), entry_get_name(entry), entry->last_pid,
                         strerror(-r));
}

static void kill_scope(Entry *entry) {
        int r;

        r = child_kill(entry->child, entry->kill.scope);
        if (r < 0)
                log_error("cannot kill '%s' (%d), trying again: %s", entry_get_name(entry),
                          entry->last_pid, strerror(-r));
}

/* What has outlived its main process, or whose main process has outlived its SIGKILL. */
static int on_kill_rest(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        for (size_t i = 0; i < s->n_entries; i++) {
                Entry *entry = s->entries[i];

                if (!entry || !entry->kill.is_pending)
                        continue;
                entry->kill.is_pending = false;
                kill_scope(entry);
        }
        return 0;
}

static int arm_kill_rest(Supervisor *s) {
        int enabled = SD_EVENT_OFF, r;

        if (!s->delayed.kill_rest)
                return sd_event_add_time_relative(s->event, &s->delayed.kill_rest, CLOCK_MONOTONIC,
                                                  KILL_REST_USEC, 1, on_kill_rest, s);
        (void)sd_event_source_get_enabled(s->delayed.kill_rest, &enabled);
        if (enabled != SD_EVENT_OFF)
                return 0;
        r = sd_event_source_set_time_relative(s->delayed.kill_rest, KILL_REST_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(s->delayed.kill_rest, SD_EVENT_ONESHOT);
}

/*
 * The main process dies at once, and it is all there is to most trees. Looking for the rest of a
 * tree takes its time, and waits until all that are due have had their SIGKILL and have been
 * reaped: a hundred that are late together must not wait for each other.
 */
void entry_kill(Entry *entry, const Action *action) {
        log_event(LOG_LEVEL_WARN, ENTRY_FIELDS(entry, LOG_MESSAGE_KILLING),
                  "killing '%s' (%d) with SIGKILL", entry_get_name(entry), entry->last_pid);
        entry->kill.scope = child_scope(action->scope);
        entry->kill.is_pending = entry->kill.scope == CHILD_TREE &&
                                 child_get_pid(entry->child) > 0 &&
                                 arm_kill_rest(entry->supervisor) >= 0;
        if (entry->kill.is_pending)
                (void)child_signal(entry->child, CHILD_LEADER,
                                   SIGKILL); /* the rest tells of errors */
        else
                kill_scope(entry);
}
