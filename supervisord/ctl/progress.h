/*
 * A line on a terminal that says, while an order lasts, who is awaited and for how long. Where
 * standard output is no terminal nothing is shown.
 */
#pragma once

#include "ctl/session.h"

typedef struct Progress {
        Session *session;
        char **names;   /* of the order; NULL: all */
        uint64_t begin; /* µs of CLOCK_MONOTONIC; 0: never shown so far */
        unsigned width; /* columns of the terminal; 0: it is none */
} Progress;

/* @names must outlive it. */
void progress_begin(Progress *p, Session *s, char **names);

/* Show how things are; for Order.tick. */
void progress_tick(void *userdata);

/* Take the line away; may be used for `_cleanup_`. */
void progress_end(Progress *p);

/*
 * "waiting for db (stopping, SIGKILL in 8 s), web (starting) and 3 more" about those of @list that
 * are on their way; NULL if nobody is. *ret is the caller's. Returns 0 or -ENOMEM.
 */
int progress_describe(const ProcessList *list, char **ret);
