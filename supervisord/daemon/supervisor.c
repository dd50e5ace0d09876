/*
 * The daemon as a whole: set up, run until it is over, and freed. What happens in between is told
 * and done by others: events come in through reap.c, signals.c and output-events.c, turn.c does
 * what follows.
 */
#include "daemon/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "daemon/act/readiness-file.h"
#include "daemon/act/remembered.h"
#include "daemon/act/roll-job.h"
#include "daemon/act/shutdown.h"
#include "daemon/act/status.h"
#include "daemon/act/table.h"
#include "daemon/apply.h"
#include "daemon/entry/hook.h"
#include "daemon/entry/ready-check.h"
#include "daemon/entry/supervisor-options.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/sweep.h"
#include "daemon/output-events.h"
#include "daemon/reap.h"
#include "daemon/replan.h"
#include "daemon/signals.h"
#include "daemon/turn.h"
#include "log/log.h"
#include "manager/notify.h"

/* ---------------------------------------------------------------- set-up */

static int make_timers(Supervisor *s) {
        int r;

        r = turn_init(s);
        if (r >= 0)
                r = sweep_init(&s->delayed.sweep, s->event);
        if (r >= 0)
                r = supervisor_prepare_commits(s);
        if (r >= 0)
                r = status_init(s);
        if (r < 0)
                log_critical("cannot make a timer: %s", strerror(-r));
        return r;
}

static void on_tree_empty(void *owner) {
        Entry *entry = owner;

        engine_emptied(entry->supervisor->engine, entry->index, now_usec());
}

static int make_host(Supervisor *s) {
        HostOptions options = {
                .mask = s->options->mask,
                .environ = s->options->environ,
                .n_files = s->options->n_files,
                .writers = s->options->writers,
                .on_empty = on_tree_empty,
                .on_output = supervisor_on_output,
                .userdata = s,
        };
        const char *what = NULL;
        int r;

        r = host_new(&s->config->daemon, &options, &s->host, &what);
        if (r >= 0) {
                what = "memory";
                r = tools_new(s->host->spawner, s->options->environ, supervisor_check_ended, s,
                              &s->checks.tools);
        }
        if (r >= 0) {
                r = tools_new(s->host->spawner, s->options->environ, supervisor_hook_ended, s,
                              &s->hooks.tools);
        }
        if (r < 0)
                log_critical("cannot get %s: %s", what, strerror(-r));
        return r;
}

static int make_engine(Supervisor *s) {
        ShutdownRules rules = shutdown_rules(&s->config->daemon);
        uint64_t seed;
        int r;

        if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
                seed = now_usec(); /* only spreads restarts */

        r = engine_new(seed, &rules, &s->engine);
        if (r < 0)
                log_critical("cannot make the process table: %s", strerror(-r));
        return r;
}

/* What cannot be read is no reason not to start. */
static int recall(Supervisor *s) {
        int r;

        r = remembered_new(s->options->state_folder, &s->remembered);
        if (r < 0 && s->remembered)
                log_warn("cannot read what is remembered in %s: %s", s->options->state_folder,
                         strerror(-r));
        return s->remembered ? 0 : r;
}

int supervisor_new(Config **config, const SupervisorOptions *options, Supervisor **ret) {
        _cleanup_(supervisor_freep) Supervisor *s = NULL;
        int r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->options = options;
        s->config = *config; /* taken at the end; ours to read until then */

        r = sd_event_new(&s->event);
        if (r < 0)
                log_critical("cannot make an event loop: %s", strerror(-r));
        if (r >= 0)
                r = make_timers(s);
        if (r >= 0)
                r = make_host(s);
        if (r >= 0)
                r = make_engine(s);
        if (r >= 0)
                r = readiness_file_new(s->config->daemon.readiness_file,
                                       &s->outside.readiness_file);
        if (r >= 0)
                r = recall(s);
        if (r >= 0)
                r = supervisor_watch_ends(s);
        if (r >= 0)
                r = supervisor_watch_signals(s);
        if (r >= 0)
                r = supervisor_watch_output(s);
        if (r < 0) {
                s->config = NULL;
                return r;
        }

        (void)TAKE_PTR(*config);
        *ret = TAKE_PTR(s);
        return 0;
}

Supervisor *supervisor_free(Supervisor *s) {
        if (!s)
                return NULL;
        supervisor_free_rolls(s);
        supervisor_drop_all(s);
        engine_free(s->engine);
        tools_free(s->checks.tools);
        tools_free(s->hooks.tools);
        host_free(s->host);
        runtime_directory_free(s->runtime);
        readiness_file_free(s->outside.readiness_file);
        turn_done(s);
        sd_event_source_unref(s->delayed.reap_rest);
        sd_event_source_unref(s->delayed.replan);
        sweep_done(&s->delayed.sweep);
        sd_event_source_unref(s->delayed.kill_rest);
        sd_event_source_unref(s->outside.status);
        sd_event_source_unref(s->ending.progress);
        sd_event_unref(s->event);
        config_free(s->config);
        config_free(s->available);
        remembered_free(s->remembered);
        free(s);
        return NULL;
}

bool supervisor_wants_restart(const Supervisor *s) {
        return s->ending.restarts;
}

#define LOOP_FAILURES_MAX 100 /* in one go */
#define LOOP_PAUSE_MSEC 20

/*
 * A turn of the loop fails when memory is short, and can be taken again. One that gets past the
 * pause often enough to reach the maximum is beyond that. Returns the exit status or -errno.
 */
static int run_loop(Supervisor *s) {
        uint64_t last_usec = 0;
        unsigned n = 0;

        for (;;) {
                int r = sd_event_loop(s->event);

                if (r >= 0)
                        return r;
                if (now_usec() > last_usec + USEC_PER_SEC)
                        n = 0;
                last_usec = now_usec();
                if (++n >= LOOP_FAILURES_MAX)
                        return r;
                if (n == 1)
                        log_error("the event loop failed, going on: %s", strerror(-r));
                (void)poll(NULL, 0, LOOP_PAUSE_MSEC); /* nothing else can be done meanwhile */
        }
}

/* The log may have failed, too: standard error needs no memory. */
static int give_up(Supervisor *s, const char *what, int error) {
        log_critical("%s, killing all programs: %s", what, strerror(-error));
        fprintf(stderr, "Error: %s, killing all programs: %s\n", what, strerror(-error));
        supervisor_kill_all(s);
        return EXIT_CODE_FAILED;
}

int supervisor_run(Supervisor *s) {
        size_t counts[CHANGE_REMOVED + 1] = { 0 };
        int r;

        r = sd_event_set_watchdog(s->event, true);
        if (r < 0)
                log_warn("cannot serve the service manager's watchdog: %s", strerror(-r));
        log_debug("process trees are followed by %s", trees_describe(s->host->trees));

        s->outside.started_usec = now_usec();
        r = supervisor_apply(s, s->config, counts);
        if (r < 0)
                return give_up(s, "cannot set up the process table", r);
        turn_take_first(s);

        r = run_loop(s);
        if (r < 0)
                return give_up(s, "the event loop failed", r);
        if (s->ending.leaves_rest)
                supervisor_kill_all(s);
        return r;
}
