/*
 * One listening socket: opened, bound, changed, explained, closed, and its name in the file system
 * with it. Who shares it, and for how long it stays open, is for listening-sockets.h.
 */
#pragma once

#include <sys/stat.h>

#include "config/model/config.h"

typedef struct OpenSocket {
        int fd;     /* owned; close-on-exec, blocking */
        char *path; /* owned: the name that was made for it, or NULL */
        dev_t dev;  /* which file that is */
        ino_t ino;
} OpenSocket;

/*
 * Open and bind @address as @config says, and listen. A socket in the file system which nobody has
 * open any more is replaced, one that somebody has open never. For a path *ret has all of a new
 * name: give it to open_socket_done().
 *
 * Returns 0, or -errno: -EADDRINUSE also for the name of a socket that is in use, -EEXIST for a
 * name that is no socket.
 */
int open_socket(const SocketConfig *config, const SocketAddress *address, OpenSocket *ret);

/* Close it, and remove its name unless that is another's by now. */
void open_socket_done(OpenSocket *s);

/*
 * Have @s, made by open_socket() from @before, be as @after says: backlog, mode and owner,
 * reuse_port. Returns 0 or -errno.
 */
int open_socket_adjust(const OpenSocket *s, const SocketConfig *before, const SocketConfig *after);

/*
 * Words for what open_socket() gave: "cannot listen at :80: Address already in use, held by nginx
 * (pid 123)". *ret is the caller's. Returns 0 or -ENOMEM.
 */
int open_socket_explain(const SocketConfig *config,
                        const SocketAddress *address,
                        int error,
                        char **ret);
