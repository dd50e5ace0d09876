/*
 * One command in the foreground with us as its init: signals are forwarded, orphans reaped, and its
 * status becomes ours. What a container needs as PID 1, without a configuration.
 */
#pragma once

#include <signal.h>

/* Exit statuses of our own, as shells have them. */
#define COMMAND_EXIT_NOT_EXECUTABLE 126
#define COMMAND_EXIT_NOT_FOUND 127

/*
 * Run @argv (ends with NULL) with @inherited as environment, without what a service manager left
 * there for us, and the signal mask @mask. When it ends, what it left of its tree is asked to end
 * with SIGTERM and killed after ten seconds. Returns the exit status: the command's own, 128 + n if
 * signal n ended it, or one of the above after a message on stderr. Blocks all signals that it
 * forwards.
 */
int command_run(char *const *argv, char *const *inherited, const sigset_t *mask);
