/*
 * One physical line of a configuration file, cut the way Python's ConfigParser cuts it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum LineKind {
        LINE_EMPTY,   /* nothing but blanks: an empty line within a value */
        LINE_COMMENT, /* nothing but a comment: adds nothing to a value */
        LINE_SECTION, /* [name]: name is set */
        LINE_OPTION,  /* name = value or name: value; both are set, name may be empty */
        LINE_OTHER,   /* neither */
} LineKind;

typedef struct Line {
        size_t indent; /* characters before the first that is no blank; a tab counts as one */
        char *content; /* comment and outer blanks removed; the whole text as a continuation */
        LineKind kind; /* what it is if it does not continue the value before */
        char *name;    /* parts of a copy of content, valid as long as the line's text is */
        char *value;
} Line;

/*
 * Cut @text, a line without its end, which is overwritten. @scratch must have room for as many
 * bytes as
 * @text has with its NUL. The result points into both.
 *
 * A comment begins with ';' or '#' as first character or behind a blank, quotes or not. Python
 * looks for it in rounds, the first ';' and the first '#', then the second ones, and stops after
 * the first round that finds any, so that "a;b ;c #d" keeps " ;c": the rule is kept to the letter.
 */
void line_cut(char *text, char *scratch, Line *ret);
