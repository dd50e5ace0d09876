/* For people: who is awaited, what is up, how all ended. */
#include "daemon/act/state-report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/text-stream.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"

#define NAMES_MAX 8   /* named one by one; the others are counted */
#define REPORT_MAX 50 /* with more processes the final report names only what went wrong */

/* What the one process says that is of interest now. */
static void print_status(const Supervisor *s, size_t i, FILE *f) {
        const char *status = entry_get_notify_status(s->entries[i]);

        if (status && *status)
                (void)fprintf(f, ": %s", status);
}

/* How long it has until it is killed; USEC_INFINITY if it was not asked to stop or never will be.
 */
static uint64_t grace_left(const Process *p, uint64_t now_usec) {
        if (!phase_is_ending(p->phase) || !phase_has_tree(p->phase) || p->run.killed ||
            p->run.grace_end_usec == USEC_INFINITY)
                return USEC_INFINITY;
        return p->run.grace_end_usec > now_usec ? p->run.grace_end_usec - now_usec : 0;
}

static void print_grace(const Process *p, uint64_t now_usec, FILE *f) {
        uint64_t usec = grace_left(p, now_usec);
        char time[WORDS_DURATION_MAX];

        if (usec != USEC_INFINITY)
                (void)fprintf(f, " (SIGKILL in %s)", words_duration(usec, time));
}

static int print_awaited(const Supervisor *s, bool with_times, FILE *f) {
        uint64_t now = now_usec();
        size_t n = 0, last = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->config || !phase_has_child(p->phase))
                        continue;
                last = i;
                if (n++ >= NAMES_MAX)
                        continue;
                (void)fprintf(f, "%s%s", n > 1 ? ", " : "", p->config->name);
                if (with_times)
                        print_grace(p, now, f);
        }
        if (n == 1 && with_times)
                print_status(s, last, f);
        if (n > NAMES_MAX)
                (void)fprintf(f, " and %zu more", n - NAMES_MAX);
        if (n == 0)
                (void)fprintf(f, "nobody");
        return ferror(f) ? -ENOMEM : 0;
}

static int awaited(const Supervisor *s, bool with_times, char **ret) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;
        int r;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        r = print_awaited(s, with_times, f);
        if (text_stream_close(f, &text) < 0)
                r = -ENOMEM;
        if (r < 0)
                return r;
        *ret = TAKE_PTR(text);
        return 0;
}

int report_awaited(const Supervisor *s, char **ret) {
        return awaited(s, /* with_times= */ true, ret);
}

int report_awaited_names(const Supervisor *s, char **ret) {
        return awaited(s, /* with_times= */ false, ret);
}

int report_next_kill(const Supervisor *s, char **ret) {
        uint64_t now = now_usec(), least = USEC_INFINITY;
        const Process *next = NULL;
        char time[WORDS_DURATION_MAX];
        int r;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && grace_left(p, now) < least) {
                        least = grace_left(p, now);
                        next = p;
                }
        }
        if (!next)
                r = asprintf(ret, "%s", "");
        else
                r = asprintf(ret, ", SIGKILL for %s in %s", next->config->name,
                             words_duration(least, time));
        return r < 0 ? -ENOMEM : 0;
}

/* ---------------------------------------------------------------- what is up */

static void print_fatal(const Supervisor *s, FILE *f) {
        size_t n = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (p->config && p->phase == PHASE_FATAL && n++ < NAMES_MAX)
                        (void)fprintf(f, "%s%s", n > 1 ? ", " : "", p->config->name);
        }
        if (n > NAMES_MAX)
                (void)fprintf(f, " and %zu more", n - NAMES_MAX);
}

/* Who is not ready that should be, and has not given up. */
static void print_missing(const Supervisor *s, FILE *f) {
        size_t n = 0, last = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->config || !process_is_missing(p) || p->phase == PHASE_FATAL ||
                    p->phase == PHASE_EXITED)
                        continue;
                last = i;
                if (n++ < NAMES_MAX)
                        (void)fprintf(f, "%s%s", n > 1 ? ", " : ", waiting for ", p->config->name);
        }
        if (n > NAMES_MAX)
                (void)fprintf(f, " and %zu more", n - NAMES_MAX);
        if (n == 1)
                print_status(s, last, f);
}

/* Whose health checks fail, though not often enough yet. */
static void print_failing(const Supervisor *s, FILE *f) {
        size_t n = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Health *health = s->entries[i] ? entry_get_health(s->entries[i]) : NULL;

                if (health && health->state == HEALTH_FAILING && n++ < NAMES_MAX)
                        (void)fprintf(f, "%s%s", n > 1 ? ", " : ", failing health checks: ",
                                      engine_get(s->engine, i)->config->name);
        }
        if (n > NAMES_MAX)
                (void)fprintf(f, " and %zu more", n - NAMES_MAX);
}

int report_summary(const Supervisor *s, char **ret) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        (void)fprintf(f, "%zu of %zu running", s->counts.running, engine_plan(s->engine)->n_order);
        if (s->counts.fatal > 0) {
                (void)fputs(", FATAL: ", f);
                print_fatal(s, f);
        }
        if (!engine_is_ready(s->engine))
                print_missing(s, f);
        print_failing(s, f);
        if (engine_plan(s->engine)->n_order == 1 && engine_is_ready(s->engine))
                print_status(s, engine_plan(s->engine)->order[0], f);
        if (text_stream_close(f, &text) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

static void report_drops(const Entry *entry, const char *name) {
        const Output *output = child_get_output(entry->child);

        for (OutputStream stream = OUTPUT_STDOUT; output && stream <= OUTPUT_STDERR; stream++) {
                OutputStatus status;

                output_get_status(output, stream, &status);
                if (status.dropped_bytes > 0 || status.error > 0)
                        log_info("state: %s %s lost %" PRIu64 " bytes in %" PRIu64 " lines%s%s",
                                 name, stream == OUTPUT_STDOUT ? "stdout" : "stderr",
                                 status.dropped_bytes, status.dropped_lines,
                                 status.error > 0 ? "; now: " : "",
                                 status.error > 0 ? strerror(status.error) : "");
        }
}

/* ", ready, reloading, healthy" and the like. */
static void print_condition(const Process *p, const Health *health, FILE *f) {
        if (process_is_ready(p))
                (void)fputs(", ready", f);
        if (p->run.reloading)
                (void)fputs(", reloading", f);
        if (p->run.leaving)
                (void)fputs(", ending by itself", f);
        if (health)
                (void)fprintf(f, ", %s", health_to_string(health->state));
}

static int describe_condition(const Process *p, const Health *health, char **ret) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        print_condition(p, health, f);
        if (text_stream_close(f, &text) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(text);
        return 0;
}

static void report_state_of(const Supervisor *s, size_t i) {
        const Process *p = engine_get(s->engine, i);
        const Entry *entry = s->entries[i];
        _cleanup_(freep) char *error = start_failure_describe(entry->start_failure);
        _cleanup_(freep) char *condition = NULL;
        uint64_t now = now_usec();
        char time[WORDS_DURATION_MAX];

        if (!p->config)
                return;
        if (describe_condition(p, entry_get_health(entry), &condition) < 0) {
                log_info("state: %s:%s %s", p->config->group, p->config->name, strerror(ENOMEM));
                return;
        }
        log_info("state: %s:%s %s (%s, goal %s%s) pid %d for %s, %u failed starts%s%s%s%s",
                 p->config->group, p->config->name,
                 process_state_to_string(phase_to_state(p->phase)), phase_to_string(p->phase),
                 p->goal == GOAL_UP ? "up" : "down", condition, child_get_pid(entry->child),
                 words_duration(p->changed_usec ? now - p->changed_usec : 0, time), p->failures,
                 error ? "; " : "", error ?: "",
                 entry_get_notify_status(entry) ? "; it says: " : "",
                 entry_get_notify_status(entry) ?: "");
        report_drops(entry, p->config->name);
}

void report_state(const Supervisor *s) {
        log_info("state: %zu processes, %zu running, %zu FATAL; trees followed by %s",
                 engine_plan(s->engine)->n_order, s->counts.running, s->counts.fatal,
                 trees_describe(s->host->trees));

        for (size_t k = 0; k < engine_plan(s->engine)->n_order; k++)
                report_state_of(s, engine_plan(s->engine)->order[k]);
}

/* ---------------------------------------------------------------- how all ended */

/* Did a signal end it that it was sent to stop it? */
static bool went_as_told(const Process *p) {
        StopStep step;

        if (p->exit.kind != EXIT_SIGNAL || p->run.asked_usec == 0)
                return false;
        for (size_t i = 0; i <= p->run.stop_step && process_config_stop_step(p->config, i, &step);
             i++)
                if (step.signal == p->exit.value)
                        return true;
        return false;
}

static bool went_wrong(const Process *p) {
        return p->run.killed || !(exit_is_success(&p->exit) || went_as_told(p));
}

static void report_process(const Process *p, uint64_t shutdown_usec) {
        _cleanup_(freep) char *how = NULL;
        char time[WORDS_DURATION_MAX];

        if (words_exit(&p->exit, &how) < 0)
                return;
        if (p->ended_usec < shutdown_usec)
                log_info("  %s: %s, before the shutdown", p->config->name, how);
        else if (p->run.asked_usec == 0)
                log_info("  %s: %s, by itself", p->config->name, how);
        else
                log_info("  %s: %s, %s after it was asked to stop%s", p->config->name, how,
                         words_duration(p->ended_usec - p->run.asked_usec, time),
                         p->run.killed ? ", killed" : "");
}

void report_end(const Supervisor *s) {
        uint64_t now = now_usec();
        size_t n = 0, n_killed = 0;
        char time[WORDS_DURATION_MAX];

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                n += p->config && p->ended_usec >= s->ending.began_usec;
                n_killed += p->config && p->ended_usec >= s->ending.began_usec && p->run.killed;
        }
        log_info("stopped %zu processes in %s, %zu of them killed", n,
                 words_duration(now - s->ending.began_usec, time), n_killed);

        for (size_t k = 0; k < engine_plan(s->engine)->n_order; k++) {
                const Process *p = engine_get(s->engine, engine_plan(s->engine)->order[k]);

                if (p->config && p->spawned_usec > 0 && (n <= REPORT_MAX || went_wrong(p)))
                        report_process(p, s->ending.began_usec);
        }
}
