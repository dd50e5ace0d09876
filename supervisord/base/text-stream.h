/* Texts that are written piece by piece, with open_memstream(3). */
#pragma once

#include <stdio.h>

/*
 * Close @f, which was to write to *@text. Returns 0, or -ENOMEM where not all of it is there: the C
 * library reports no error for a text that it had to give up at the end. *@text is the caller's to
 * free(3) either way.
 */
int text_stream_close(FILE *f, char *const *text);
