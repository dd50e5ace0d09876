/*
 * A process of the table: what it is and was.
 */
#pragma once

#include "core/engine.h"

typedef struct Entry Entry;

/* What the engine knows of @entry; valid until its table changes. */
const Process *entry_get_process(const Entry *entry);

/* Its name in its group, and all of its configuration. */
const char *entry_get_name(const Entry *entry);
const ProcessConfig *entry_get_config(const Entry *entry);

/* The log's fields for an entry. */
#define ENTRY_FIELDS(entry, id)                                                             \
        &(const LogFields) {                                                                \
                .process = entry_get_process(entry)->config->name,                          \
                .group = entry_get_process(entry)->config->group, .pid = (entry)->last_pid, \
                .message_id = (id)                                                          \
        }
