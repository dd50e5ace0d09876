/* The row of `events`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_events;
