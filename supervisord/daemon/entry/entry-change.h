/*
 * A process of the table has changed: its history has it, and observers are told.
 */
#pragma once

#include "core/engine.h"

typedef struct Entry Entry;

/* @entry has gone from one visible state to another: remember it, and tell everybody. */
void entry_observe_change(Entry *entry, const Action *action);

/* Its readiness may have changed. */
void entry_observe_ready(Entry *entry);

/* It vanishes from the table. */
void entry_observe_removal(const Entry *entry);
