/* The daemon's pidfile: its number for people and scripts, its lock against a second instance. */
#pragma once

#include <sys/types.h>

#include "base/macro.h"

typedef struct Pidfile Pidfile;

/*
 * Open or create @path and lock it. The lock lasts as long as the result, over fork(2). Returns
 * -EBUSY if another process holds it, *reterr_holder is then its number as the file has it, or 0.
 * Other -errno if there can be no such file.
 */
int pidfile_lock(const char *path, Pidfile **ret, pid_t *reterr_holder);

/* Write our own number. Returns 0 or -errno. */
int pidfile_write(Pidfile *p);

/* Remove the file if it is still the one that was locked, and give the lock up. NULL is fine. */
Pidfile *pidfile_free(Pidfile *p);
DEFINE_CLEANUP(Pidfile, pidfile_free);

/* Give up the descriptor and leave file and lock to the process that was forked in the meantime. */
Pidfile *pidfile_leave(Pidfile *p);
