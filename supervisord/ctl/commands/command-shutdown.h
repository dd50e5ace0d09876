/* The rows of `shutdown` and `reload`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_shutdown;
extern const Command command_reload;
