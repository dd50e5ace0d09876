/*
 * Switching on the controllers (memory, pids, cpu) whose files limit the leaves, and making way for
 * them; see cgroup_enable(). It sets no limit itself.
 */
#pragma once

#include <stdbool.h>

typedef struct CgroupControl {
        const char *folder; /* in which the leaves are; borrowed */
        char *above;    /* our own cgroup, if the folder was made in it; NULL: it is the folder */
        bool moved;     /* we are in the folder's `supervisor` */
        char **enabled; /* "-memory" and so on: takes back what we have switched on */
} CgroupControl;

/* As cgroup_enable(). */
int cgroup_control_enable(CgroupControl *c, const char *controller);

/* Switch off what was switched on, go back to where we were, free all. */
void cgroup_control_done(CgroupControl *c);
