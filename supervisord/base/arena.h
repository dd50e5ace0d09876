/*
 * Memory for many small things that go all at once. It comes from the kernel in large blocks and is
 * given back to it, so that it leaves no holes in the heap.
 */
#pragma once

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

/* Start with one that is all zero. */
typedef struct Arena {
        ArenaBlock *blocks; /* the one in use first */
} Arena;

/* Give everything back and zero the arena; may be used for `_cleanup_`. */
void arena_done(Arena *a);

/* @size bytes, all zero, aligned for any type; the arena's. NULL without memory. */
void *arena_alloc(Arena *a, size_t size);

/* A copy of @s; the arena's. NULL without memory. */
char *arena_strdup(Arena *a, const char *s);

/* As array_room() of base/array.h, for an array in @a: what was there before stays where it was. */
void *arena_room(Arena *a, void *array, size_t n, size_t size);
