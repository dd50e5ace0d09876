/*
 * A rolling restart: several processes are started anew, a few at a time, each ready before the
 * next is touched. The first that fails stops the roll; those that were not reached keep running as
 * they are. Pure: it looks at the engine and says what to do next.
 *
 * A process with `surge` gets a spare first: a second entry of the table with the same
 * configuration. When the spare is ready it takes the place of the old process, which is then
 * retired; if it fails the old one just goes on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/engine.h"

typedef enum RollStepKind {
        ROLL_WAIT,       /* call roll_next() again when something has changed */
        ROLL_RESTART,    /* engine_restart() .process */
        ROLL_ADD_SPARE,  /* add and start a spare for .process, then call roll_spare_added() */
        ROLL_RETIRE,     /* .spare is ready: let it take over, and remove .process */
        ROLL_DROP_SPARE, /* .spare has failed: remove it */
        ROLL_OVER,       /* that was all, see roll_failed() */
} RollStepKind;

typedef struct RollStep {
        RollStepKind kind;
        size_t process;
        size_t spare;
} RollStep;

typedef enum RollFate {
        ROLL_FATE_UNTOUCHED, /* not reached, or not running when its turn came */
        ROLL_FATE_UNDER_WAY,
        ROLL_FATE_RESTARTED,
        ROLL_FATE_FAILED,
} RollFate;

typedef struct Roll Roll;

/*
 * For @members[0..n-1], in this order, at most @parallel (>= 1) at a time. Returns 0 or -ENOMEM.
 */
int roll_new(const size_t *members, size_t n, size_t parallel, Roll **ret);
Roll *roll_free(Roll *r);
DEFINE_CLEANUP(Roll, roll_free);

/* What to do next. To be asked until it says ROLL_WAIT or ROLL_OVER. */
RollStep roll_next(Roll *r, const Engine *e);

/* The spare for @process is entry @spare; SIZE_MAX: none could be made. */
void roll_spare_added(Roll *r, size_t process, size_t spare);

/* Entry @i is gone from the table. */
void roll_forget(Roll *r, size_t i);

/* Touch nobody any more. What is under way is waited for, spares that are not ready are dropped. */
void roll_cancel(Roll *r);

/* Has a member failed, or was the roll cancelled? */
bool roll_failed(const Roll *r);

/* What has become of @members[k]. */
RollFate roll_fate(const Roll *r, size_t k);
