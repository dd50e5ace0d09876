/*
 * Who is at the other end of a connection: the process that connected, as the kernel knows it. It
 * is read once, when the client is accepted. What a peer may do is decided by access.h.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

typedef struct Peer {
        uid_t uid;
        gid_t gid;
        pid_t pid;
        gid_t *groups; /* supplementary ones; owned */
        size_t n_groups;
} Peer;

/*
 * Who is at the other end of the connected socket @fd. A client whose groups are not known could be
 * refused what it may do, so that is an error as well. Returns 0 with *ret to be ended by
 * peer_done(), or -errno.
 */
int peer_read(int fd, Peer *ret);

/* Free what it holds; for `_cleanup_`. */
void peer_done(Peer *p);
