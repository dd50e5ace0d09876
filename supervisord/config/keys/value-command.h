/*
 * A command as a value, CommandLine: its words as a POSIX shell would split them. No shell runs it.
 */
#pragma once

#include "config/keys/value-type.h"
#include "config/model/config.h"

/*
 * Read @text into *@command, which is all zero or valid; what it held is freed, on success only. An
 * empty @text is no command. Returns 0; -EINVAL and the caller's *reterr_why; or -ENOMEM.
 */
int command_parse(const char *text, CommandLine *command, char **reterr_why);

ValueStore command_line_store;
ValueClear command_line_clear;
ValueEqual command_line_equal;
ValuePrint command_line_print;
ValueJson command_line_json;
