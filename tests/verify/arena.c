#include "arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* lengths: of the block that begins at a unit; 0: free, INSIDE: it belongs to a block before it. */
#define INSIDE 255

static struct {
        bool is_open;
        ArenaImage now;
} arena;

void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void __real_free(void *p);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
void __wrap_free(void *p);

void arena_open(void) {
        arena.is_open = true;
}

void arena_close(void) {
        arena.is_open = false;
}

void arena_clear(void) {
        memset(&arena.now, 0, sizeof(arena.now));
}

static void copy(ArenaImage *to, const ArenaImage *from) {
        size_t n = to->n_units > from->n_units ? to->n_units : from->n_units;

        memcpy(to->lengths, from->lengths, n);
        memcpy(to->bytes, from->bytes, from->n_units * ARENA_UNIT);
        to->n_units = from->n_units;
}

void arena_save(ArenaImage *ret) {
        copy(ret, &arena.now);
}

void arena_load(const ArenaImage *image) {
        copy(&arena.now, image);
}

static bool is_inside(const void *p) {
        uintptr_t address = (uintptr_t)p, first = (uintptr_t)arena.now.bytes;

        return address >= first && address < first + sizeof(arena.now.bytes);
}

static size_t unit_of(const void *p) {
        return (size_t)((const unsigned char *)p - arena.now.bytes) / ARENA_UNIT;
}

/* The first gap of @n units. An arena that is too small is a mistake in this program. */
static size_t find_gap(size_t n) {
        size_t length = 0;

        for (size_t k = 0; k < ARENA_UNITS; k++) {
                length = arena.now.lengths[k] == 0 ? length + 1 : 0;
                if (length == n)
                        return k + 1 - n;
        }
        fprintf(stderr, "verify: the arena is full\n");
        abort();
}

static void *take(size_t size) {
        size_t n = (size + ARENA_UNIT - 1) / ARENA_UNIT, first;

        n = n ? n : 1;
        assert(n < INSIDE);
        first = find_gap(n);
        memset(arena.now.lengths + first, INSIDE, n);
        arena.now.lengths[first] = (unsigned char)n;
        if (first + n > arena.now.n_units)
                arena.now.n_units = first + n;
        return memset(arena.now.bytes + first * ARENA_UNIT, 0, n * ARENA_UNIT);
}

void *__wrap_calloc(size_t n, size_t size) {
        return arena.is_open ? take(n * size) : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size) {
        size_t old;
        void *moved;

        if (!arena.is_open)
                return __real_reallocarray(p, n, size);
        moved = take(n * size);
        if (p) {
                old = (size_t)arena.now.lengths[unit_of(p)] * ARENA_UNIT;
                memcpy(moved, p, old < n * size ? old : n * size);
                free(p);
        }
        return moved;
}

void __wrap_free(void *p) {
        size_t first;

        if (!p || !is_inside(p)) {
                __real_free(p);
                return;
        }
        first = unit_of(p);
        assert(arena.now.lengths[first] != 0 && arena.now.lengths[first] != INSIDE);
        memset(arena.now.lengths + first, 0, arena.now.lengths[first]);
        while (arena.now.n_units > 0 && arena.now.lengths[arena.now.n_units - 1] == 0)
                arena.now.n_units--;
}
