/*
 * The daemon starts itself anew: the same program with the same arguments under the same pid, as
 * Python's `supervisorctl reload` does. What it needs for that is kept from the beginning.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "base/macro.h"

typedef struct SelfRestart SelfRestart;

/*
 * Keep what a restart needs. To be called first of all, while nothing has changed yet. @argv is
 * main()'s and must stay. Returns 0 or -ENOMEM; what cannot be kept for other reasons is left out.
 */
int self_restart_new(char **argv, SelfRestart **ret);
SelfRestart *self_restart_free(SelfRestart *s);
DEFINE_CLEANUP(SelfRestart, self_restart_free);

/* Is this program one that has followed a restart, and so is in the background already? */
bool self_restart_has_happened(const SelfRestart *s);

/*
 * Start anew with the signal mask @mask and the limit @n_files on descriptors. The caller has given
 * everything back: only the first three descriptors and those of the service manager stay open.
 * Returns only on failure, -errno.
 */
int self_restart_start(const SelfRestart *s, const sigset_t *mask, const struct rlimit *n_files);
