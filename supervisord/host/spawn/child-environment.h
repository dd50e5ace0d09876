/*
 * The environment that a child is started with.
 */
#pragma once

#include "config/model/config.h"

/*
 * @inherited (the daemon's own environment) without what a service manager left there for the
 * daemon alone (NOTIFY_SOCKET, WATCHDOG_*, LISTEN_*, …), then SUPERVISOR_ENABLED and its friends,
 * then what
 * @config says (environment, login, the program's own environment once more); a later one of a name
 * replaces an earlier one. The array is the caller's, to be freed with environment_free(). Returns
 * 0 or -ENOMEM.
 */
int environment_build(char *const *inherited, const ProcessConfig *config, char ***ret);

/*
 * Add to *@env what the environment files of @config hold now, a later file over an earlier one,
 * and over them the program's own environment once more. Never waits, whatever the paths lead to.
 * Returns 0; -ENOMEM; or the error of a file that cannot be read or understood, and *reterr_message
 * in words, the caller's (NULL without memory).
 */
int environment_add_files(const ProcessConfig *config, char ***env, char **reterr_message);

/* @inherited as above, and nothing else. Returns 0 or -ENOMEM. */
int environment_inherit(char *const *inherited, char ***ret);
