/*
 * Who depends on whom, by index.
 */
#pragma once

#include "config/model/config.h"

#define DEPENDENCY_MISSING UINT32_MAX

typedef struct DependencyEdge {
        uint32_t process; /* on whom, or DEPENDENCY_MISSING: nobody has the name */
        DependencyCondition condition;
} DependencyEdge;

typedef struct DependencyGraph {
        size_t n;
        uint32_t *first; /* n + 1: process i depends on edges[first[i]] … edges[first[i + 1] - 1] */
        DependencyEdge *edges;
        uint32_t *first_user; /* n + 1: on process i depend users[first_user[i]] … */
        uint32_t *users;
        uint32_t *order;  /* all of 0..n-1, each behind those it depends on */
        uint32_t *circle; /* the first circle that was found: each depends on the next, the last on
                           the first; NULL: there is none */
        size_t n_circle;
} DependencyGraph;

/*
 * Of @configs[0..n-1]; a NULL entry depends on nobody. Borrows nothing. Edges that close a circle
 * are left out. Returns 0 or -ENOMEM.
 */
int dependency_graph_new(const ProcessConfig *const *configs, size_t n, DependencyGraph **ret);
DependencyGraph *dependency_graph_free(DependencyGraph *g);
DEFINE_CLEANUP(DependencyGraph, dependency_graph_free);
