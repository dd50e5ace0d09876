/*
 * Which processes of the table a client means by the names that it gives: names of processes and
 * groups, "all", patterns; see supervisord-bus(5). It only looks at the table, and whether a client
 * may touch what it means is not asked here. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "core/engine.h"

#define SELECT_PATTERNS_MAX 64 /* in one call, as each is compared with every process */

typedef struct Selected {
        size_t index;
        bool named; /* by its own name, not only by its group or a pattern */
} Selected;

typedef struct Unknown { /* a name that means nothing */
        char *group;
        char *name;    /* "" where the whole group was meant */
        bool no_group; /* rather than no process in it */
} Unknown;

typedef struct Selection {
        Selected *items; /* each process once, in the order of start */
        size_t n;
        Unknown *unknown;
        size_t n_unknown;
} Selection;

/* Free what it holds; for `_cleanup_`. */
void selection_done(Selection *s);

/*
 * Find what @names (NULL-terminated; NULL is none) mean in the table of @e. Processes that are on
 * their way out of the table are found only with @leaving. On success *ret is to be ended by
 * selection_done(). Returns 0, -E2BIG with more than SELECT_PATTERNS_MAX patterns, or -ENOMEM.
 */
int select_processes(const Engine *e, char *const *names, bool leaving, Selection *ret);

/* The same with every process. */
int select_all(const Engine *e, bool leaving, Selection *ret);
