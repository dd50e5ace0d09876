/*
 * Finds by its name where something stands in an array: a hash table of (name, index). It owns
 * neither the names nor the array; nothing can be taken out of it again.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct StringSlot {
        const char *name; /* NULL: free */
        size_t index;
} StringSlot;

/* Start with one that is all zero but the arena. */
typedef struct StringIndex {
        Arena *arena; /* where the table's own memory comes from, or NULL: from the heap */
        StringSlot *slots;
        size_t n_slots; /* a power of two, or 0 */
        size_t n;
} StringIndex;

#define STRING_INDEX_NONE SIZE_MAX

/* Free the table's own memory and zero it; the strings stay. */
void string_index_done(StringIndex *t);

/* The index stored for @name, or STRING_INDEX_NONE. */
size_t string_index_find(const StringIndex *t, const char *name);

/*
 * Store @index for @name, which must not be in the table yet and must live as long as the table
 * does. Returns 0 or -ENOMEM.
 */
int string_index_add(StringIndex *t, const char *name, size_t index);
