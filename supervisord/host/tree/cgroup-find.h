/*
 * Where we are among the cgroups of the machine, and whether that place is ours to divide.
 */
#pragma once

#include <stdbool.h>

/* Where this process is in the cgroup v2 hierarchy. */
typedef struct CgroupPlace {
        char *path;     /* as /proc/PID/cgroup shows it */
        char *folder;   /* the same in the file system */
        bool delegated; /* systemd has left it to us */
} CgroupPlace;

/*
 * Find our cgroup v2 and whether we may make children in it: delegated by systemd, no systemd on
 * this machine, or PID 1. Returns 0 with strings that cgroup_place_done() frees, -ENOENT if there
 * is no such hierarchy in sight, -EPERM if it is not ours to use, -ENOMEM, or the error of reading
 * /proc.
 */
int cgroup_find(CgroupPlace *ret);
void cgroup_place_done(CgroupPlace *place);
