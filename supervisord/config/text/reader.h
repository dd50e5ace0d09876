/*
 * Reads one configuration file into a ConfigText: physical lines, Python's rules of layout, inih.
 * The packaged inih cuts long lines and names, takes every indented line for a continuation and
 * does not show empty sections, so the lines it gets are prepared: short and unmistakable.
 */
#pragma once

#include "config/model/config.h"
#include "config/text/text.h"

/*
 * Add the file @path to @text. What is wrong in it goes to @report; duplicates become notes.
 *
 * Returns 0, also when errors were reported; -ENOENT, -EACCES or another errno when it cannot be
 * opened; -EISDIR for a directory, -ENXIO for anything else that is no regular file (it is never
 * opened in a way that could block); -ENOMEM.
 */
int config_read_file(ConfigText *text, const char *path, ConfigReport *report);
