/*
 * The lines of the main log about changes of state, by which people and their tools follow a
 * process: what it says is what Python's supervisor says, where that has words for it.
 */
#include "daemon/act/change-log.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"

static void tell_last_lines(const Entry *entry, OutputStream stream) {
        Output *output = child_get_output(entry->child);
        int64_t n = entry_get_process(entry)->config->settings->last_output_lines;
        _cleanup_(freep) char *text = NULL;
        char *rest, *line;

        if (!output || n <= 0 || output_last_lines(output, stream, (size_t)n, &text) <= 0)
                return; /* without memory the log file still has them */
        rest = text;
        while ((line = strsep(&rest, "\n")))
                log_warn("  last %s of %s: %s", stream == OUTPUT_STDOUT ? "stdout" : "stderr",
                         entry_get_name(entry), line);
}

static void tell_end(const Entry *entry, const char *verb, const char *verdict, bool expected) {
        _cleanup_(freep) char *how = NULL;
        const char *id = strcmp(verb, "stopped") == 0 ? LOG_MESSAGE_STOPPED
                         : expected                   ? LOG_MESSAGE_EXITED
                                                      : LOG_MESSAGE_CRASHED;

        if (entry_get_process(entry)->exit.kind == EXIT_SPAWN_FAILED)
                return; /* spawnerr: has said it */
        if (entry_get_process(entry)->exit.kind == EXIT_NONE)
                return; /* it was stopped before it was spawned */
        if (words_exit(&entry_get_process(entry)->exit, &how) < 0)
                return;
        log_event(expected ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, ENTRY_FIELDS(entry, id),
                  "%s: %s (%s%s)", verb, entry_get_name(entry), how, verdict);
        if (!expected && strcmp(verb, "exited") == 0) {
                tell_last_lines(entry, OUTPUT_STDOUT);
                tell_last_lines(entry, OUTPUT_STDERR);
        }
}

static void tell_running(const Entry *entry) {
        int64_t usec = entry_get_process(entry)->config->settings->startsecs_usec;

        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_RUNNING),
                  "success: %s entered RUNNING state, process has stayed up for > than %g seconds "
                  "(startsecs)",
                  entry_get_name(entry), usec > 0 ? (double)usec / (double)USEC_PER_SEC : 0.0);
}

/* Why a run counts as failed that is stopped for it. */
static void tell_stop_for_failure(const Entry *entry) {
        const Process *p = entry_get_process(entry);
        char time[WORDS_DURATION_MAX];

        switch (p->run.failure) {
        case FAILURE_NONE:
                return;
        case FAILURE_WATCHDOG:
                log_warn("%s gave no sign of life for %s (watchdog), stopping it", p->config->name,
                         words_duration(p->run.watchdog_usec, time));
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
        const Process *p = entry_get_process(entry);
        char cut[WORDS_DURATION_MAX], full[WORDS_DURATION_MAX];

        if (p->phase == PHASE_CLEANING && !p->asked)
                log_info("%s has ended, running its post_stop_command", p->config->name);
        else if (p->run.failure != FAILURE_NONE)
                tell_stop_for_failure(entry);
        else if (p->asked && p->run.is_cut)
                log_warn("waiting for %s to stop, for %s instead of its own %s, to end within "
                         "shutdown_timeout",
                         p->config->name,
                         words_duration(p->run.grace_end_usec - p->run.asked_usec, cut),
                         words_duration((uint64_t)process_config_grace_usec(p->config), full));
        else if (p->asked)
                log_info("waiting for %s to stop", p->config->name);
        else if (p->run.hook == HOOK_PRE_START)
                log_warn("pre_start_command of %s takes longer than hook_timeout, ending it",
                         p->config->name);
        else if (p->run.was_up && !p->run.ready && p->run.early)
                log_warn("%s did not become ready in time, stopping it", p->config->name);
        else if (p->run.leader_gone)
                log_info("%s has left processes behind, asking them to end", p->config->name);
        else
                log_warn("%s did not show its main process in time, stopping it", p->config->name);
}

void entry_log_change(const Entry *entry, const Action *action) {
        const Process *p = entry_get_process(entry);
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
