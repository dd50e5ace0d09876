/*
 * How it is learnt that a run of a process is ready, where it does not say so by sd_notify(3).
 */
#pragma once

#include "child/child.h"

typedef struct Entry Entry;

/*
 * Make what @entry's next run needs to show that it is ready. Returns 0 or -errno.
 */
int entry_prepare_readiness(Entry *entry, ChildExtras *extras);

/* The run has begun. */
void entry_begin_readiness(Entry *entry);

/* It is over, or it is ready and nobody has to ask any more. */
void entry_forget_readiness(Entry *entry);

/* A number for a command on behalf of @entry, for supervisor_check_ended(). */
unsigned entry_new_check_id(const Entry *entry);

/*
 * The tool_ended_fn of Supervisor.checks: a command that checks readiness or health has ended.
 */
void supervisor_check_ended(void *userdata, unsigned id, const ProcessExit *exit);
