/*
 * Reads one configuration file into a ConfigText. It turns the dialect of Python's ConfigParser
 * into plain INI lines, and inih splits those; it is no second parser of either.
 *
 * What the reader decides is what a line is (line.h): comments go, deeper lines are joined to the
 * option above them, and what is left is a section or an option with all of its lines. Each of
 * these becomes one plain line. inih takes off the brackets, finds the delimiter, cuts the blanks
 * around it and hands over section, name and value; these are used as they come.
 *
 * The packaged inih takes 199 bytes of a line and 49 of a section's name, ends a value at a blank
 * before ';', and is silent about sections without keys. Therefore
 *
 * - only the middle of a long line passes through inih: the plain line is as much of the text as it
 *   can carry, and what it cannot carry, at the end of a value or of a section's name, is put
 *   behind what it hands over. Nothing has to be cut in that part. A name that inih cannot carry is
 *   put before what it hands over in the same way; the plain line then begins at the delimiter.
 * - a section is followed by a plain line without name and value, so that it is heard of.
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
