#include "core/plan.h"

#include <errno.h>
#include <string.h>

typedef struct Entry {
        const ProcessConfig *config;
        size_t index;
} Entry;

static int compare_wave(const ProcessConfig *a, const ProcessConfig *b) {
        if (a->group_priority != b->group_priority)
                return a->group_priority < b->group_priority ? -1 : 1;
        if (a->priority != b->priority)
                return a->priority < b->priority ? -1 : 1;
        return 0;
}

static int compare_entries(const void *x, const void *y) {
        const Entry *a = x, *b = y;
        int r;

        r = compare_wave(a->config, b->config);
        if (r == 0)
                r = strcmp(a->config->group, b->config->group);
        if (r == 0)
                r = strcmp(a->config->name, b->config->name);
        return r;
}

/* At least one element, so that an empty plan is not mistaken for a failed allocation. */
static void *new_array(size_t n, size_t size) {
        return calloc(n ? n : 1, size);
}

static void cut_waves(Plan *p, const Entry *entries) {
        for (size_t i = 0; i < p->n_order; i++) {
                if (i == 0 || compare_wave(entries[i - 1].config, entries[i].config) != 0)
                        p->waves[p->n_waves++] = (Wave){ .first = i };
                p->waves[p->n_waves - 1].n++;
                p->order[i] = entries[i].index;
                p->wave_of[entries[i].index] = p->n_waves - 1;
        }
}

int plan_new(const ProcessConfig *const *configs, size_t n, Plan **ret) {
        _cleanup_(plan_freep) Plan *p = NULL;
        _cleanup_(freep) Entry *entries = NULL;

        p = calloc(1, sizeof(*p));
        entries = new_array(n, sizeof(*entries));
        if (!p || !entries)
                return -ENOMEM;

        p->order = new_array(n, sizeof(*p->order));
        p->waves = new_array(n, sizeof(*p->waves));
        p->wave_of = new_array(n, sizeof(*p->wave_of));
        if (!p->order || !p->waves || !p->wave_of)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                p->wave_of[i] = SIZE_MAX;
                if (configs[i])
                        entries[p->n_order++] = (Entry){ configs[i], i };
        }

        qsort(entries, p->n_order, sizeof(*entries), compare_entries);
        cut_waves(p, entries);

        *ret = TAKE_PTR(p);
        return 0;
}

Plan *plan_free(Plan *p) {
        if (!p)
                return NULL;
        free(p->order);
        free(p->waves);
        free(p->wave_of);
        free(p);
        return NULL;
}

uint64_t plan_worst_stop_usec(const Plan *plan, const ProcessConfig *const *configs) {
        uint64_t sum = 0;

        for (size_t w = 0; w < plan->n_waves; w++) {
                int64_t longest = 0;

                for (size_t i = 0; i < plan->waves[w].n; i++) {
                        const ProcessConfig *c = configs[plan->order[plan->waves[w].first + i]];

                        longest = MAX(longest, process_config_grace_usec(c));
                }
                if (longest == DURATION_INFINITY)
                        return USEC_INFINITY;
                if (__builtin_add_overflow(sum, (uint64_t)longest, &sum))
                        return USEC_INFINITY;
        }
        return sum;
}
