/* Who may do what on the control socket. Pure. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "config/model/config.h"

typedef enum Access { /* each may what those before may */
        ACCESS_NONE,
        ACCESS_READ,
        ACCESS_OPERATE,
        ACCESS_ALL,
} Access;

typedef struct Peer { /* who is at the other end of a connection, as the kernel has it */
        uid_t uid;
        gid_t gid;
        pid_t pid;
        gid_t *groups; /* supplementary ones */
        size_t n_groups;
} Peer;

/* What @peer may, with a daemon that runs as @own and members of @control_gid having @mode;
 * (gid_t)-1 is no group. */
Access access_of(const Peer *peer, uid_t own, gid_t control_gid, ControlMode mode);

/*
 * What it takes to call @member, of whichever interface: a caller need not say which one it means.
 * What is not known takes everything.
 */
Access access_needed(const char *member);

/* "read", "operate", "all" */
const char *access_to_string(Access access);
