/*
 * The environment that a child is started with.
 */
#pragma once

#include "config/config.h"

/*
 * @inherited (the daemon's own environment) without what a service manager left there for the
 * daemon alone (NOTIFY_SOCKET, WATCHDOG_*, LISTEN_*, …), then SUPERVISOR_ENABLED and its friends,
 * then what
 * @config says; a later one of a name replaces an earlier one. The array is the caller's, to be
 * freed with environment_free(). Returns 0 or -ENOMEM.
 */
int environment_build(char *const *inherited, const ProcessConfig *config, char ***ret);

/* @inherited as above, and nothing else. Returns 0 or -ENOMEM. */
int environment_inherit(char *const *inherited, char ***ret);
