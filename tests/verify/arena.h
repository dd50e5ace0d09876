/*
 * Memory of the engine that can be copied away and back: while the arena is open, what the core
 * asks for comes from one array and keeps its address, so that two memcpy() put an engine into an
 * earlier state. It stands in for calloc(), reallocarray() and free() by the linker's --wrap.
 */
#pragma once

#include <stddef.h>

#define ARENA_UNIT 32
#define ARENA_UNITS 512

/* A copy of what is in use, to be given back by arena_load(). */
typedef struct ArenaImage {
        size_t n_units; /* up to the last one in use */
        unsigned char lengths[ARENA_UNITS];
        _Alignas(16) unsigned char bytes[ARENA_UNITS * ARENA_UNIT];
} ArenaImage;

/* From here to arena_close() memory comes from the arena. */
void arena_open(void);
void arena_close(void);

/* Forget everything in it. */
void arena_clear(void);

void arena_save(ArenaImage *ret);
void arena_load(const ArenaImage *image);
