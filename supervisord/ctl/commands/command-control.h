/* The rows of commands that are one call for the processes that are named. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_start;
extern const Command command_stop;
extern const Command command_kill;
extern const Command command_refresh;
extern const Command command_clear;
extern const Command command_rotate;
extern const Command command_enable;
extern const Command command_disable;
