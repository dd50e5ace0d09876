/*
 * The value of a key that names a command: its words as a POSIX shell would split them. No shell
 * runs it.
 */
#pragma once

#include "config/model/config.h"

/*
 * Read @text into *@command, which is all zero or valid; what it held is freed, on success only. An
 * empty @text is no command.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why; or -ENOMEM.
 */
int command_parse(const char *text, CommandLine *command, char **reterr_why);

/* Free what @command owns; it is then all zero, which means none. */
void command_done(CommandLine *command);
