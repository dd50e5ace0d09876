/* The engine's actions, done and told to the log in the words of Python's supervisor. */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "daemon/supervisor-internal.h"
#include "daemon/words.h"
#include "log/log.h"

/* A spawn takes about a tenth of a millisecond: let signals and output have a turn in between. */
#define SPAWNS_PER_TURN 64

/* How long main processes have to die before the rest of their trees is looked for. */
#define KILL_REST_USEC (3 * USEC_PER_MSEC)

static const Process *process_of(const Entry *entry) {
        return engine_get(entry->supervisor->engine, entry->index);
}

static const char *name_of(const Entry *entry) {
        return process_of(entry)->config->name;
}

void entry_start_failed(Entry *entry, int error, StartFailure *failure) {
        _cleanup_(freep) char *words = start_failure_describe(failure);
        Supervisor *s = entry->supervisor;

        free(entry->start_failure);
        entry->start_failure = failure;
        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_SPAWN_ERROR), "spawnerr: %s",
                  words ?: "out of memory");
        engine_spawn_failed(s->engine, entry->index, error, supervisor_now());
}

static int prepare_readiness(Entry *entry, ChildExtras *extras, StartFailure **reterr) {
        StartFailure failure = { .reason = START_REASON_READINESS, .subject = name_of(entry) };
        int r;

        r = entry_prepare_readiness(entry, extras);
        if (r >= 0)
                r = entry_prepare_notify(entry, extras);
        if (r < 0) {
                failure.error = -r;
                *reterr = start_failure_new(&failure);
        }
        return r;
}

static void spawn_entry(Supervisor *s, Entry *entry) {
        ChildExtras extras = CHILD_EXTRAS_NONE;
        _cleanup_(freep) char *note = NULL;
        StartFailure *failure = NULL;
        int r;

        r = prepare_readiness(entry, &extras, &failure);
        if (r >= 0)
                r = entry_prepare_sockets(entry, &extras, &failure);
        if (r >= 0)
                r = child_spawn(entry->child, process_of(entry)->config, &extras, &failure, &note);
        if (r < 0) {
                entry_start_failed(entry, -r, failure);
                return;
        }

        supervisor_sweep_later(s);
        if (note)
                log_warn("%s: %s", name_of(entry), note);
        entry->last_pid = child_get_pid(entry->child);
        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_SPAWNED),
                  "spawned: '%s' with pid %d", name_of(entry), entry->last_pid);
        entry_begin_readiness(entry);
}

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

static void signal_entry(Entry *entry, const Action *action) {
        int r;

        if (action->signal == 0)
                return; /* stopsignal=0: only the end of the grace ends it */
        if (process_of(entry)->stop_step > 0 && process_of(entry)->phase == PHASE_STOPPING)
                log_info("%s has not stopped yet, sending %s", name_of(entry),
                         words_signal(action->signal));
        r = child_signal(entry->child, child_scope(action->scope), action->signal);
        if (r < 0)
                log_warn("cannot send %s to '%s' (%d), it gets SIGKILL after its grace: %s",
                         words_signal(action->signal), name_of(entry), entry->last_pid,
                         strerror(-r));
}

static void kill_scope(Entry *entry) {
        int r;

        r = child_kill(entry->child, entry->kill_scope);
        if (r < 0)
                log_error("cannot kill '%s' (%d), trying again: %s", name_of(entry),
                          entry->last_pid, strerror(-r));
}

/* What has outlived its main process, or whose main process has outlived its SIGKILL. */
static int on_kill_rest(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        for (size_t i = 0; i < s->n_entries; i++) {
                Entry *entry = s->entries[i];

                if (!entry || !entry->kill_pending)
                        continue;
                entry->kill_pending = false;
                kill_scope(entry);
        }
        return 0;
}

static int arm_kill_rest(Supervisor *s) {
        int enabled = SD_EVENT_OFF, r;

        if (!s->kill_rest)
                return sd_event_add_time_relative(s->event, &s->kill_rest, CLOCK_MONOTONIC,
                                                  KILL_REST_USEC, 1, on_kill_rest, s);
        (void)sd_event_source_get_enabled(s->kill_rest, &enabled);
        if (enabled != SD_EVENT_OFF)
                return 0;
        r = sd_event_source_set_time_relative(s->kill_rest, KILL_REST_USEC);
        return r < 0 ? r : sd_event_source_set_enabled(s->kill_rest, SD_EVENT_ONESHOT);
}

/*
 * The main process dies at once, and it is all there is to most trees. Looking for the rest of a
 * tree takes its time, and waits until all that are due have had their SIGKILL and have been
 * reaped: a hundred that are late together must not wait for each other.
 */
static void kill_entry(Supervisor *s, Entry *entry, const Action *action) {
        log_event(LOG_LEVEL_WARN, ENTRY_FIELDS(entry, LOG_MESSAGE_KILLING),
                  "killing '%s' (%d) with SIGKILL", name_of(entry), entry->last_pid);
        entry->kill_scope = child_scope(action->scope);
        entry->kill_pending = entry->kill_scope == CHILD_TREE && child_get_pid(entry->child) > 0 &&
                              arm_kill_rest(s) >= 0;
        if (entry->kill_pending)
                (void)child_signal(entry->child, CHILD_LEADER,
                                   SIGKILL); /* the rest tells of errors */
        else
                kill_scope(entry);
}

/* ---------------------------------------------------------------- changes of state */

static void tell_last_lines(const Entry *entry, OutputStream stream) {
        Output *output = child_get_output(entry->child);
        int64_t n = process_of(entry)->config->settings->last_output_lines;
        _cleanup_(freep) char *text = NULL;
        char *rest, *line;

        if (!output || n <= 0 || output_last_lines(output, stream, (size_t)n, &text) <= 0)
                return; /* without memory the log file still has them */
        rest = text;
        while ((line = strsep(&rest, "\n")))
                log_warn("  last %s of %s: %s", stream == OUTPUT_STDOUT ? "stdout" : "stderr",
                         name_of(entry), line);
}

static void tell_end(const Entry *entry, const char *verb, const char *verdict, bool expected) {
        _cleanup_(freep) char *how = NULL;
        const char *id = strcmp(verb, "stopped") == 0 ? LOG_MESSAGE_STOPPED
                         : expected                   ? LOG_MESSAGE_EXITED
                                                      : LOG_MESSAGE_CRASHED;

        if (process_of(entry)->exit.kind == EXIT_SPAWN_FAILED)
                return; /* spawnerr: has said it */
        if (process_of(entry)->exit.kind == EXIT_NONE)
                return; /* it was stopped before it was spawned */
        if (words_exit(&process_of(entry)->exit, &how) < 0)
                return;
        log_event(expected ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, ENTRY_FIELDS(entry, id),
                  "%s: %s (%s%s)", verb, name_of(entry), how, verdict);
        if (!expected && strcmp(verb, "exited") == 0) {
                tell_last_lines(entry, OUTPUT_STDOUT);
                tell_last_lines(entry, OUTPUT_STDERR);
        }
}

static void tell_running(const Entry *entry) {
        int64_t usec = process_of(entry)->config->settings->startsecs_usec;

        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_RUNNING),
                  "success: %s entered RUNNING state, process has stayed up for > than %g seconds "
                  "(startsecs)",
                  name_of(entry), usec > 0 ? (double)usec / (double)USEC_PER_SEC : 0.0);
}

/* Why a run counts as failed that is stopped for it. */
static void tell_failure(const Entry *entry) {
        const Process *p = process_of(entry);
        char time[WORDS_DURATION_MAX];

        switch (p->failure) {
        case FAILURE_NONE:
                return;
        case FAILURE_WATCHDOG:
                log_warn("%s gave no sign of life for %s (watchdog), stopping it", p->config->name,
                         words_duration(p->watchdog_usec, time));
                return;
        case FAILURE_TRIGGERED:
                log_warn("%s says that it has failed (watchdog), stopping it", p->config->name);
                return;
        case FAILURE_UNHEALTHY:
                log_warn("%s is unhealthy, stopping it: %s", p->config->name,
                         entry_get_health_words(entry));
                return;
        case FAILURE_LINGERING:
                log_warn("%s was ending by itself, but has not come to its end, stopping it",
                         p->config->name);
                return;
        }
}

static void tell_stopping(const Entry *entry) {
        const Process *p = process_of(entry);
        char cut[WORDS_DURATION_MAX], full[WORDS_DURATION_MAX];

        if (p->phase == PHASE_CLEANING && !p->asked)
                log_info("%s has ended, running its post_stop_command", p->config->name);
        else if (p->failure != FAILURE_NONE)
                tell_failure(entry);
        else if (p->asked && p->is_cut)
                log_warn("waiting for %s to stop, for %s instead of its own %s, to end within "
                         "shutdown_timeout",
                         p->config->name, words_duration(p->grace_end_usec - p->asked_usec, cut),
                         words_duration((uint64_t)process_config_grace_usec(p->config), full));
        else if (p->asked)
                log_info("waiting for %s to stop", p->config->name);
        else if (p->hook == HOOK_PRE_START)
                log_warn("pre_start_command of %s takes longer than hook_timeout, ending it",
                         p->config->name);
        else if (p->was_up && !p->ready && p->early)
                log_warn("%s did not become ready in time, stopping it", p->config->name);
        else if (p->leader_gone)
                log_info("%s has left processes behind, asking them to end", p->config->name);
        else
                log_warn("%s did not show its main process in time, stopping it", p->config->name);
}

static void tell_change(const Entry *entry, const Action *action) {
        const Process *p = process_of(entry);
        bool expected = process_ended_well(p);

        switch (action->to) {
        case STATE_RUNNING:
                tell_running(entry);
                return;
        case STATE_STOPPING:
                tell_stopping(entry);
                return;
        case STATE_STOPPED:
                if (action->from != STATE_BACKOFF)
                        tell_end(entry, "stopped", "", expected);
                return;
        case STATE_EXITED:
                tell_end(entry, "exited", expected ? "; expected" : "; not expected", expected);
                return;
        case STATE_BACKOFF:
                tell_end(entry, "exited", "; not expected", false);
                return;
        case STATE_FATAL:
                tell_end(entry, "exited", "; not expected", false);
                log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_GAVE_UP),
                          "gave up: %s entered FATAL state, too many start retries too quickly",
                          p->config->name);
                return;
        case STATE_STARTING:
        case _STATE_MAX:
                return;
        }
}

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
        const Process *p = process_of(entry);
        bool failed =
                action->to == STATE_FATAL || (action->to == STATE_EXITED && !process_ended_well(p));

        if (!p->config->settings->essential || !failed || p->goal != GOAL_UP || p->start_due ||
            phase_comes_back(p->phase) || phase_has_child(p->phase) ||
            engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                return;
        s->exit_code = status_from(&p->exit);
        log_critical("%s is essential and has failed, shutting down with exit status %d",
                     p->config->name, s->exit_code);
        supervisor_shutdown(s, SHUTDOWN_GRACEFUL);
}

static bool state_has_child(ProcessState state) {
        return state == STATE_STARTING || state == STATE_RUNNING || state == STATE_STOPPING;
}

static void change_entry(Supervisor *s, Entry *entry, const Action *action) {
        tell_change(entry, action);

        s->n_running += action->to == STATE_RUNNING;
        s->n_running -= action->from == STATE_RUNNING;
        s->n_fatal += action->to == STATE_FATAL;
        s->n_fatal -= action->from == STATE_FATAL;

        if (state_has_child(action->from) && !state_has_child(action->to)) {
                child_run_over(entry->child);
                entry->kill_pending = false;
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

        if (!process_of(entry)->spare)
                log_info("removed: %s", name_of(entry));
        s->n_fatal -= process_of(entry)->phase == PHASE_FATAL;
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
                spawn_entry(s, entry);
                return;
        case ACTION_SIGNAL:
                signal_entry(entry, action);
                return;
        case ACTION_KILL:
                kill_entry(s, entry, action);
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
                log_info("%s waits for %s", name_of(entry), name_of_other(s, action));
                return;
        case ACTION_FOLLOWS:
                log_warn("stopping %s, as it depends on %s", name_of(entry),
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
                if (!engine_next_action(s->engine, supervisor_now(), &action))
                        return true;
                n_spawns += action.kind == ACTION_SPAWN;
                perform(s, &action);
        }
        return false;
}
