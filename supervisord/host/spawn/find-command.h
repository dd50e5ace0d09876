/*
 * From the first word of a command to the file to execute, as Python's supervisor finds it.
 */
#pragma once

#include "host/spawn/start-failure.h"

/*
 * Find the file of a command. With a slash @argv0 is the file; else PATH of @envp is searched, or
 * if that has none the daemon's, or /bin:/usr/bin:/usr/local/bin; the first file that exists is
 * taken even if it cannot be executed. Relative names are looked up in @directory (NULL: the
 * daemon's), where the program will run.
 *
 * *ret_path is the caller's: the file found, or for START_REASON_NOT_FOUND @argv0. Returns
 * START_REASON_NONE (0) for a file that can be executed; NOT_FOUND, IS_DIRECTORY, NOT_EXECUTABLE or
 * NO_PERMISSION; -ENOMEM; or why a file cannot be looked at (-EIO, -ELOOP …) if none is found
 * elsewhere.
 */
int find_command(const char *argv0, char *const *envp, const char *directory, char **ret_path);
