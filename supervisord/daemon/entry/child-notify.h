/*
 * The socket on which a run of a process says things by sd_notify(3).
 */
#pragma once

#include "child/child.h"

typedef struct Entry Entry;

/* Make the socket to which @entry's next run may send. Returns 0 or -errno. */
int entry_prepare_notify(Entry *entry, ChildExtras *extras);

/* What it said last about itself in this run, or NULL. */
const char *entry_get_notify_status(const Entry *entry);

/* The run is over. */
void entry_forget_notify(Entry *entry);
