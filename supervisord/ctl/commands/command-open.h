/* The rows of `open`, `version`, `exit` and `quit`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_open;
extern const Command command_version;
extern const Command command_exit;
extern const Command command_quit;
