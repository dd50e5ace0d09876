/* The row of `signal`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_signal;
