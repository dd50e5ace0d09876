/*
 * The commands of supervisorctl. A new one is a file in ctl/commands with its row, and a line in
 * this table.
 */
#pragma once

#include "ctl/session/command-row.h"

extern const Command *const commands[]; /* ends with NULL */

/* The command called @name, or NULL. */
const Command *command_find(const char *name);
