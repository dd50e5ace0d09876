/*
 * What `supervisord -t` prints of a configuration that is all right: the waves of start and stop,
 * who waits for whom, and the longest that stopping can take, beside what those who run the daemon
 * allow it.
 */
#include "main/plan-report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/parse.h"
#include "config/keys/value-dependencies.h"
#include "core/plan.h"
#include "daemon/entry/wording.h"
#include "manager/service-unit.h"

static void print_process_name(const ProcessConfig *c, FILE *f) {
        if (c->name && c->group && strcmp(c->name, c->group) != 0)
                (void)fprintf(f, " %s:%s", c->group, c->name);
        else
                (void)fprintf(f, " %s", c->name);
}

static void print_process(const ProcessConfig *c, FILE *f) {
        print_process_name(c, f);
        if (!c->settings->autostart)
                (void)fputs(" (not started by itself)", f);
}

static void print_wave(const Plan *plan, size_t w, const ProcessConfig *const *configs, FILE *f) {
        const Wave *wave = &plan->waves[w];
        const Rank *rank = &wave->rank;

        if (rank->group_priority == rank->priority)
                (void)fprintf(f, "  priority %" PRId64, rank->priority);
        else
                (void)fprintf(f, "  priority %" PRId64 ", %" PRId64, rank->group_priority,
                              rank->priority);
        if (rank->depth > 0)
                (void)fprintf(f, ", step %zu", rank->depth + 1);
        (void)fputc(':', f);
        for (size_t i = 0; i < wave->n; i++)
                print_process(configs[plan->order[wave->first + i]], f);
        (void)fputc('\n', f);
}

static void print_dependencies(const ProcessConfig *const *configs, size_t n, FILE *f) {
        bool headed = false;

        for (size_t i = 0; i < n; i++) {
                const DependencyList *list = &configs[i]->depends_on;

                for (size_t k = 0; k < list->n; k++) {
                        if (!headed)
                                (void)fputs("Dependencies:\n", f);
                        headed = true;
                        (void)fputs(k == 0 ? " " : "", f);
                        if (k == 0)
                                print_process_name(configs[i], f);
                        (void)fprintf(f, "%s %s (%s)", k == 0 ? " waits for" : ",",
                                      list->items[k].name,
                                      dependency_condition_to_string(list->items[k].condition));
                }
                if (list->n > 0)
                        (void)fputc('\n', f);
        }
}

static uint64_t usec_sum(uint64_t usec, int64_t delay) {
        uint64_t sum;

        return __builtin_add_overflow(usec, (uint64_t)MAX(delay, 0), &sum) ? USEC_INFINITY : sum;
}

/* The manager of a container allows the time that its manifest says; the manifest may pass it on.
 */
static void warn_of_outer_deadline(uint64_t worst_usec, FILE *f) {
        const char *text = getenv("TERMINATION_GRACE_PERIOD");
        char worst[WORDS_DURATION_MAX], outer[WORDS_DURATION_MAX];
        int64_t usec;

        if (!text || parse_duration(text, &usec) < 0 || usec < 0 || (uint64_t)usec >= worst_usec)
                return;
        (void)fprintf(f,
                      "Warning: stopping may take %s, but TERMINATION_GRACE_PERIOD allows %s only; "
                      "set shutdown_timeout\n",
                      words_duration(worst_usec, worst), words_duration((uint64_t)usec, outer));
}

/* What systemd allows us: with Type=notify we ask for more ourselves while our plan goes on. */
static int compare_with_unit(const char *name, const char *config_path, uint64_t worst, FILE *f) {
        _cleanup_(service_unit_done) ServiceUnit unit = { 0 };
        char time[WORDS_DURATION_MAX], allowed[WORDS_DURATION_MAX];
        int r;

        r = service_unit_find(name, config_path, &unit);
        if (r == -ENOMEM)
                return r;
        if (r <= 0 && name) {
                (void)fprintf(f, "Error: the unit %s cannot be read: %s\n", name,
                              strerror(r < 0 ? -r : ENOENT));
                return -ENOENT;
        }
        if (r <= 0)
                return 0;

        (void)words_duration(worst, time);
        (void)words_duration(unit.timeout_stop_usec, allowed);
        if (worst <= unit.timeout_stop_usec)
                (void)fprintf(f, "%s allows %s for that (TimeoutStopSec)\n", unit.name, allowed);
        else if (unit.notifies)
                (void)fprintf(f,
                              "Warning: stopping may take %s, but %s allows %s (TimeoutStopSec); "
                              "having Type=notify, supervisord asks for more for as long as its "
                              "plan goes on\n",
                              time, unit.name, allowed);
        else
                (void)fprintf(f,
                              "Warning: stopping may take %s, but %s allows %s only, then systemd "
                              "kills all that is left; set Type=notify, a longer TimeoutStopSec, "
                              "or shutdown_timeout\n",
                              time, unit.name, allowed);
        return 0;
}

int plan_report_print(const Config *config, const char *unit, FILE *f) {
        const ProcessConfig *const *configs = (const ProcessConfig *const *)config->processes;
        _cleanup_(plan_freep) Plan *plan = NULL;
        char time[WORDS_DURATION_MAX];
        uint64_t worst;
        int r;

        r = plan_new(configs, config->n_processes, &plan);
        if (r < 0)
                return r;

        (void)fprintf(f, "%s: %zu processes\n", config->path, config->n_processes);
        if (plan->n_waves > 0)
                (void)fputs("Start order, the processes of one line together:\n", f);
        for (size_t w = 0; w < plan->n_waves; w++)
                print_wave(plan, w, configs, f);
        if (plan->n_waves > 0)
                (void)fputs("Stop order, each line after the one before has ended:\n", f);
        for (size_t w = plan->n_waves; w-- > 0;)
                print_wave(plan, w, configs, f);
        print_dependencies(configs, config->n_processes, f);
        worst = usec_sum(plan_worst_stop_usec(plan, configs), config->daemon.drain_delay_usec);
        if (config->daemon.shutdown_timeout_usec != DURATION_INFINITY)
                worst = MIN(worst, (uint64_t)MAX(config->daemon.shutdown_timeout_usec, 0));
        (void)fprintf(f, "Stopping takes at most: %s\n", words_duration(worst, time));
        warn_of_outer_deadline(worst, f);
        return compare_with_unit(unit, config->path, worst, f);
}
