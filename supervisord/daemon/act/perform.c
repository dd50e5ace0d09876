/* The engine's actions, done and told to the log in the words of Python's supervisor. */
#include "daemon/act/perform.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/act/change-log.h"
#include "daemon/act/entry-kill.h"
#include "daemon/act/entry-start.h"
#include "daemon/act/roll-job.h"
#include "daemon/act/shutdown.h"
#include "daemon/act/table.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/entry-change.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/hook.h"
#include "daemon/entry/main-process.h"
#include "daemon/entry/ready-check.h"
#include "daemon/entry/status-notice.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

/* A spawn takes about a tenth of a millisecond: let signals and output have a turn in between. */
#define SPAWNS_PER_TURN 64

/* ---------------------------------------------------------------- changes of state */

/* The exit status that an essential program leaves us: its own, or as a shell has it for the rest.
 */
static int status_from(const ProcessExit *exit) {
        switch (exit->kind) {
        case EXIT_STATUS:
                return exit->value > 0 ? exit->value : EXIT_CODE_FAILED;
        case EXIT_SIGNAL:
                return 128 + exit->value;
        case EXIT_SPAWN_FAILED:
                return exit->value == ENOENT ? 127 : 126;
        case EXIT_NONE:
                break;
        }
        return EXIT_CODE_FAILED;
}

/* One that has failed for good and without which nothing makes sense takes all others down. */
static void follow_essential(Supervisor *s, const Entry *entry, const Action *action) {
        const Process *p = entry_get_process(entry);
        bool failed =
                action->to == STATE_FATAL || (action->to == STATE_EXITED && !process_ended_well(p));

        if (!p->config->settings->essential || !failed || p->goal != GOAL_UP || p->start_due ||
            phase_comes_back(p->phase) || phase_has_child(p->phase) ||
            engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                return;
        s->ending.exit_code = status_from(&p->exit);
        log_critical("%s is essential and has failed, shutting down with exit status %d",
                     p->config->name, s->ending.exit_code);
        supervisor_shutdown(s, SHUTDOWN_GRACEFUL);
}

static bool state_has_child(ProcessState state) {
        return state == STATE_STARTING || state == STATE_RUNNING || state == STATE_STOPPING;
}

static void change_entry(Supervisor *s, Entry *entry, const Action *action) {
        entry_log_change(entry, action);

        s->counts.running += action->to == STATE_RUNNING;
        s->counts.running -= action->from == STATE_RUNNING;
        s->counts.fatal += action->to == STATE_FATAL;
        s->counts.fatal -= action->from == STATE_FATAL;

        if (state_has_child(action->from) && !state_has_child(action->to)) {
                child_run_over(entry->child);
                entry->kill.is_pending = false;
                entry_stop_finding_main(entry);
                entry_forget_readiness(entry);
                entry_forget_notify(entry);
        }
        entry->told_more_time &= action->to != STATE_STOPPING;
        entry_update_health(entry);
        if (action->to == STATE_STARTING) {
                free(entry->start_failure);
                entry->start_failure = NULL;
        }
        entry_settle_sockets(entry);
        supervisor_status_changed(s);
        entry_observe_change(entry, action);
        follow_essential(s, entry, action);
}

/* One that had given up vanishes without a change of its state. */
static void remove_entry(Supervisor *s, Entry *entry) {
        size_t index = entry->index;

        if (!entry_get_process(entry)->spare)
                log_info("removed: %s", entry_get_name(entry));
        s->counts.fatal -= entry_get_process(entry)->phase == PHASE_FATAL;
        entry_observe_removal(entry);
        supervisor_drop(s, index);
        engine_forget(s->engine, index);
        supervisor_forget_in_rolls(s, index);
        supervisor_status_changed(s);
}

static const char *name_of_other(const Supervisor *s, const Action *action) {
        const ProcessConfig *config = action->other == DEPENDENCY_MISSING
                                              ? NULL
                                              : engine_get(s->engine, action->other)->config;

        return config ? config->name : "one that does not exist";
}

static void perform(Supervisor *s, const Action *action) {
        Entry *entry = s->entries[action->process];

        switch (action->kind) {
        case ACTION_SPAWN:
                entry_start(entry);
                return;
        case ACTION_SIGNAL:
                entry_signal(entry, action);
                return;
        case ACTION_KILL:
                entry_kill(entry, action);
                return;
        case ACTION_CHANGED:
                change_entry(s, entry, action);
                return;
        case ACTION_HOOK:
                entry_run_hook(entry, action->hook);
                return;
        case ACTION_HOOK_SIGNAL:
                entry_signal_hook(entry, action->signal);
                return;
        case ACTION_WAITING:
                log_info("%s waits for %s", entry_get_name(entry), name_of_other(s, action));
                return;
        case ACTION_FOLLOWS:
                log_warn("stopping %s, as it depends on %s", entry_get_name(entry),
                         name_of_other(s, action));
                return;
        case ACTION_REMOVED:
                remove_entry(s, entry);
                return;
        }
}

bool supervisor_perform(Supervisor *s) {
        unsigned n_spawns = 0;
        Action action;

        while (n_spawns < SPAWNS_PER_TURN) {
                if (!engine_next_action(s->engine, now_usec(), &action))
                        return true;
                n_spawns += action.kind == ACTION_SPAWN;
                perform(s, &action);
        }
        return false;
}
