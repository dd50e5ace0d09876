/*
 * UTF-8 and Python's notion of blanks, as text is cut at them in configuration files.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Bytes of the character at @s, a string that ends in NUL: 1 … 4; 0 if there is no valid UTF-8 (RFC
 * 3629: no surrogates, no overlong forms, nothing beyond U+10FFFF) or the string ends here.
 */
size_t utf8_length(const char *s);

/* Offset of the first byte of @s that belongs to no valid character; the string's length if all do.
 */
size_t utf8_valid_prefix(const char *s);

/* Number of characters; a byte that is not UTF-8 counts as one. */
size_t utf8_count(const char *s);

/* Bytes of the blank at @s (Python's str.isspace: ASCII ones, NBSP, U+3000 and friends); 0: no
 * blank. */
size_t utf8_blank(const char *s);

/* The same for a blank that ends just before @end; @start is where the text begins. */
size_t utf8_blank_before(const char *start, const char *end);

/* Cut blanks off both ends of @s, or off its end, in place; gives the first byte that is left. */
char *utf8_strip(char *s);
char *utf8_strip_end(char *s);
