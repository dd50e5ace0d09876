/* For people: who is awaited, what is up, how all ended. */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "daemon/supervisor-internal.h"
#include "daemon/words.h"

#define NAMES_MAX 8   /* named one by one; the others are counted */
#define REPORT_MAX 50 /* with more processes the final report names only what went wrong */

static int print_awaited(const Supervisor *s, bool with_times, FILE *f) {
        uint64_t now_usec = supervisor_now();
        char time[WORDS_DURATION_MAX];
        size_t n = 0;

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);
                uint64_t deadline;

                if (!p->config || !phase_has_child(p->phase))
                        continue;
                if (n++ >= NAMES_MAX)
                        continue;
                (void)fprintf(f, "%s%s", n > 1 ? ", " : "", p->config->name);
                deadline = engine_process_deadline(s->engine, i);
                if (with_times && phase_is_ending(p->phase) && !p->killed &&
                    deadline != USEC_INFINITY)
                        (void)fprintf(f, " (SIGKILL in %s)",
                                      words_duration(deadline > now_usec ? deadline - now_usec : 0,
                                                     time));
        }
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
        if (fclose(f) != 0)
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

int report_summary(const Supervisor *s, char **ret) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        (void)fprintf(f, "%zu of %zu running", s->n_running, engine_plan(s->engine)->n_order);
        if (s->n_fatal > 0) {
                (void)fputs(", FATAL: ", f);
                print_fatal(s, f);
        }
        if (fclose(f) != 0)
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

void report_state(const Supervisor *s) {
        uint64_t now_usec = supervisor_now();
        char time[WORDS_DURATION_MAX];

        log_info("state: %zu processes, %zu running, %zu FATAL; trees followed by %s",
                 engine_plan(s->engine)->n_order, s->n_running, s->n_fatal,
                 trees_describe(s->host->trees));

        for (size_t k = 0; k < engine_plan(s->engine)->n_order; k++) {
                size_t i = engine_plan(s->engine)->order[k];
                const Process *p = engine_get(s->engine, i);

                if (!p->config)
                        continue;
                log_info("state: %s:%s %s (%s, goal %s%s) pid %d for %s, %u failed starts%s%s%s%s",
                         p->config->group, p->config->name,
                         process_state_to_string(phase_to_state(p->phase)),
                         phase_to_string(p->phase), p->goal == GOAL_UP ? "up" : "down",
                         p->ready ? ", ready" : "", child_get_pid(s->entries[i]->child),
                         words_duration(p->changed_usec ? now_usec - p->changed_usec : 0, time),
                         p->failures, s->entries[i]->spawn_error ? "; " : "",
                         s->entries[i]->spawn_error ?: "",
                         s->entries[i]->notify_status ? "; it says: " : "",
                         s->entries[i]->notify_status ?: "");
                report_drops(s->entries[i], p->config->name);
        }
}

/* ---------------------------------------------------------------- how all ended */

static bool went_wrong(const Process *p) {
        return p->killed || p->exit.kind != EXIT_STATUS || p->exit.value != 0;
}

static void report_process(const Process *p, uint64_t shutdown_usec) {
        _cleanup_(freep) char *how = NULL;
        char time[WORDS_DURATION_MAX];

        if (words_exit(&p->exit, &how) < 0)
                return;
        if (p->ended_usec < shutdown_usec)
                log_info("  %s: %s, before the shutdown", p->config->name, how);
        else if (p->asked_usec == 0)
                log_info("  %s: %s, by itself", p->config->name, how);
        else
                log_info("  %s: %s, %s after it was asked to stop%s", p->config->name, how,
                         words_duration(p->ended_usec - p->asked_usec, time),
                         p->killed ? ", killed" : "");
}

void report_end(const Supervisor *s) {
        uint64_t now_usec = supervisor_now();
        size_t n = 0, n_killed = 0;
        char time[WORDS_DURATION_MAX];

        for (size_t i = 0; i < engine_size(s->engine); i++) {
                const Process *p = engine_get(s->engine, i);

                n += p->config && p->ended_usec >= s->shutdown_usec;
                n_killed += p->config && p->ended_usec >= s->shutdown_usec && p->killed;
        }
        log_info("stopped %zu processes in %s, %zu of them killed", n,
                 words_duration(now_usec - s->shutdown_usec, time), n_killed);

        for (size_t k = 0; k < engine_plan(s->engine)->n_order; k++) {
                const Process *p = engine_get(s->engine, engine_plan(s->engine)->order[k]);

                if (p->config && p->spawned_usec > 0 && (n <= REPORT_MAX || went_wrong(p)))
                        report_process(p, s->shutdown_usec);
        }
}
