/*
 * Finds the index of a string in an array that somebody else owns: a hash table of (string, index).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct TableSlot {
        const char *name; /* NULL: free */
        size_t index;
} TableSlot;

/* Start with one that is all zero but the arena. */
typedef struct Table {
        Arena *arena; /* where the table's own memory comes from, or NULL: from the heap */
        TableSlot *slots;
        size_t n_slots; /* a power of two, or 0 */
        size_t n;
} Table;

#define TABLE_NONE SIZE_MAX

/* Free the table's own memory and zero it; the strings stay. */
void table_done(Table *t);

/* The index stored for @name, or TABLE_NONE. */
size_t table_find(const Table *t, const char *name);

/*
 * Store @index for @name, which must not be in the table yet and must live as long as the table
 * does. Returns 0 or -ENOMEM.
 */
int table_add(Table *t, const char *name, size_t index);
