#include "bus/client/peer.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/macro.h"

/* The groups a client is in; none where the kernel does not tell them (before Linux 4.13). */
static int read_groups(int fd, Peer *p) {
        _cleanup_(freep) gid_t *groups = NULL;
        socklen_t size = 0;

        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) >= 0 || errno == ENOPROTOOPT)
                return 0;
        if (errno != ERANGE)
                return -errno;
        groups = malloc(size);
        if (!groups)
                return -ENOMEM;
        if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
                return -errno;
        p->groups = TAKE_PTR(groups);
        p->n_groups = size / sizeof(*p->groups);
        return 0;
}

int peer_read(int fd, Peer *ret) {
        struct ucred credentials;
        socklen_t size = sizeof(credentials);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
                return -errno;
        *ret = (Peer){
                .uid = credentials.uid,
                .gid = credentials.gid,
                .pid = credentials.pid,
        };
        return read_groups(fd, ret);
}

void peer_done(Peer *p) {
        free(p->groups);
        *p = (Peer){ 0 };
}
