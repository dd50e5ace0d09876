/*
 * The table of processes: its entries beside the engine's.
 */
#pragma once

#include "config/model/config.h"
#include <stddef.h>

typedef struct Supervisor Supervisor;

/* Make an entry for @config. Returns 0 or -errno. */
int supervisor_add(Supervisor *s, ProcessConfig *config, size_t *ret_index);

/* The entry of a removed process. */
void supervisor_drop(Supervisor *s, size_t index);

/* Free all entries. */
void supervisor_drop_all(Supervisor *s);
