/*
 * Who starts and stops with whom. Processes of equal rank form a wave; waves start in ascending
 * order and stop in the exact reverse, the members of a wave together. The rank of a process is its
 * (group priority, priority), or that of the highest it depends on, if that is not lower, and then
 * one step behind it.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "config/model/dependency-graph.h"

typedef struct Rank {
        int64_t group_priority;
        int64_t priority;
        size_t depth; /* behind those it depends on that have the same priorities */
} Rank;

typedef struct Wave {
        Rank rank;
        size_t first; /* index into Plan.order */
        size_t n;
} Wave;

typedef struct Plan {
        uint32_t *order; /* process indexes in start order */
        size_t n_order;
        Wave *waves;
        size_t n_waves;
        uint32_t *wave_of;  /* by process index; UINT32_MAX for an empty entry */
        uint32_t *place_of; /* likewise: where in order */
        DependencyGraph *graph;
} Plan;

/*
 * Arrange @configs[0..n-1]; NULL entries are skipped. Inside a wave the order is by group name and
 * name. Returns 0, or -ENOMEM; the plan is the caller's.
 */
int plan_new(const ProcessConfig *const *configs, size_t n, Plan **ret);
Plan *plan_free(Plan *p);
DEFINE_CLEANUP(Plan, plan_free);

/*
 * The longest a stop of all of @configs by @plan can take if every process uses up its grace, in
 * µs: the sum over the waves of their longest grace. USEC_INFINITY if one of them may wait for
 * ever.
 */
uint64_t plan_worst_stop_usec(const Plan *plan, const ProcessConfig *const *configs);
