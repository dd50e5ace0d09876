/*
 * What all processes of a tree may use together: memory, processes, CPU time. Limits on each
 * process alone are set by the spawner (spawn_request_add_limit()).
 */
#pragma once

#include <stdint.h>

#include "host/tree/tree.h"

/* Limits on all processes of a tree together; 0: none. */
typedef struct TreeLimits {
        int64_t memory_max;   /* bytes */
        int64_t pids_max;     /* processes and threads */
        int64_t cpu_max_usec; /* of CPU time per second */
} TreeLimits;

/*
 * Set @limits, to be called before the start; only leaves of cgroups have them. Returns 0; 1 if
 * some have no effect here, and *ret_words says which and why; -errno if one could not be set, in
 * words as well ("couldn't set pids_max: ..."). *ret_words is the caller's, NULL with 0 or without
 * memory.
 */
int tree_limit(Tree *t, const TreeLimits *limits, char **ret_words);
