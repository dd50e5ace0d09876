/*
 * The child's side of a start, from the call that makes the child to its execve(2): the steps that
 * turn a copy of the daemon into a clean child. It is not for slots, waiting or collecting, which
 * are the spawner's (spawn.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/spawn/spawn-request.h"
#include "host/spawn/start-failure.h"

#define SPAWN_STACK_SIZE 8192

/*
 * What parent and child share. The parent fills it in before the child exists and may change
 * nothing in it, nor in what it points to, until @busy is 0.
 */
typedef struct SpawnChild {
        const SpawnRequest *request;
        void *stack_top;                /* of SPAWN_STACK_SIZE bytes */
        const uint64_t *mask;           /* the kernel's form of a signal set: bit N-1 is signal N */
        uint64_t reset;                 /* the signals to put back to their default */
        int stdio[3];                   /* what becomes 0, 1, 2; all > 2 */
        int sockets[SPAWN_SOCKETS_MAX]; /* what becomes 3, 4, …; all >= 3 + n_sockets */
        size_t n_sockets;               /* as many as the request has, when the child starts */
        int extra_fd;      /* what becomes request->extra_fd_number; >= 3 + n_sockets, or -1 */
        bool shares_files; /* born with our descriptor table: takes its own first of all */
        bool set_groups, set_gid, set_uid;
        bool join_cgroup; /* write itself into request->cgroup_fd */

        /* Written by the child. */
        volatile SpawnStage stage;
        volatile int error;    /* errno of the stage that failed */
        volatile int resource; /* RLIMIT_* that is being set */

        /* 1 from before the start; the kernel makes it 0 and wakes futexes at exec or exit. */
        int busy;
} SpawnChild;

typedef enum SpawnMethod {
        SPAWN_METHOD_CLONE3,
        SPAWN_METHOD_CLONE, /* clone(2): where clone3 is filtered, as in many containers */
        SPAWN_METHOD_VFORK, /* any architecture: the caller rests until the child has its program */
} SpawnMethod;

/* What this kernel, or the filter before it, lets us do. */
typedef struct SpawnMeans {
        SpawnMethod method;
        bool share_files; /* children may be born with our descriptor table */
        bool wait_exec;   /* always rest until the child has its program, as with
                             SpawnRequest.wait_exec */
} SpawnMeans;

SpawnMeans spawn_detect_means(void);

/*
 * Make the child that sets itself up by @c and executes. The caller has blocked all signals.
 * Fills in reset, shares_files and join_cgroup as the means demand. Returns the pid or -errno.
 */
pid_t spawn_child_start(SpawnChild *c, const SpawnMeans *means);
