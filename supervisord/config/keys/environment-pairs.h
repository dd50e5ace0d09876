/*
 * The value of `environment`: KEY=VALUE pairs in the words of Python's supervisord.
 */
#pragma once

/*
 * Cut @text into pairs with the lexer that Python uses (shlex, not POSIX): words are made of
 * letters, digits and _/.+-(): and anything else must be quoted; one separator of any kind follows
 * a pair. What it refuses is refused.
 *
 * Where that lexer drops a part of the text without a word (A=$HOME gives "$", A=a b gives "a") the
 * text is read as it was meant and *ret_warning, the caller's, says what differs; it is NULL
 * otherwise.
 *
 * Returns 0 and the caller's *ret, a sorted list of "KEY=VALUE" (NULL when empty); -EINVAL and the
 * caller's *reterr_why, half a sentence; or -ENOMEM.
 */
int parse_environment(const char *text, char ***ret, char **ret_warning, char **reterr_why);
