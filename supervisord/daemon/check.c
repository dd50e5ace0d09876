#include "daemon/check.h"

#include <inttypes.h>
#include <string.h>

#include "core/plan.h"
#include "daemon/words.h"

static void print_process(const ProcessConfig *c, FILE *f) {
        if (c->name && c->group && strcmp(c->name, c->group) != 0)
                (void)fprintf(f, " %s:%s", c->group, c->name);
        else
                (void)fprintf(f, " %s", c->name);
        if (!c->autostart)
                (void)fputs(" (not started by itself)", f);
}

static void print_wave(const Plan *plan, size_t w, const ProcessConfig *const *configs, FILE *f) {
        const Wave *wave = &plan->waves[w];
        const ProcessConfig *first = configs[plan->order[wave->first]];

        if (first->group_priority == first->priority)
                (void)fprintf(f, "  priority %" PRId64 ":", first->priority);
        else
                (void)fprintf(f, "  priority %" PRId64 ", %" PRId64 ":", first->group_priority,
                              first->priority);
        for (size_t i = 0; i < wave->n; i++)
                print_process(configs[plan->order[wave->first + i]], f);
        (void)fputc('\n', f);
}

int check_print_plan(const Config *config, FILE *f) {
        const ProcessConfig *const *configs = (const ProcessConfig *const *)config->processes;
        _cleanup_(plan_freep) Plan *plan = NULL;
        char time[WORDS_DURATION_MAX];
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
        (void)fprintf(f, "Stopping takes at most: %s\n",
                      words_duration(plan_worst_stop_usec(plan, configs), time));
        return 0;
}
