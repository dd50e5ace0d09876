/* The row of `wait`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_wait;
