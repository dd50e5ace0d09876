/*
 * One physical line of a configuration file: what Python's ConfigParser takes it for. Comment and
 * outer blanks are cut off; names and values are not taken apart.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum LineKind {
        LINE_EMPTY,   /* nothing but blanks: an empty line within a value */
        LINE_COMMENT, /* nothing but a comment: adds nothing to a value */
        LINE_SECTION, /* [name], and perhaps more: the name runs up to the last bracket */
        LINE_OPTION,  /* there is '=' or ':' in it, perhaps at its beginning */
        LINE_OTHER,   /* neither */
} LineKind;

typedef struct Line {
        size_t indent; /* characters before the first that is no blank; a tab counts as one */
        char *content; /* comment and outer blanks removed */
        LineKind kind; /* what it is if it does not continue the value before */
} Line;

/*
 * Cut @text, a line without its end, which is overwritten. The result points into it.
 *
 * A comment begins with ';' or '#' as first character or behind a blank, quotes or not. Python
 * looks for it in rounds, the first ';' and the first '#', then the second ones, and stops after
 * the first round that finds any, so that "a;b ;c #d" keeps " ;c": the rule is kept to the letter.
 */
void line_cut(char *text, Line *ret);
