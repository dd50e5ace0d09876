/*
 * Health checks at the edge: runs them, one at a time for each process, and gives their results to
 * the core. What they mean is decided in core/health.
 */
#include "daemon/entry/health-check.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/ready-check.h"
#include "daemon/entry/status-notice.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "host/net/probe.h"
#include "log/log.h"

struct HealthCheck {
        Entry *entry;
        Health health;
        sd_event_source *timer; /* when the next check is due, or the one under way overdue */
        bool under_way;
        uint64_t overdue_usec; /* when that one has failed */
        char *words;           /* why the last one failed, or NULL */

        pid_t pid; /* of the command until it is reaped, also of one that is given up; 0: none */
        unsigned id;

        Probe *probe; /* the connection that is tried, or NULL */
        sd_event_source *io;
};

static void give_up_check(HealthCheck *h) {
        h->io = sd_event_source_disable_unref(h->io);
        h->probe = probe_free(h->probe);
        if (h->under_way && h->pid > 0)
                (void)kill(-h->pid, SIGKILL); /* it is not reaped, so its group exists */
        h->under_way = false;
}

static HealthCheck *health_check_free(HealthCheck *h) {
        if (!h)
                return NULL;
        give_up_check(h);
        sd_event_source_disable_unref(h->timer);
        free(h->words);
        free(h);
        return NULL;
}
DEFINE_CLEANUP(HealthCheck, health_check_free);

static void arm(HealthCheck *h, uint64_t usec) {
        (void)sd_event_source_set_time(h->timer, usec);
        (void)sd_event_source_set_enabled(h->timer,
                                          usec == USEC_INFINITY ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* ---------------------------------------------------------------- the result of one check */

static void tell_health(const HealthCheck *h, HealthState before) {
        const ProcessConfig *config = entry_get_process(h->entry)->config;

        switch (h->health.state) {
        case HEALTH_GOOD:
                if (before != HEALTH_GOOD)
                        log_info("%s is healthy", config->name);
                return;
        case HEALTH_UNKNOWN:
                log_info("health check of %s failed, which does not count yet: %s", config->name,
                         h->words ?: "out of memory");
                return;
        case HEALTH_FAILING:
        case HEALTH_BAD:
                log_warn("health check of %s failed (%u of %lld): %s", config->name,
                         h->health.failures, (long long)config->settings->healthcheck_retries,
                         h->words ?: "out of memory");
                return;
        }
}

/* @words say why it failed and are taken; NULL and @succeeded: it did not. */
static void finish_check(HealthCheck *h, bool succeeded, char *words) {
        Supervisor *s = h->entry->supervisor;
        HealthState before = h->health.state;
        uint64_t now = now_usec();

        give_up_check(h);
        free(h->words);
        h->words = words;
        (void)health_checked(&h->health, entry_get_process(h->entry)->config, succeeded, now);
        tell_health(h, before);
        arm(h, h->health.next_usec);
        if (h->health.state == HEALTH_BAD)
                (void)engine_fail(s->engine, h->entry->index, FAILURE_UNHEALTHY, now);
        if (h->health.state != before)
                supervisor_status_changed(s);
}

static void _printf_(2, 3) fail(HealthCheck *h, const char *format, ...) {
        char *words = NULL;
        va_list ap;

        va_start(ap, format);
        if (vasprintf(&words, format, ap) < 0)
                words = NULL;
        va_end(ap);
        finish_check(h, /* succeeded= */ false, words);
}

/* ---------------------------------------------------------------- commands */

static const char *command_of(const HealthCheck *h) {
        return entry_get_process(h->entry)->config->settings->healthcheck.text + strlen("exec:");
}

static int start_command(HealthCheck *h) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        Supervisor *s = h->entry->supervisor;
        const ProcessConfig *config = entry_get_process(h->entry)->config;
        int r;

        r = child_command_request(s->host, config, config->settings->healthcheck.argv, &request);
        if (r < 0)
                return r;
        h->id = entry_new_check_id(h->entry);
        return tools_run(s->checks.tools, &request, h->id, &h->pid);
}

static void check_by_command(HealthCheck *h) {
        int r;

        r = start_command(h);
        if (r < 0)
                fail(h, "'%s' cannot be run: %s", command_of(h), strerror(-r));
}

void entry_health_command_ended(Entry *entry, unsigned id, const ProcessExit *exit) {
        HealthCheck *h = entry->health;
        _cleanup_(freep) char *how = NULL;

        if (!h || h->pid == 0 || h->id != id)
                return;
        h->pid = 0;
        if (!h->under_way)
                return; /* it was too late, and has been counted */
        if (exit_is_success(exit))
                finish_check(h, /* succeeded= */ true, NULL);
        else if (words_exit(exit, &how) < 0)
                finish_check(h, /* succeeded= */ false, NULL);
        else
                fail(h, "'%s': %s", command_of(h), how);
}

/* ---------------------------------------------------------------- connections */

static void take_result(HealthCheck *h, ProbeResult result) {
        uint64_t deadline;

        switch (result) {
        case PROBE_READY:
                finish_check(h, /* succeeded= */ true, NULL);
                return;
        case PROBE_PENDING:
        case PROBE_FAILED: /* a connection is tried again until the check is overdue */
                deadline = probe_get_deadline(h->probe);
                arm(h, MIN(deadline, h->overdue_usec));
                return;
        }
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        HealthCheck *h = userdata;

        take_result(h, probe_dispatch(h->probe, now_usec()));
        return 0;
}

static void check_by_connection(HealthCheck *h) {
        const Readiness *target = &entry_get_process(h->entry)->config->settings->healthcheck;
        int r;

        r = probe_new(target, NULL, &h->probe);
        if (r >= 0)
                r = sd_event_add_io(h->entry->supervisor->event, &h->io, probe_get_fd(h->probe),
                                    EPOLLIN, on_connection, h);
        if (r < 0)
                fail(h, "%s: %s", target->text, strerror(-r));
        else
                take_result(h, probe_begin(h->probe, now_usec()));
}

/* ---------------------------------------------------------------- the timer */

static void begin_check(HealthCheck *h) {
        const ProcessConfig *config = entry_get_process(h->entry)->config;
        uint64_t timeout = health_timeout_usec(config), now = now_usec();

        if (h->pid > 0) {
                fail(h, "'%s' of an earlier check cannot be killed", command_of(h));
                return;
        }
        h->under_way = true;
        h->overdue_usec = timeout < USEC_INFINITY - now ? now + timeout : USEC_INFINITY;
        arm(h, h->overdue_usec);
        if (config->settings->healthcheck.kind == READINESS_EXEC)
                check_by_command(h);
        else
                check_by_connection(h);
}

static void end_overdue(HealthCheck *h) {
        uint64_t timeout = health_timeout_usec(entry_get_process(h->entry)->config);
        char *words = NULL, time[WORDS_DURATION_MAX];

        if (!h->probe) {
                fail(h, "'%s' took longer than %s", command_of(h), words_duration(timeout, time));
                return;
        }
        if (probe_describe(h->probe, &words) < 0)
                words = NULL;
        finish_check(h, /* succeeded= */ false, words);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        HealthCheck *h = userdata;

        if (!h->under_way)
                begin_check(h);
        else if (now_usec() >= h->overdue_usec)
                end_overdue(h);
        else
                take_result(h, probe_dispatch(h->probe, now_usec()));
        return 0;
}

/* ---------------------------------------------------------------- one run */

static int begin_checks(Entry *entry) {
        _cleanup_(health_check_freep) HealthCheck *h = NULL;
        const Process *p = entry_get_process(entry);
        int r;

        h = calloc(1, sizeof(*h));
        if (!h)
                return -ENOMEM;
        h->entry = entry;
        health_begin(&h->health, p->config, p->spawned_usec, now_usec());
        r = sd_event_add_time(entry->supervisor->event, &h->timer, CLOCK_MONOTONIC, USEC_INFINITY,
                              1, on_timer, h);
        if (r < 0)
                return r;
        arm(h, h->health.next_usec);
        entry->health = TAKE_PTR(h);
        return 0;
}

void entry_update_health(Entry *entry) {
        const Process *p = entry_get_process(entry);
        int r;

        if (p->config->settings->healthcheck.kind == READINESS_STARTSECS ||
            p->phase != PHASE_RUNNING || !p->run.ready) {
                entry_forget_health(entry);
                return;
        }
        if (entry->health)
                return;
        r = begin_checks(entry);
        if (r < 0)
                log_error("the health of %s cannot be checked: %s", p->config->name, strerror(-r));
}

void entry_forget_health(Entry *entry) {
        entry->health = health_check_free(entry->health);
}

void entry_renew_health(Entry *entry) {
        entry_forget_health(entry);
        entry_update_health(entry);
}

const Health *entry_get_health(const Entry *entry) {
        return entry->health ? &entry->health->health : NULL;
}

const char *entry_get_health_words(const Entry *entry) {
        return entry->health && entry->health->words ? entry->health->words : "";
}
