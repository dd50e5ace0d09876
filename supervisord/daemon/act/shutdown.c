/* The way down: what is told meanwhile, and when it is over. */
#include "daemon/act/shutdown.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "daemon/act/state-report.h"
#include "daemon/act/status.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/observer.h"
#include "daemon/entry/sockets.h"
#include "daemon/entry/status-notice.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"
#include "manager/notify.h"

#define PROGRESS_USEC (3 * USEC_PER_SEC)

/* Strangers that we adopted and that even SIGKILL does not end: not worth waiting for any longer.
 */
#define SWEEP_USEC (2 * USEC_PER_SEC)
#define SWEEP_POLL_MSEC 5

static int on_progress(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;
        _cleanup_(freep) char *names = NULL, *kill = NULL;
        uint64_t remaining = engine_remaining_stop_usec(s->engine, now_usec());

        if (!engine_is_draining(s->engine) && report_awaited_names(s, &names) >= 0 &&
            report_next_kill(s, &kill) >= 0)
                log_info("waiting for %s to die%s", names, kill);
        if (remaining > 0) /* else our own deadline is over, and the manager's may end it, too */
                notify_extend(remaining);
        supervisor_status_changed(s);

        (void)sd_event_source_set_time_relative(source, PROGRESS_USEC);
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

/* Those that waited for a start hold theirs for nothing now. */
static void settle_sockets(const Supervisor *s) {
        for (size_t i = 0; i < s->n_entries; i++)
                if (s->entries[i])
                        entry_settle_sockets(s->entries[i]);
}

static void begin_shutdown(Supervisor *s) {
        _cleanup_(freep) char *text = supervisor_status_text(s);
        char time[WORDS_DURATION_MAX];
        int r;

        s->ending.began_usec = now_usec();
        supervisor_show_readiness(s); /* before anything else: nobody new shall come */
        /* From here on each closes with the last program that serves it: clients are told at once.
         */
        listening_close(s->options->listening);
        settle_sockets(s);
        if (engine_is_draining(s->engine))
                log_info("draining for %s before anything is stopped",
                         words_duration((uint64_t)s->config->daemon.drain_delay_usec, time));
        if (s->ending.restarts)
                notify_reloading(s->ending.began_usec); /* it is not the end of the service */
        else
                notify_stopping(engine_remaining_stop_usec(s->engine, s->ending.began_usec),
                                text ?: "Stopping");

        r = sd_event_add_time_relative(s->event, &s->ending.progress, CLOCK_MONOTONIC,
                                       PROGRESS_USEC, 0, on_progress, s);
        if (r < 0)
                log_debug("cannot tell about the progress of the shutdown: %s", strerror(-r));
}

static const char *how_of(const Supervisor *s, ShutdownMode mode) {
        if (mode == SHUTDOWN_NOW)
                return "now";
        if (mode == SHUTDOWN_FAST)
                return "fast";
        return s->ending.restarts ? "restart" : "graceful";
}

void supervisor_stay_down(Supervisor *s) {
        if (!s->ending.restarts)
                return;
        s->ending.restarts = false;
        log_warn("shutting down, there is no restart any more");
        notify_stopping(engine_remaining_stop_usec(s->engine, now_usec()), "Stopping");
}

void supervisor_shutdown(Supervisor *s, ShutdownMode mode) {
        bool first = engine_shutdown_mode(s->engine) == SHUTDOWN_NONE;
        char time[WORDS_DURATION_MAX];

        engine_shutdown(s->engine, mode, now_usec());
        if (first)
                begin_shutdown(s);
        supervisor_observe_shutdown(s, how_of(s, mode));
        supervisor_observe_prospects(s);

        if (mode == SHUTDOWN_FAST)
                log_warn("shutting down fast: %s more for every process; again to kill at once",
                         words_duration((uint64_t)s->config->daemon.fast_shutdown_timeout_usec,
                                        time));
        if (mode == SHUTDOWN_NOW)
                log_warn("shutting down now: killing all that is left");
}

/* kill_mode=process promises to leave leftovers alone: then nothing of ours is swept away either.
 */
static bool may_sweep(const Supervisor *s) {
        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && p->config->settings->kill_mode == KILL_MODE_PROCESS)
                        return false;
        }
        return true;
}

static int on_sweep_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        log_warn("some adopted processes cannot be killed, leaving them behind");
        return sd_event_exit(s->event, s->ending.exit_code);
}

void supervisor_finish_if_down(Supervisor *s) {
        int n_dying = 0, r;

        if (s->ending.is_over || engine_shutdown_mode(s->engine) == SHUTDOWN_NONE ||
            !engine_is_down(s->engine))
                return;

        s->ending.is_over = true;
        s->ending.progress = sd_event_source_disable_unref(s->ending.progress);
        report_end(s);

        if (may_sweep(s))
                n_dying = trees_kill_rest(s->host->trees);
        s->ending.leaves_rest = n_dying < 0;
        if (s->ending.leaves_rest)
                log_warn("cannot see whether anything is left, looking again: %s",
                         strerror(-n_dying));
        if (n_dying <= 0) {
                (void)sd_event_exit(s->event, s->ending.exit_code);
                return;
        }
        r = sd_event_add_time_relative(s->event, NULL, CLOCK_MONOTONIC, SWEEP_USEC, 0,
                                       on_sweep_timeout, s);
        if (r < 0)
                (void)sd_event_exit(s->event, s->ending.exit_code);
}

/* Reap all that has ended; false if no child is left. */
static bool reap_any(void) {
        siginfo_t info;
        int r;

        do {
                info.si_pid = 0;
                r = waitid(P_ALL, 0, &info, WEXITED | WNOHANG);
        } while ((r < 0 && errno == EINTR) || (r >= 0 && info.si_pid > 0));
        return r >= 0 || errno != ECHILD;
}

void supervisor_kill_all(Supervisor *s) {
        uint64_t end = now_usec() + SWEEP_USEC;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->config || !s->entries[i])
                        continue;
                /* What this misses is found below, where it may be. */
                (void)child_kill(s->entries[i]->child,
                                 p->config->settings->kill_mode == KILL_MODE_PROCESS ? CHILD_LEADER
                                                                                     : CHILD_TREE);
        }
        /* An error may pass. */
        while (may_sweep(s) && reap_any() && trees_kill_rest(s->host->trees) != 0 &&
               now_usec() < end)
                (void)poll(NULL, 0, SWEEP_POLL_MSEC); /* there is no loop any more to hold up */
}

static uint64_t to_usec(int64_t configured) {
        if (configured == DURATION_INFINITY)
                return USEC_INFINITY;
        return configured > 0 ? (uint64_t)configured : 0;
}

ShutdownRules shutdown_rules(const DaemonConfig *config) {
        return (ShutdownRules){
                .fast_usec = to_usec(config->fast_shutdown_timeout_usec),
                .drain_usec = to_usec(config->drain_delay_usec),
                .timeout_usec = to_usec(config->shutdown_timeout_usec),
        };
}
