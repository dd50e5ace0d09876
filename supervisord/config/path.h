/*
 * Paths as Python's os.path treats them. Results are the caller's; all return 0 or -errno (-ENOMEM,
 * and for the first two the errors of getcwd(3)).
 */
#pragma once

#include <stdbool.h>

/* os.path.abspath(): against the working directory, with "." and ".." and doubled slashes removed
 * as text. */
int path_absolute(const char *path, char **ret);

/* The absolute directory that holds @path. */
int path_directory(const char *path, char **ret);

/* os.path.expanduser(): "~" is $HOME or the home of this user, "~name" that of name; unknown names
 * stay. */
int path_expand_user(const char *path, char **ret);

/* Is @path a directory? */
bool path_is_directory(const char *path);

/* Does the directory that @path is to be made in exist? True for a bare name. */
bool path_has_directory(const char *path);
