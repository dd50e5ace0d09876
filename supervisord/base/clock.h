/*
 * What time it is, in microseconds, the unit of all times here. Code that decides takes the time as
 * a parameter instead; these are for the code that calls it.
 */
#pragma once

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>

#include "base/macro.h"

/* The time of @clock, one that always exists. */
static inline uint64_t clock_usec(clockid_t clock) {
        struct timespec t;

        (void)clock_gettime(clock, &t); /* cannot fail for such a clock */
        return (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / NSEC_PER_USEC;
}

/* CLOCK_MONOTONIC: for all that is measured or waited for. */
static inline uint64_t now_usec(void) {
        return clock_usec(CLOCK_MONOTONIC);
}

/* The same clock as of the last timer tick (1 to 10 ms ago): costs next to nothing. */
static inline uint64_t now_usec_coarse(void) {
        return clock_usec(CLOCK_MONOTONIC_COARSE);
}

/* CLOCK_REALTIME, since 1970: for people only, as somebody may set it at any moment. */
static inline uint64_t now_wall_usec(void) {
        return clock_usec(CLOCK_REALTIME);
}

/* Have the timer @timer_fd, one of CLOCK_MONOTONIC, run out once at @when_usec; never, if that is
 * USEC_INFINITY. */
static inline void timer_set_at(int timer_fd, uint64_t when_usec) {
        struct itimerspec when = { 0 };

        if (when_usec != USEC_INFINITY) {
                when.it_value.tv_sec = (time_t)(when_usec / USEC_PER_SEC);
                when.it_value.tv_nsec = (long)(when_usec % USEC_PER_SEC * NSEC_PER_USEC);
        }
        (void)timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL); /* the time is valid */
}
