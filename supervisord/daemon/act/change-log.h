/*
 * What the main log says of a change, in the words of Python's supervisor.
 */
#pragma once

#include "core/engine.h"

typedef struct Entry Entry;

/* @entry has changed as @action says. */
void entry_log_change(const Entry *entry, const Action *action);
