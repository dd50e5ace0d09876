/*
 * A command line cut into words as Python's shlex.split() does it: like a POSIX shell, but nothing
 * is expanded, no character is an operator and '#' starts no comment.
 */
#pragma once

/*
 * Blanks (space, tab, CR, LF) separate words. Quotes of both kinds group, a backslash takes the
 * next character literally (within double quotes only before '"' and itself, within single quotes
 * never).
 *
 * Returns 0 and the caller's *ret, not NULL and perhaps empty; -EINVAL and *reterr_why, a constant
 * in Python's words ("No closing quotation", "No escaped character"); or -ENOMEM.
 */
int split_words(const char *text, char ***ret, const char **reterr_why);
