/*
 * The health checks of one process of the table.
 */
#pragma once

#include "core/health.h"
#include "core/restart.h"

typedef struct Entry Entry;

/* Begin to check @entry if it is to be checked now, or give it up. */
void entry_update_health(Entry *entry);

/* @entry is not checked any more. */
void entry_forget_health(Entry *entry);

/* What is to be checked, or how, may have changed: begin anew. */
void entry_renew_health(Entry *entry);

/* The command @id on behalf of @entry has ended, which may be a check of its health. */
void entry_health_command_ended(Entry *entry, unsigned id, const ProcessExit *exit);

/* What is known of the health of @entry; NULL while it is not checked. */
const Health *entry_get_health(const Entry *entry);

/* Why the last check failed; "" if none has. */
const char *entry_get_health_words(const Entry *entry);
