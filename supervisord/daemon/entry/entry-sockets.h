/*
 * The listening sockets of one process of the table.
 */
#pragma once

#include "child/child.h"

typedef struct Entry Entry;

/*
 * Hold the listening sockets that @entry's next run is given. Returns 0, or -errno
 * and *reterr is why, the caller's, or as it was.
 */
int entry_prepare_sockets(Entry *entry, ChildExtras *extras, StartFailure **reterr);

/* It is down; let go of its sockets unless it is to run again. */
void entry_settle_sockets(Entry *entry);

/* Let go of them in any case. */
void entry_forget_sockets(Entry *entry);
