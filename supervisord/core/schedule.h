/*
 * Whose turn it is: for each wave of the plan, how many of its members wait for what, and for each
 * place in the plan's order what its process waits for. To find the wave or the process whose turn
 * it is costs a look at one word for 64 of them.
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

#define NO_WAVE UINT32_MAX

typedef struct Schedule Schedule;

/* For @n_waves waves of @n_places processes together, nothing due. Returns 0 or -ENOMEM. */
int schedule_new(size_t n_waves, size_t n_places, Schedule **ret);
Schedule *schedule_free(Schedule *s);
DEFINE_CLEANUP(Schedule, schedule_free);

/* The one at @place, a member of @wave that was counted with @before, is from now on counted with
 * @after. With NO_WAVE nothing is. */
void schedule_count(Schedule *s, size_t wave, size_t place, DueSet before, DueSet after);

/* How many members of @wave have @due. */
size_t schedule_get(const Schedule *s, size_t wave, Due due);

/* The first place from @place on, before @end, that has @due; or @end. */
size_t schedule_next(const Schedule *s, size_t place, size_t end, Due due);

/* The highest or lowest wave with a member that has @due, or NO_WAVE. */
size_t schedule_highest(const Schedule *s, Due due);
size_t schedule_lowest(const Schedule *s, Due due);
