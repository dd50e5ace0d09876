#include "core/plan.h"

#include <errno.h>
#include <string.h>

typedef struct Entry {
        const ProcessConfig *config;
        Rank rank;
        uint32_t index;
} Entry;

static int compare_ranks(const Rank *a, const Rank *b) {
        if (a->group_priority != b->group_priority)
                return a->group_priority < b->group_priority ? -1 : 1;
        if (a->priority != b->priority)
                return a->priority < b->priority ? -1 : 1;
        if (a->depth != b->depth)
                return a->depth < b->depth ? -1 : 1;
        return 0;
}

static int compare_entries(const void *x, const void *y) {
        const Entry *a = x, *b = y;
        int r;

        r = compare_ranks(&a->rank, &b->rank);
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

/* Where one wave ends and the next begins. Returns 0 or -ENOMEM. */
static int cut_waves(Plan *p, const Entry *entries) {
        size_t n = p->n_order > 0;

        for (size_t i = 1; i < p->n_order; i++)
                n += compare_ranks(&entries[i - 1].rank, &entries[i].rank) != 0;
        p->waves = new_array(n, sizeof(*p->waves));
        if (!p->waves)
                return -ENOMEM;

        for (size_t i = 0; i < p->n_order; i++) {
                if (i == 0 || compare_ranks(&entries[i - 1].rank, &entries[i].rank) != 0)
                        p->waves[p->n_waves++] = (Wave){ .rank = entries[i].rank, .first = i };
                p->waves[p->n_waves - 1].n++;
                p->order[i] = entries[i].index;
                p->wave_of[entries[i].index] = (uint32_t)p->n_waves - 1;
                p->place_of[entries[i].index] = (uint32_t)i;
        }
        return 0;
}

/* One at a time, each behind those it depends on. @ranks are those of all before it. */
static Rank
rank_of(const DependencyGraph *g, const ProcessConfig *config, const Rank *ranks, size_t i) {
        Rank rank = { config->group_priority, config->priority, 0 };

        for (size_t k = g->first[i]; k < g->first[i + 1]; k++) {
                Rank behind;

                if (g->edges[k].process == DEPENDENCY_MISSING)
                        continue;
                behind = ranks[g->edges[k].process];
                behind.depth++;
                if (compare_ranks(&behind, &rank) > 0)
                        rank = behind;
        }
        return rank;
}

/* Everybody with his rank, sorted. Returns 0 or -ENOMEM. */
static int make_entries(Plan *p, const ProcessConfig *const *configs, size_t n, Entry **ret) {
        _cleanup_(freep) Entry *entries = new_array(n, sizeof(*entries));
        _cleanup_(freep) Rank *ranks = new_array(n, sizeof(*ranks));

        if (!entries || !ranks)
                return -ENOMEM;
        for (size_t k = 0; k < n; k++) {
                uint32_t i = p->graph->order[k];

                p->wave_of[i] = p->place_of[i] = UINT32_MAX;
                if (!configs[i])
                        continue;
                ranks[i] = rank_of(p->graph, configs[i], ranks, i);
                entries[p->n_order++] = (Entry){ configs[i], ranks[i], i };
        }
        qsort(entries, p->n_order, sizeof(*entries), compare_entries);
        *ret = TAKE_PTR(entries);
        return 0;
}

int plan_new(const ProcessConfig *const *configs, size_t n, Plan **ret) {
        _cleanup_(plan_freep) Plan *p = NULL;
        _cleanup_(freep) Entry *entries = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->order = new_array(n, sizeof(*p->order));
        p->wave_of = new_array(n, sizeof(*p->wave_of));
        p->place_of = new_array(n, sizeof(*p->place_of));
        if (!p->order || !p->wave_of || !p->place_of)
                return -ENOMEM;

        r = dependency_graph_new(configs, n, &p->graph);
        if (r >= 0)
                r = make_entries(p, configs, n, &entries);
        if (r >= 0)
                r = cut_waves(p, entries);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Plan *plan_free(Plan *p) {
        if (!p)
                return NULL;
        free(p->order);
        free(p->waves);
        free(p->wave_of);
        free(p->place_of);
        dependency_graph_free(p->graph);
        free(p);
        return NULL;
}

uint64_t plan_worst_stop_usec(const Plan *plan, const ProcessConfig *const *configs) {
        uint64_t sum = 0;

        for (size_t w = 0; w < plan->n_waves; w++) {
                int64_t longest = 0;

                for (size_t i = 0; i < plan->waves[w].n; i++) {
                        const ProcessConfig *c = configs[plan->order[plan->waves[w].first + i]];

                        longest = MAX(longest, process_config_worst_stop_usec(c));
                }
                if (longest == DURATION_INFINITY)
                        return USEC_INFINITY;
                if (__builtin_add_overflow(sum, (uint64_t)longest, &sum))
                        return USEC_INFINITY;
        }
        return sum;
}
