/*
 * Signals to a process of the table, and its end by SIGKILL.
 */
#pragma once

#include "core/engine.h"

typedef struct Entry Entry;

/* Perform ACTION_SIGNAL and ACTION_KILL; what goes wrong is logged. */
void entry_signal(Entry *entry, const Action *action);
void entry_kill(Entry *entry, const Action *action);
