/* The rows of `reread` and `update`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_reread;
extern const Command command_update;
