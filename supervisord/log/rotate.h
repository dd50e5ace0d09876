/*
 * The names of rotated log files: FILE, FILE.1 (the youngest) … FILE.N, as Python's supervisord has
 * them. Each may have been compressed since and then bears a suffix: FILE.2.gz.
 */
#pragma once

#include <stdint.h>

/*
 * Move @path out of the way: FILE.1 becomes FILE.2 and so on, with or without @suffix (may be
 * NULL),
 * @path becomes FILE.1, and what would be number @backups + 1 is lost. Only names without a gap
 * between them move. @backups must be > 0.
 *
 * Returns 0 (also if @path did not exist), or -errno with @path still in its place; older files may
 * have moved then.
 */
int rotate_files(const char *path, int64_t backups, const char *suffix);

/* FILE.number, with @suffix (may be NULL) behind it. *ret is the caller's. Returns 0 or -ENOMEM. */
int rotate_name(const char *path, int64_t number, const char *suffix, char **ret);
