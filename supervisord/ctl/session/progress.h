/*
 * A line on the terminal that tells, while an order lasts, which processes are awaited and for how
 * long. Where standard output is no terminal nothing is shown.
 */
#pragma once

#include "ctl/session/session.h"

typedef struct ProgressLine {
        Session *session;
        char **names;   /* of the order; NULL: all */
        uint64_t begin; /* when the order was given, µs of CLOCK_MONOTONIC */
        unsigned width; /* columns of the terminal; 0: it is none */
} ProgressLine;

/* Begin to count the time; @names must outlive *p. */
void progress_begin(ProgressLine *p, Session *s, char **names);

/* Ask the daemon and show how things are; for ProcessOrder.tick. @userdata is the line. */
void progress_tick(void *userdata);

/* Take the line away; may be used for `_cleanup_`. */
void progress_end(ProgressLine *p);
