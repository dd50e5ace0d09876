#include "daemon/supervisor-internal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "log/log.h"
#include "manager/notify.h"

uint64_t supervisor_now(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
        return (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / NSEC_PER_USEC;
}

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

        engine_emptied(entry->supervisor->engine, entry->index, supervisor_now());
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

/* ---------------------------------------------------------------- the turn of the loop */

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        engine_elapsed(s->engine, supervisor_now());
        supervisor_turn(s);
        return 0;
}

static int on_more(sd_event_source *source, void *userdata) {
        supervisor_turn(userdata);
        return 0;
}

static void arm(Supervisor *s) {
        uint64_t deadline = engine_deadline(s->engine);
        int r;

        r = sd_event_source_set_time(s->timer, deadline);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->timer, deadline == USEC_INFINITY
                                                                  ? SD_EVENT_OFF
                                                                  : SD_EVENT_ONESHOT);
        if (r < 0)
                log_critical("cannot set the timer: %s", strerror(-r));
}

/* A child gets to its program within a millisecond or two; one on a hung file system may never. */
#define SWEEP_FIRST_USEC (10 * USEC_PER_MSEC)
#define SWEEP_LAST_USEC (60 * USEC_PER_SEC)

static void arm_sweep(Supervisor *s) {
        (void)sd_event_source_set_time_relative(s->sweep, s->sweep_usec);
        (void)sd_event_source_set_enabled(s->sweep, SD_EVENT_ONESHOT);
}

static int on_sweep(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        if (spawner_sweep(s->host->spawner) == 0)
                return 0;
        s->sweep_usec = MIN(2 * s->sweep_usec, SWEEP_LAST_USEC);
        arm_sweep(s);
        return 0;
}

void supervisor_sweep_later(Supervisor *s) {
        s->sweep_usec = SWEEP_FIRST_USEC;
        arm_sweep(s);
}

void supervisor_turn(Supervisor *s) {
        bool done = supervisor_perform(s);

        trees_tidy(s->host->trees);
        arm(s);
        if (!done) {
                (void)sd_event_source_set_enabled(s->more, SD_EVENT_ONESHOT);
                return;
        }
        if (supervisor_advance_rolls(s)) {
                (void)sd_event_source_set_enabled(s->more, SD_EVENT_ONESHOT);
                return;
        }
        if (s->somebody_ended)
                supervisor_observe_prospects(s);
        s->somebody_ended = false;
        supervisor_show_readiness(s);
        supervisor_ready_if_settled(s);
        supervisor_finish_if_down(s);
}

/* ---------------------------------------------------------------- set-up */

static int make_timer(Supervisor *s) {
        int r;

        /* An accuracy of 1 µs: the default would be 250 ms, see sd_event_add_time(3). */
        r = sd_event_add_time(s->event, &s->timer, CLOCK_MONOTONIC, USEC_INFINITY, 1, on_deadline,
                              s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->timer, PRIORITY_TIMER);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(s->event, &s->sweep, CLOCK_MONOTONIC, USEC_INFINITY,
                                      SWEEP_FIRST_USEC, on_sweep, s);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->sweep, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(s->event, &s->more, on_more, s);
        if (r >= 0)
                r = sd_event_source_set_priority(s->more, PRIORITY_TIMER);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->more, SD_EVENT_OFF);
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
                seed = supervisor_now(); /* only spreads restarts */

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
                r = make_timer(s);
        if (r >= 0)
                r = make_host(s);
        if (r >= 0)
                r = make_engine(s);
        if (r >= 0)
                r = readiness_file_new(s->config->daemon.readiness_file, &s->readiness_file);
        if (r >= 0)
                r = recall(s);
        if (r >= 0)
                r = supervisor_watch_events(s);
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
        sd_event_source_unref(s->timer);
        sd_event_source_unref(s->more);
        sd_event_source_unref(s->replan);
        sd_event_source_unref(s->sweep);
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
                if (supervisor_now() > last_usec + USEC_PER_SEC)
                        n = 0;
                last_usec = supervisor_now();
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

        s->started_usec = supervisor_now();
        r = supervisor_apply(s, s->config, counts);
        if (r < 0)
                return give_up(s, "cannot set up the process table", r);
        supervisor_turn(s);

        r = run_loop(s);
        if (r < 0)
                return give_up(s, "the event loop failed", r);
        if (s->leaves_rest)
                supervisor_kill_all(s);
        return r;
}
