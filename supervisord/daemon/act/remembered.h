/*
 * What commands have set that outlives the daemon: which processes are disabled. A text file of a
 * few lines in a folder of the daemon's own; without a place for it all holds until the daemon
 * ends.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "log/writers.h"

typedef struct Remembered Remembered;

/*
 * Where a daemon that runs with the file @config_path remembers: see place_state(). To be called
 * before privileges are dropped, as the folder is made for the user that @config names if that is
 * another. *ret is the caller's, NULL if there is no such place. Returns 0 or -ENOMEM.
 */
int remembered_place(const char *config_path, const DaemonConfig *config, char **ret);

/*
 * Read what is remembered in the folder @folder (NULL: nothing, and nothing ever will be). A file
 * that is not there is an empty one; lines that mean nothing are left out. Returns 0, or -errno
 * with *ret made all the same, but for -ENOMEM.
 */
int remembered_new(const char *folder, Remembered **ret);
Remembered *remembered_free(Remembered *r);
DEFINE_CLEANUP(Remembered, remembered_free);

bool remembered_is_disabled(const Remembered *r, const char *group, const char *name);

/* Returns 0 or -ENOMEM. */
int remembered_set(Remembered *r, const char *group, const char *name, bool disabled);

/*
 * Write it, whole or not at all, in a thread of @writers (NULL: at once). While an earlier one is
 * under way it follows that, and of several that wait only the last is written. What was begun goes
 * on after remembered_free(). @on_saved is told 0, -ENOENT without a folder, or -errno.
 */
void remembered_save(Remembered *r, Writers *writers, void (*on_saved)(int result));
