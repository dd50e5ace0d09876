/*
 * The earliest of many deadlines: a binary heap over small indexes, each with at most one deadline.
 * All operations are O(log n); capacity is reserved beforehand, so that none of them can fail.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct Deadlines Deadlines;

/* Returns 0 or -ENOMEM. */
int deadlines_new(Deadlines **ret);
Deadlines *deadlines_free(Deadlines *d);
DEFINE_CLEANUP(Deadlines, deadlines_free);

/* Make room for the indexes 0..n-1. Returns 0 or -ENOMEM; nothing has changed then. */
int deadlines_reserve(Deadlines *d, size_t n);

/* Set the deadline of @index (below the reserved number); USEC_INFINITY removes it. */
void deadlines_set(Deadlines *d, size_t index, uint64_t usec);

/* The deadline of @index, USEC_INFINITY if it has none. */
uint64_t deadlines_get(const Deadlines *d, size_t index);

/* The earliest deadline, USEC_INFINITY if there is none; *ret_index (may be NULL) is whose it is.
 */
uint64_t deadlines_next(const Deadlines *d, size_t *ret_index);
