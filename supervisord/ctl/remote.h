/*
 * supervisorctl on another host: the whole command goes there through ssh(1), as that finds the
 * daemon by the configuration over there, and as the user one is there.
 */
#pragma once

#include "ctl/options.h"

/*
 * Become `ssh HOST supervisorctl …` with the arguments of @o. Returns only on failure: -errno of
 * execvp(3), -ENOMEM.
 */
int remote_run(const CtlOptions *o);

/*
 * Its words, up to a NULL; the caller's. What follows the host is quoted for the shell over there.
 * @terminal: ask for one. Returns 0 or -ENOMEM.
 */
int remote_words(const CtlOptions *o, bool terminal, char ***ret);
