/*
 * The last changes of state of all processes, for a client that asks what it has missed. A ring:
 * with each change that is added to a full one the oldest is forgotten. What happened to one
 * process is also kept in its own history (daemon/history.h).
 */
#pragma once

#include <stddef.h>

#include "config/model/config.h"
#include "daemon/entry/history.h"

#define RECENT_MAX 1000

typedef struct RecentChange {
        StateChange change;
        ProcessConfig *config; /* for the names; a reference */
} RecentChange;

typedef struct RecentChanges { /* all zero: empty */
        RecentChange ring[RECENT_MAX];
        size_t first, n;
} RecentChanges;

/* Keep a change of a process with @config. What is returned is valid until RECENT_MAX others. */
const RecentChange *recent_add(RecentChanges *r, const StateChange *change, ProcessConfig *config);

/* The change number @i < r->n, 0 being the oldest. */
const RecentChange *recent_get(const RecentChanges *r, size_t i);

/* Forget all. */
void recent_done(RecentChanges *r);
