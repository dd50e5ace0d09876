/*
 * The names of rotated log files: FILE, FILE.1 (the youngest) … FILE.N, as Python's supervisord has
 * them.
 */
#pragma once

#include <stdint.h>

/*
 * Move @path out of the way: FILE.1 becomes FILE.2 and so on, @path becomes FILE.1, and what would
 * be number @backups + 1 is lost. Only names without a gap between them move. @backups must be > 0.
 *
 * Returns 0 (also if @path did not exist), or -errno with @path still in its place; older files may
 * have moved then.
 */
int rotate_files(const char *path, int64_t backups);
