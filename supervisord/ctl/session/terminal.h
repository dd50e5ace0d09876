/*
 * Reading lines, with editing if a person types them.
 */
#pragma once

#include <stdbool.h>

/* Are both standard input and standard output a terminal? */
bool terminal_is_there(void);

/*
 * Show @prompt and read a line. It is the caller's, without its line feed; NULL at the end of the
 * input, after Ctrl-C, and without memory.
 */
char *terminal_read_line(const char *prompt);

/* Ask @question. A yes is an answer that begins with y. */
bool terminal_confirm(const char *question);
