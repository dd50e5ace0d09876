/*
 * Completion of a line at the prompt.
 */
#pragma once

#include "ctl/session/session.h"

/*
 * What could complete the last word of @line, beginning with @text: names of commands first, then
 * what the command takes. *ret is the caller's list, sorted, perhaps NULL. @s is asked for the
 * names of processes and connects if it can. Returns 0 or -ENOMEM.
 */
int completion_find(Session *s, const char *line, const char *text, char ***ret);
