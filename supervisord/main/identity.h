/* Who the daemon is and how much it may have: its user and its resource limits. */
#pragma once

#include <sys/resource.h>

#include "config/model/config.h"

/*
 * Raise the limits on descriptors and processes to what @config asks for, and the daemon's own
 * limit on descriptors as far as it goes. *ret_n_files is what children are to have. Prints why on
 * stderr and returns -errno if minfds or minprocs cannot be had.
 */
int identity_raise_limits(const DaemonConfig *config, struct rlimit *ret_n_files);

/*
 * Become the user of @config for good. Does nothing if it names no user, or the one that the daemon
 * is already. Returns 0, or -errno after a message on stderr: the caller must not go on then.
 */
int identity_drop_privileges(const DaemonConfig *config);

/* Tell the log which user the daemon has become or is, in the words of Python's supervisord. */
void identity_log(const DaemonConfig *config);
