/* The rows of `restart` and `rolling-restart`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_restart;
extern const Command command_rolling_restart;
