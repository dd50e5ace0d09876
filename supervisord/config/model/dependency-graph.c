#include "config/model/dependency-graph.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/model/name-index.h"

/* ---------------------------------------------------------------- edges */

/* Call for each edge of @c; with @edges NULL only count. Returns their number. */
static size_t list_edges(const NameIndex *names, const ProcessConfig *c, DependencyEdge *edges) {
        size_t n = 0;

        for (size_t k = 0; c && k < c->depends_on.n; k++) {
                const Dependency *d = &c->depends_on.items[k];
                const size_t *found;
                size_t n_found = name_index_find(names, d->name, &found);

                for (size_t j = 0; edges && j < n_found; j++)
                        edges[n + j] = (DependencyEdge){ found[j], d->condition };
                if (edges && n_found == 0)
                        edges[n] = (DependencyEdge){ DEPENDENCY_MISSING, d->condition };
                n += MAX(n_found, (size_t)1);
        }
        return n;
}

static int make_edges(DependencyGraph *g, const ProcessConfig *const *configs) {
        _cleanup_(name_index_freep) NameIndex *names = NULL;
        size_t n = 0;
        int r;

        r = name_index_new(configs, g->n, &names);
        if (r < 0)
                return r;
        for (size_t i = 0; i < g->n; i++) {
                n += list_edges(names, configs[i], NULL);
                if (n >= UINT32_MAX)
                        return -ENOMEM; /* nor could they be held */
                g->first[i + 1] = (uint32_t)n;
        }
        g->edges = calloc(g->first[g->n] + 1, sizeof(*g->edges));
        if (!g->edges)
                return -ENOMEM;
        for (size_t i = 0; i < g->n; i++)
                (void)list_edges(names, configs[i], g->edges + g->first[i]);
        return 0;
}

/* The same edges from the other end. */
static int make_users(DependencyGraph *g) {
        uint32_t *next = g->first_user + 1; /* where the next user of each goes, once counted */

        free(g->users);
        g->users = calloc(g->first[g->n] + 1, sizeof(*g->users));
        if (!g->users)
                return -ENOMEM;

        /* Counted two places further on, summed up one: filling then moves the rest of the way. */
        memset(g->first_user, 0, (g->n + 2) * sizeof(*g->first_user));
        for (size_t k = 0; k < g->first[g->n]; k++)
                if (g->edges[k].process != DEPENDENCY_MISSING)
                        g->first_user[g->edges[k].process + 2]++;
        for (size_t i = 1; i < g->n + 2; i++)
                g->first_user[i] += g->first_user[i - 1];
        for (size_t i = 0; i < g->n; i++)
                for (size_t k = g->first[i]; k < g->first[i + 1]; k++)
                        if (g->edges[k].process != DEPENDENCY_MISSING)
                                g->users[next[g->edges[k].process]++] = i;
        return 0;
}

/* ---------------------------------------------------------------- order */

/* Kahn's algorithm: whoever waits for nobody any more is placed. */
typedef struct Sorting {
        DependencyGraph *g;
        size_t *n_waiting; /* for how many each one still waits */
        bool *placed;
        size_t n_placed;
} Sorting;

static void place(Sorting *s, size_t i) {
        s->placed[i] = true;
        s->g->order[s->n_placed++] = i;
}

/* Place all that can follow those from @next on. */
static void follow(Sorting *s, size_t next) {
        for (; next < s->n_placed; next++) {
                size_t i = s->g->order[next];

                for (size_t k = s->g->first_user[i]; k < s->g->first_user[i + 1]; k++)
                        if (!s->placed[s->g->users[k]] && --s->n_waiting[s->g->users[k]] == 0)
                                place(s, s->g->users[k]);
        }
}

/* The edge of @i to one that is not placed yet, which there must be. */
static size_t unplaced_edge(const Sorting *s, size_t i) {
        size_t k = s->g->first[i];

        while (s->g->edges[k].process == DEPENDENCY_MISSING || s->placed[s->g->edges[k].process])
                k++;
        return k;
}

static size_t unplaced_dependency(const Sorting *s, size_t i) {
        return s->g->edges[unplaced_edge(s, i)].process;
}

/* Follow what is not placed from @i on for n steps: that surely ends in a circle. */
static size_t circle_member(const Sorting *s, size_t i) {
        for (size_t step = 0; step < s->g->n; step++)
                i = unplaced_dependency(s, i);
        return i;
}

static int note_circle(const Sorting *s, size_t member) {
        DependencyGraph *g = s->g;
        size_t i;

        if (g->circle)
                return 0;
        for (i = unplaced_dependency(s, member); i != member; i = unplaced_dependency(s, i))
                if (i < member)
                        member = i; /* goes on until it comes round to the lowest */
        g->circle = calloc(g->n, sizeof(*g->circle));
        if (!g->circle)
                return -ENOMEM;
        do {
                g->circle[g->n_circle++] = i;
                i = unplaced_dependency(s, i);
        } while (i != member);
        return 0;
}

/* Take the edges that keep @i from being placed out of the graph: they become ones to itself. */
static void cut_edges(const Sorting *s, size_t i) {
        DependencyGraph *g = s->g;

        for (size_t k = g->first[i]; k < g->first[i + 1]; k++)
                if (g->edges[k].process != DEPENDENCY_MISSING && !s->placed[g->edges[k].process])
                        g->edges[k].process = i;
}

static void drop_cut_edges(DependencyGraph *g) {
        size_t n = 0, begin = 0;

        for (size_t i = 0; i < g->n; i++) {
                size_t end = g->first[i + 1];

                for (size_t k = begin; k < end; k++)
                        if (g->edges[k].process != i)
                                g->edges[n++] = g->edges[k];
                begin = end;
                g->first[i + 1] = n;
        }
}

static int sort(Sorting *s) {
        DependencyGraph *g = s->g;

        for (size_t i = 0; i < g->n; i++)
                for (size_t k = g->first[i]; k < g->first[i + 1]; k++)
                        s->n_waiting[i] += g->edges[k].process != DEPENDENCY_MISSING;
        for (size_t i = 0; i < g->n; i++)
                if (s->n_waiting[i] == 0)
                        place(s, i);
        follow(s, 0);

        for (size_t i = 0; i < g->n; i++)
                while (!s->placed[i]) {
                        size_t member = circle_member(s, i), first = s->n_placed;
                        int r = note_circle(s, member);

                        if (r < 0)
                                return r;
                        cut_edges(s, member);
                        place(s, member);
                        follow(s, first);
                }
        return 0;
}

static int make_order(DependencyGraph *g) {
        _cleanup_(freep) size_t *n_waiting = calloc(g->n + 1, sizeof(size_t));
        _cleanup_(freep) bool *placed = calloc(g->n + 1, sizeof(bool));
        Sorting s = { .g = g, .n_waiting = n_waiting, .placed = placed };
        int r;

        if (!n_waiting || !placed)
                return -ENOMEM;
        r = sort(&s);
        if (r < 0 || !g->circle)
                return r;
        drop_cut_edges(g);
        return make_users(g);
}

/* ---------------------------------------------------------------- the whole */

int dependency_graph_new(const ProcessConfig *const *configs, size_t n, DependencyGraph **ret) {
        _cleanup_(dependency_graph_freep) DependencyGraph *g = NULL;
        int r;

        g = calloc(1, sizeof(*g));
        if (!g)
                return -ENOMEM;
        g->n = n;
        g->first = calloc(n + 1, sizeof(*g->first));
        g->first_user = calloc(n + 2, sizeof(*g->first_user));
        g->order = calloc(n + 1, sizeof(*g->order));
        if (!g->first || !g->first_user || !g->order)
                return -ENOMEM;

        r = make_edges(g, configs);
        if (r >= 0)
                r = make_users(g);
        if (r >= 0)
                r = make_order(g);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(g);
        return 0;
}

DependencyGraph *dependency_graph_free(DependencyGraph *g) {
        if (!g)
                return NULL;
        free(g->first);
        free(g->edges);
        free(g->first_user);
        free(g->users);
        free(g->order);
        free(g->circle);
        free(g);
        return NULL;
}
