/*
 * `supervisord -- COMMAND`: the least of an init, as a container needs it for PID 1. It runs one
 * command in the foreground without a configuration, forwards signals to it, reaps orphans, and
 * ends with the command's exit status.
 */
#pragma once

#include <signal.h>

/* Exit statuses for a command that cannot be run, as shells have them. */
#define MINI_INIT_EXIT_NOT_EXECUTABLE 126
#define MINI_INIT_EXIT_NOT_FOUND 127

/*
 * Run @argv (ends with NULL) with the signal mask @mask and @inherited as its environment, without
 * the variables that a service manager has set for the daemon itself. When the command ends, what
 * remains of its process tree gets SIGTERM, and SIGKILL after ten seconds. Returns the exit status:
 * the command's own, 128 + n if signal n ended it, or one of the above after a message on stderr.
 * Leaves all signals that it forwards blocked.
 */
int mini_init_run(char *const *argv, char *const *inherited, const sigset_t *mask);
