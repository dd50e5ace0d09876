/* The rows of `add`, `remove` and `scale`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_add;
extern const Command command_remove;
extern const Command command_scale;
