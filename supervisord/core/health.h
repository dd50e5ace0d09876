/*
 * What the results of health checks mean, as Docker's HEALTHCHECK has it: so many failures in a row
 * make a process unhealthy, and while it begins they do not count. Pure: it neither runs a check
 * nor knows the time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/model/config.h"

#define HEALTH_INTERVAL_MIN_USEC (100 * USEC_PER_MSEC) /* a shorter one counts as this */

typedef enum HealthState {
        HEALTH_UNKNOWN, /* not checked yet, or its start_period forgives what failed */
        HEALTH_GOOD,
        HEALTH_FAILING, /* the last check failed, but not often enough */
        HEALTH_BAD,
} HealthState;

typedef struct Health {
        HealthState state;
        unsigned failures;       /* in a row that count */
        uint64_t next_usec;      /* when the next check is due */
        uint64_t forgiving_usec; /* until then failures do not count; 0 once a check has succeeded
                                  */
} Health;

/*
 * The process, which began at @spawned_usec, is ready at @now_usec: its first check is due one
 * interval later.
 */
void health_begin(Health *h, const ProcessConfig *c, uint64_t spawned_usec, uint64_t now_usec);

/*
 * A check has ended at @now_usec. Returns the state that follows; with HEALTH_BAD no further check
 * is due.
 */
HealthState health_checked(Health *h, const ProcessConfig *c, bool succeeded, uint64_t now_usec);

/* How long a check of @c may take; USEC_INFINITY: for ever. */
uint64_t health_timeout_usec(const ProcessConfig *c);

/* Does @b check another thing, or at other times, than @a, so that it is to be begun anew? */
bool health_differs(const ProcessConfig *a, const ProcessConfig *b);

/* "unknown", "healthy", "failing", "unhealthy". */
const char *health_to_string(HealthState state);
