#include "daemon/output-events.h"
#include "daemon/reap.h"
#include "daemon/supervisor-internal.h"
#include "daemon/turn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "log/log.h"
#include "manager/notify.h"

/* ---------------------------------------------------------------- the table */

static Entry *entry_free(Entry *entry) {
        if (!entry)
                return NULL;
        entry_stop_finding_main(entry);
        entry_forget_readiness(entry);
        entry_forget_sockets(entry);
        hook_free(entry->hook);
        hook_free(entry->reload);
        entry_forget_notify(entry);
        entry_forget_health(entry);
        child_free(entry->child);
        history_done(&entry->history);
        free(entry->start_failure);
        free(entry);
        return NULL;
}
DEFINE_CLEANUP(Entry, entry_free);

static void on_tree_empty(void *owner) {
        Entry *entry = owner;

        engine_emptied(entry->supervisor->engine, entry->index, now_usec());
}

static int reserve_entries(Supervisor *s, size_t n) {
        Entry **entries;
        size_t wanted;

        if (n <= s->n_entries)
                return 0;
        wanted = MAX(n, 2 * s->n_entries);
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        entries = reallocarray(s->entries, wanted, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        for (size_t i = s->n_entries; i < wanted; i++)
                entries[i] = NULL;
        s->entries = entries;
        s->n_entries = wanted;
        return 0;
}

int supervisor_add(Supervisor *s, ProcessConfig *config, size_t *ret_index) {
        _cleanup_(entry_freep) Entry *entry = NULL;
        size_t index;
        int r;

        entry = calloc(1, sizeof(*entry));
        if (!entry)
                return -ENOMEM;
        entry->supervisor = s;

        r = child_new(s->host, entry, &entry->child);
        if (r >= 0)
                r = reserve_entries(s, engine_size(s->engine) + 1);
        if (r >= 0)
                r = engine_add(s->engine, config, &index);
        if (r < 0)
                return r;

        engine_set_disabled(s->engine, index,
                            remembered_is_disabled(s->remembered, config->group, config->name));
        entry->index = index;
        s->entries[index] = TAKE_PTR(entry);
        *ret_index = index;
        return 0;
}

void supervisor_drop(Supervisor *s, size_t index) {
        s->entries[index] = entry_free(s->entries[index]);
}

/* ---------------------------------------------------------------- set-up */

static int make_timers(Supervisor *s) {
        int r;

        r = turn_init(s);
        if (r >= 0)
                r = sweep_init(&s->sweep, s->event);
        if (r >= 0)
                r = supervisor_prepare_commits(s);
        if (r < 0)
                log_critical("cannot make a timer: %s", strerror(-r));
        return r;
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
                              &s->checks);
        }
        if (r >= 0) {
                r = tools_new(s->host->spawner, s->options->environ, supervisor_hook_ended, s,
                              &s->hooks);
        }
        if (r < 0)
                log_critical("cannot get %s: %s", what, strerror(-r));
        return r;
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
                r = readiness_file_new(s->config->daemon.readiness_file, &s->readiness_file);
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
        for (size_t i = 0; i < s->n_entries; i++)
                entry_free(s->entries[i]);
        free(s->entries);
        engine_free(s->engine);
        tools_free(s->checks);
        tools_free(s->hooks);
        host_free(s->host);
        runtime_directory_free(s->runtime);
        readiness_file_free(s->readiness_file);
        turn_done(s);
        sd_event_source_unref(s->reap_rest);
        sd_event_source_unref(s->replan);
        sweep_done(&s->sweep);
        sd_event_source_unref(s->kill_rest);
        sd_event_source_unref(s->status);
        sd_event_source_unref(s->progress);
        sd_event_source_unref(s->writing);
        sd_event_unref(s->event);
        config_free(s->config);
        config_free(s->available);
        remembered_free(s->remembered);
        free(s);
        return NULL;
}

bool supervisor_wants_restart(const Supervisor *s) {
        return s->restarts;
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

        s->started_usec = now_usec();
        r = supervisor_apply(s, s->config, counts);
        if (r < 0)
                return give_up(s, "cannot set up the process table", r);
        turn_take_first(s);

        r = run_loop(s);
        if (r < 0)
                return give_up(s, "the event loop failed", r);
        if (s->leaves_rest)
                supervisor_kill_all(s);
        return r;
}
