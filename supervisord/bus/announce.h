/*
 * The signals: what clients that have subscribed are told when something has changed. Each has the
 * next number, so that a client sees whether it has missed one. A client that cannot be told is
 * disconnected, as it would miss one and not know.
 */
#pragma once

#include <stdbool.h>

#include "bus/client/connection.h"

/* @entry has gone from one state to another; that is kept for GetEvents(), too. */
void announce_process(Clients *clients, const Entry *entry, const StateChange *change);

/* @entry is ready, or not any more. */
void announce_ready(Clients *clients, const Entry *entry, bool ready);

/* These groups (each list may be NULL) are new, have changed, are gone. */
void announce_configuration(Clients *clients, char **added, char **changed, char **removed);

/* "graceful", "fast", "now", "restart" */
void announce_shutdown(Clients *clients, const char *how);
