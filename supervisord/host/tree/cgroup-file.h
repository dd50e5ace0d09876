/*
 * The files of a cgroup and the folders in it: reading and writing them, and no more. @dir_fd is a
 * folder of the cgroup file system and @name a cgroup in it.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* As cgroup_leaf_populated(). */
int cgroup_read_populated(int dir_fd, const char *name);

/* Write @text to @file of the cgroup, in one call. Returns 0 or -errno. */
int cgroup_write_file(int dir_fd, const char *name, const char *file, const char *text);

/* As cgroup_leaf_kill(). */
int cgroup_write_kill(int dir_fd, const char *name);

/* As cgroup_leaf_pids(). */
int cgroup_read_pids(int dir_fd, const char *name, pid_t **ret);

/* The same without what is below. */
int cgroup_read_own_pids(int dir_fd, const char *name, pid_t **ret);

/*
 * Is @pid in the cgroup with this path, as /proc/PID/cgroup shows it, or below? 1, 0 also if it is
 * gone, or -errno.
 */
int cgroup_contains_pid(const char *path, pid_t pid);

/* Remove the cgroup and all below it: 0 or -errno; what is populated stays, with what is above it.
 */
int cgroup_remove_tree(int dir_fd, const char *name);

/* Remove all empty cgroups in the folder @dir_fd itself: 0, or -errno if it cannot be listed. */
int cgroup_remove_empty(int dir_fd);
