/*
 * The programs' output and the main log in the loop.
 */
#pragma once

#include "output/output.h"

typedef struct Supervisor Supervisor;

/* Serve pipes, log threads and the main log from now on. Returns 0 or -errno, which is logged. */
int supervisor_watch_output(Supervisor *s);

/* The output_event_fn of the host: something of note about the output of @owner, an Entry. */
void supervisor_on_output(void *owner, const OutputEvent *event, void *userdata);
