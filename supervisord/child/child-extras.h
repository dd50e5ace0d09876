/*
 * What a child gets beside what its configuration says: where it tells its readiness, and sockets.
 * It is put into the request for its start.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "host/net/listening-sockets.h"
#include "host/spawn/spawn-request.h"
#include "host/spawn/start-failure.h"

/* Start from CHILD_EXTRAS_NONE. */
typedef struct ChildExtras {
        const char *notify_path; /* its NOTIFY_SOCKET, or NULL */
        uint64_t watchdog_usec;  /* its WATCHDOG_USEC; 0: none */
        int fd;                  /* one more descriptor, borrowed, or -1 */
        int fd_number;           /* as which it finds it */

        SocketHold *const *sockets; /* what it finds as 3, 4, …; borrowed */
        size_t n_sockets;
        const SocketHold *stdin_socket; /* what it finds as 0, a single descriptor; or NULL */
} ChildExtras;

#define CHILD_EXTRAS_NONE ((ChildExtras){ .fd = -1 })

/*
 * Add @extras to @request, whose environment is complete otherwise. Returns 0 or -errno; *reterr is
 * then why, the caller's, or as it was.
 */
int child_extras_add(SpawnRequest *request, const ChildExtras *extras, StartFailure **reterr);
