/*
 * Runs commands, as the command line and the prompt have them.
 */
#pragma once

#include "ctl/session/session.h"

/*
 * Run one line: a command and its words, "?" for help; an empty one does nothing. What is wrong
 * with it is said; the exit status is in @s.
 */
void dispatch_line(Session *s, const char *line);
