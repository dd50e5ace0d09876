/* The row of `plan`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_plan;
