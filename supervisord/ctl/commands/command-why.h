/* The row of `why`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_why;
