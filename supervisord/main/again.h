/*
 * The daemon starts itself anew: the same program with the same arguments under the same pid, as
 * Python's `supervisorctl reload` has it. What it needs for that is kept from the beginning.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "base/macro.h"

typedef struct Again Again;

/*
 * To be called first of all, while nothing has changed yet. @argv is main()'s and must stay.
 * Returns 0 or -ENOMEM; what cannot be had otherwise is done without.
 */
int again_new(char **argv, Again **ret);
Again *again_free(Again *a);
DEFINE_CLEANUP(Again, again_free);

/* Are we what followed another start, in the background already if that was asked for? */
bool again_is_restart(const Again *a);

/*
 * Start anew with the signal mask @mask and the limit @n_files. Everything must be closed and given
 * back, as all descriptors but the first three and what the service manager has passed go. Returns
 * only on failure, -errno.
 */
int again_start(const Again *a, const sigset_t *mask, const struct rlimit *n_files);
