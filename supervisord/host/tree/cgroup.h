/*
 * The cgroup v2 folder in which each tree gets a leaf of its own. It knows names and files, not
 * what the leaves are for. Leaves are named by what cgroup_leaf_make() gave; all live in one
 * folder.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

typedef struct Cgroup Cgroup;

/*
 * Open the folder: our own cgroup if it is delegated, else `supervisord-IDENTIFIER` made in it. One
 * that an earlier supervisor of this name left behind is taken over, one of a living supervisor is
 * not: then the name gets a number. It is proven with a short-lived child that a process can be
 * started in a leaf. Returns 0 or -errno.
 */
int cgroup_open(const char *identifier, Cgroup **ret);

/* Close it; a folder that we made is removed if no leaf is left. NULL is fine. Returns NULL. */
Cgroup *cgroup_free(Cgroup *cg);
DEFINE_CLEANUP(Cgroup, cgroup_free);

/* The folder's path as /proc/PID/cgroup shows it. Lives with @cg. */
const char *cgroup_get_path(const Cgroup *cg);

/*
 * The inotify descriptor of all leaves, and the number of the watch that has an event pending: 0 if
 * there is none (the descriptor is then drained), or -errno. See cgroup_leaf_watch().
 */
int cgroup_get_fd(const Cgroup *cg);
int cgroup_next_event(Cgroup *cg);

/*
 * Must children put themselves into the leaf through cgroup.procs? True where the kernel cannot
 * create them in it, or kills what is created there (some kernels after a cgroup.kill further up).
 */
bool cgroup_needs_join(const Cgroup *cg);

/*
 * Let all leaves have the files of @controller ("memory", "pids", "cpu"). If it has to be this
 * process leaves its cgroup for the folder's `supervisor`, taking others with it if the cgroup is
 * delegated; cgroup_free() goes back.
 *
 * Returns 0; -EOPNOTSUPP: the controller is not there for us; -EBUSY: strangers are in our cgroup,
 * which the kernel does not allow then; or -errno.
 */
int cgroup_enable(Cgroup *cg, const char *controller);

/* Write @value to @file of the leaf. Returns 0 or -errno. */
int cgroup_leaf_set(const Cgroup *cg, const char *leaf, const char *file, const char *value);

/*
 * Make a fresh leaf NAME.N, never used before: kernels from 6.14 kill what is created in a leaf
 * that was once killed. *ret is the caller's, as is removing it. Returns 0 or -errno of mkdir(2).
 */
int cgroup_leaf_make(Cgroup *cg, const char *name, char **ret);

/* The leaf as a descriptor for CLONE_INTO_CGROUP (O_PATH), the caller's; or -errno. */
int cgroup_leaf_open(const Cgroup *cg, const char *leaf);

/*
 * Does a process live in the leaf or below it? Zombies do not count. Returns 1, 0 (also if it is
 * gone), or -errno.
 */
int cgroup_leaf_populated(const Cgroup *cg, const char *leaf);

/* Have changes of that told through cgroup_get_fd(). Returns the watch's number (> 0) or -errno. */
int cgroup_leaf_watch(Cgroup *cg, const char *leaf);

/* No more of it. To be called before the leaf is removed. */
void cgroup_leaf_unwatch(Cgroup *cg, int watch);

/*
 * SIGKILL for all in the leaf and below, those being forked included. Returns 0 or -errno: -ENOENT
 * before Linux 5.14, -EOPNOTSUPP for a threaded cgroup.
 */
int cgroup_leaf_kill(const Cgroup *cg, const char *leaf);

/*
 * The processes in the leaf and below, as numbers that mean little a moment later. *ret is the
 * caller's (NULL if none). Returns the count or -errno.
 */
int cgroup_leaf_pids(const Cgroup *cg, const char *leaf, pid_t **ret);

/* Is @pid in the leaf or below it at this moment? 1, 0 also if it is gone, or -errno. */
int cgroup_leaf_has(const Cgroup *cg, const char *leaf, pid_t pid);

/* Remove the leaf with what empty cgroups the program has made in it. Returns 0, or -EBUSY, … */
int cgroup_leaf_remove(const Cgroup *cg, const char *leaf);
