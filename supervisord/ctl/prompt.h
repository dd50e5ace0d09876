/*
 * The interactive shell: line editing, history and completion on a terminal, plain lines elsewhere.
 */
#pragma once

#include "ctl/session/session.h"

/* Show the status, then run commands until the end of the input, `quit` or Ctrl-C. */
void prompt_loop(Session *s);
