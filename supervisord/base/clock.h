/*
 * What time it is, in the unit that everything here uses. Code that decides takes the time as a
 * parameter instead; this is for the edge.
 */
#pragma once

#include <stdint.h>
#include <time.h>

#include "base/macro.h"

/* Microseconds on CLOCK_MONOTONIC. */
static inline uint64_t now_usec(void) {
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail for this clock */
        return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

/* The same clock as of the last timer tick (1 to 10 ms ago): costs next to nothing. */
static inline uint64_t now_usec_coarse(void) {
        struct timespec ts;

        (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
        return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

/* Microseconds on CLOCK_REALTIME, which may be set. */
static inline uint64_t wall_usec(void) {
        struct timespec ts;

        (void)clock_gettime(CLOCK_REALTIME, &ts);
        return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}
