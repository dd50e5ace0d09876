/*
 * Paths as Python's os.path treats them. Results are the caller's; all return 0 or -errno (-ENOMEM,
 * and for the first two the errors of getcwd(3)).
 */
#pragma once

/* os.path.abspath(): against the working directory, with "." and ".." and doubled slashes removed
 * as text. */
int path_absolute(const char *path, char **ret);

/* The absolute directory that holds @path. */
int path_directory(const char *path, char **ret);

/* os.path.expanduser(): "~" is $HOME or the home of this user, "~name" that of name; unknown names
 * stay. */
int path_expand_user(const char *path, char **ret);

/* Is @path a directory? Returns 0; -ENOENT or -ENOTDIR if not, -errno if it cannot be looked at. */
int path_check_directory(const char *path);

/* The same of the directory that @path is to be made in; 0 for a bare name. Or -ENOMEM. */
int path_check_parent(const char *path);
