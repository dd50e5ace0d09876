/* The rows of `tail` and `maintail`. */
#pragma once

#include "ctl/session/command-row.h"

extern const Command command_tail;
extern const Command command_maintail;
