/*
 * Rolling restarts: core/roll decides, the engine and the table follow.
 */
#pragma once

#include "core/roll.h"

typedef struct Supervisor Supervisor;
typedef struct RollJob RollJob;

/* A member of the roll is through with it; or @k is SIZE_MAX: the roll is over, and the job gone.
 */
typedef void (*roll_told_fn)(void *userdata, size_t k, RollFate fate);

/*
 * Restart @members[0..n-1] of the table in this order, at most @parallel (>= 1) at a time. @told
 * (may be NULL) is called with @userdata, not before this returns. Returns 0; -ESHUTDOWN: the
 * daemon is shutting down; or -ENOMEM. *ret is valid until @told says that it is over.
 */
int supervisor_roll(Supervisor *s, const size_t *members, size_t n, size_t parallel, RollJob **ret);
void roll_job_set_told(RollJob *job, roll_told_fn told, void *userdata);

/* Touch nobody any more; what is under way is finished, and then it is over. */
void roll_job_cancel(RollJob *job);

/* Something may have changed: take the next steps of all rolls. Returns whether any was taken. */
bool supervisor_advance_rolls(Supervisor *s);

/* Entry @i of the table is gone. */
void supervisor_forget_in_rolls(Supervisor *s, size_t i);

/* The table is to change: no roll touches anybody else. */
void supervisor_cancel_rolls(Supervisor *s);

/* For the end of the daemon: all are over. */
void supervisor_free_rolls(Supervisor *s);
