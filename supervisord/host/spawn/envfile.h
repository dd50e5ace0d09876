/*
 * Files of KEY=VALUE lines, as systemd.exec(5) has them for EnvironmentFile=.
 */
#pragma once

#include <stddef.h>

#define ENVFILE_SIZE_MAX ((size_t)256 << 10) /* bytes; a larger file is refused */

/*
 * Set the variables of @text in *@env, a list of "KEY=VALUE"; a later one of a name replaces an
 * earlier one.
 *
 * Empty lines, lines that begin with '#' or ';' and lines without '=' mean nothing. Blanks around
 * the name and the value are cut off. A value may consist of parts in single or double quotes,
 * which may go over several lines; in double quotes a backslash stands before one of "\`$. Without
 * quotes a backslash takes the next character literally. A backslash at the end of a line joins it
 * with the next, but not in single quotes. A quote in the middle of a value without quotes is a
 * character.
 *
 * Returns 0; -ENOMEM; or -EINVAL, the line's number in *reterr_line and half a sentence in
 * *reterr_why (a constant). What stood before is then set.
 */
int envfile_parse(const char *text, char ***env, unsigned *reterr_line, const char **reterr_why);

/*
 * The same for the file @path. Returns 0 or -errno (-EINVAL: no regular file, too large, or not
 * understood), with a whole sentence in *reterr_message, the caller's, unless memory is short.
 * Never waits for a FIFO or device.
 */
int envfile_read(const char *path, char ***env, char **reterr_message);
