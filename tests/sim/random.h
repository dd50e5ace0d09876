/*
 * Numbers that look random and depend on nothing but a key, so that leaving a step out of a run
 * changes no other step's draws: that is what lets a failing run be cut down.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct Random {
        uint64_t state;
} Random;

static inline uint64_t random_next(Random *r) {
        uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

/* The stream for @key under @seed. */
static inline Random random_for(uint64_t seed, uint64_t key) {
        Random r = { seed * UINT64_C(0x2545f4914f6cdd1d) + key * UINT64_C(0xd1342543de82ef95) };

        r.state = random_next(&r);
        return r;
}

/* 0..n-1, for a small n. */
static inline unsigned random_below(Random *r, unsigned n) {
        return (unsigned)((random_next(r) >> 32) * n >> 32);
}

/* True once in @n times. */
static inline bool random_one_in(Random *r, unsigned n) {
        return random_below(r, n) == 0;
}

#define RANDOM_PICK(r, array) ((array)[random_below((r), ELEMENTSOF(array))])
