/*
 * Reading the files of systemd's units, as systemd.syntax(7) has them, as far as a few keys of one
 * section need it. Nothing here waits or follows anything but files.
 */
#pragma once

/* One assignment, in order; an empty @value is an assignment, too. Returns 0, or -errno to end. */
typedef int (*unit_assignment_fn)(const char *key, const char *value, void *userdata);

/*
 * Call @fn for each assignment of @section in @path. Lines that are none are passed over, a
 * backslash at the end of one continues it. Returns 0, -errno of opening or reading, or what @fn
 * gave.
 */
int unit_file_read(const char *path, const char *section, unit_assignment_fn fn, void *userdata);

/*
 * The same for the unit @name in the folders @dirs (ends with NULL), the first of which counts: the
 * file itself, then what lies as NAME.d/X.conf in any of them, in the order of X. Returns 0,
 * -ENOENT if there is no such unit, or as above.
 */
int unit_read(char *const *dirs,
              const char *name,
              const char *section,
              unit_assignment_fn fn,
              void *userdata);
