/*
 * The start of a run.
 */
#pragma once

#include "child/child.h"

typedef struct Entry Entry;

/* Start what @entry is configured to run; whether that worked is told to the engine. */
void entry_start(Entry *entry);

/*
 * @entry could not be started, because of @error (positive) and @failure (NULL: no
 * memory for it), which belongs to @entry now. Logs it and tells the engine.
 */
void entry_start_failed(Entry *entry, int error, StartFailure *failure);
