/*
 * A command as a value, CommandLine: its words as a POSIX shell would split them. No shell runs it.
 */
#pragma once

#include "config/keys/value-type.h"

ValueStore command_line_store; /* an empty text is no command */
ValueClear command_line_clear;
ValueEqual command_line_equal;
ValuePrint command_line_print;
ValueJson command_line_json;
