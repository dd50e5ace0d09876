/*
 * A map from process numbers to pointers: open addressing, linear probing, no tombstones. It knows
 * nothing of processes: who puts a number in takes it out when that process is reaped. Any positive
 * int can be a key (inotify watches use it too).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

typedef struct PidMap PidMap;

/* An empty map. Returns 0 or -ENOMEM. */
int pidmap_new(PidMap **ret);

/* Free the map; what the values point to stays the owner's. NULL is fine. Returns NULL. */
PidMap *pidmap_free(PidMap *m);
DEFINE_CLEANUP(PidMap, pidmap_free);

/*
 * Map @pid (> 0) to @value (not NULL), replacing what was there. Returns 0, -EINVAL for a key or
 * value out of range, or -ENOMEM with the map unchanged; replacing never fails.
 */
int pidmap_put(PidMap *m, pid_t pid, void *value);

/* The value of @pid, or NULL. */
void *pidmap_get(const PidMap *m, pid_t pid);

/* Remove @pid and return its value, or NULL if it was not there. Never fails, never allocates. */
void *pidmap_remove(PidMap *m, pid_t pid);

/* Remove every entry whose value is @value: a walk through the whole table. Returns how many. */
size_t pidmap_remove_value(PidMap *m, const void *value);

/* Forget all entries and keep the memory. */
void pidmap_clear(PidMap *m);

/* The number of entries. */
size_t pidmap_size(const PidMap *m);

/*
 * Walk: start with *@cursor = 0; true gives one entry and moves on. The order means nothing; do not
 * change the map during a walk.
 */
bool pidmap_next(const PidMap *m, size_t *cursor, pid_t *ret_pid, void **ret_value);
