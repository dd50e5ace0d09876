/* The row of `fg`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_fg;
