/*
 * The interactive shell: line editing, history and completion on a terminal, plain lines elsewhere.
 */
#pragma once

#include <stdbool.h>

#include "ctl/session.h"

/* Show the status, then run commands until the end of the input, `quit` or Ctrl-C. */
void prompt_loop(Session *s);

/* Ask @question. A yes is an answer that begins with y. */
bool prompt_confirm(const char *question);

/*
 * What could complete the last word of @line, beginning with @text: names of commands first, then
 * what the command takes. *ret is the caller's list, sorted, perhaps NULL. @s is asked for the
 * names of processes and connects if it can. Returns 0 or -ENOMEM.
 */
int prompt_candidates(Session *s, const char *line, const char *text, char ***ret);
