/*
 * What signals ask of the daemon: to end, to reload, to reopen its logs, to report. SIGCHLD is
 * reap.c's.
 */
#include "daemon/signals.h"

#include <errno.h>
#include <string.h>

#include "daemon/act/shutdown.h"
#include "daemon/act/state-report.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "daemon/event-source.h"
#include "daemon/reload.h"
#include "log/log.h"

static int
on_exit_request(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;
        _cleanup_(freep) char *awaited = NULL;
        int signo = (int)info->ssi_signo;
        ShutdownMode mode = SHUTDOWN_GRACEFUL;

        if (signo == SIGINT)
                s->ending.n_interrupts++;
        log_warn("received %s indicating exit request", words_signal(signo));

        /* Only a person at the terminal repeats SIGINT; a script's double kill must cost nobody his
         * grace. */
        if (signo == SIGINT && engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                mode = s->ending.n_interrupts > 2 ? SHUTDOWN_NOW : SHUTDOWN_FAST;
        supervisor_stay_down(s);
        if (mode > engine_shutdown_mode(s->engine))
                supervisor_shutdown(s, mode);
        else if (report_awaited(s, &awaited) >= 0)
                log_warn("already shutting down, waiting for %s", awaited);
        return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Supervisor *s = userdata;

        log_warn("received SIGHUP indicating reload request");
        supervisor_reload(s);
        return 0;
}

static int on_dump(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        report_state(userdata);
        return 0;
}

void supervisor_reopen_logs(Supervisor *s) {
        int r;

        r = log_reopen();
        if (r < 0)
                log_error("cannot open the log file again, going on with the old one: %s",
                          strerror(-r));
        else
                log_info("supervisord logreopen");
        outputs_reopen(s->host->outputs);
}

static int on_reopen(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        log_info("received SIGUSR2 indicating log reopen request");
        supervisor_reopen_logs(userdata);
        return 0;
}

int supervisor_watch_signals(Supervisor *s) {
        const struct {
                int signo;
                sd_event_signal_handler_t handler;
        } signals[] = {
                { SIGTERM, on_exit_request }, { SIGINT, on_exit_request },
                { SIGQUIT, on_exit_request }, { SIGHUP, on_hangup },
                { SIGUSR1, on_dump },         { SIGUSR2, on_reopen },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(signals) && r >= 0; i++)
                r = supervisor_watch_signal(s, signals[i].signo, signals[i].handler,
                                            PRIORITY_SIGNAL);
        return r;
}
