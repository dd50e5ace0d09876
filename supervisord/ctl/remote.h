/*
 * supervisorctl on another host. The whole command goes there through ssh(1): over there it finds
 * the daemon by that host's configuration, and runs as the user that ssh logs in.
 */
#pragma once

#include "ctl/session/options.h"

/*
 * Become `ssh HOST supervisorctl …` with the arguments of @o. Returns only on failure: -errno of
 * execvp(3), -ENOMEM.
 */
int remote_run(const CtlOptions *o);

/*
 * The words of that command, up to a NULL; *ret is the caller's. What follows the host is quoted
 * for the shell over there. @terminal: have ssh ask for one. Returns 0 or -ENOMEM.
 */
int remote_words(const CtlOptions *o, bool terminal, char ***ret);
