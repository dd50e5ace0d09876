/* The row of `status`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_status;
