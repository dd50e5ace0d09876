/* The rows of `pid`, `avail` and `names`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_pid;
extern const Command command_avail;
extern const Command command_names;
