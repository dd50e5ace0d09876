/*
 * A folder of our own for sockets, which is gone when we are: within $RUNTIME_DIRECTORY, /run or
 * $XDG_RUNTIME_DIR, or else in /tmp. Everybody may go through it, nobody but us may list or change
 * it.
 */
#pragma once

#include "base/macro.h"

typedef struct RuntimeDirectory RuntimeDirectory;

/* Make one; to be called by the user that the daemon keeps. Returns 0 or -errno (that of /tmp). */
int runtime_directory_new(RuntimeDirectory **ret);

/* Remove it; what others have left in it stays, and it with that. NULL is fine. Returns NULL. */
RuntimeDirectory *runtime_directory_free(RuntimeDirectory *d);
DEFINE_CLEANUP(RuntimeDirectory, runtime_directory_free);

/* Absolute, without a slash at the end. */
const char *runtime_directory_get_path(const RuntimeDirectory *d);
