/*
 * Whose turn it is: for each wave of the plan, how many of its members wait for what. Finding the
 * wave whose turn it is costs one word per 64 waves, however many processes there are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

/* What a process waits for, or keeps others waiting for; a process has any number of these. */
typedef enum Due {
        DUE_START,   /* to be started */
        DUE_STOP,    /* to be told to stop */
        DUE_LEAVING, /* stopping, or due to: lower waves stop after it */
        DUE_AGAIN,   /* leaving, and to be started again: higher waves start after it */
        _DUE_MAX,
} Due;

typedef unsigned DueSet; /* of 1U << Due */

#define NO_WAVE SIZE_MAX

typedef struct Schedule Schedule;

/* For @n_waves waves, nothing due in any. Returns 0 or -ENOMEM. */
int schedule_new(size_t n_waves, Schedule **ret);
Schedule *schedule_free(Schedule *s);
DEFINE_CLEANUP(Schedule, schedule_free);

/* A member of @wave that was counted with @before is from now on counted with @after. */
void schedule_count(Schedule *s, size_t wave, DueSet before, DueSet after);

/* How many members of @wave have @due. */
size_t schedule_get(const Schedule *s, size_t wave, Due due);

/* The highest or lowest wave with a member that has @due, or NO_WAVE. */
size_t schedule_highest(const Schedule *s, Due due);
size_t schedule_lowest(const Schedule *s, Due due);
