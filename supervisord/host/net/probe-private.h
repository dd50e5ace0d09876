/* What the files of probe.h share: probe.c (its life, pipes, commands) and probe-connect.c. */
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include "host/net/probe.h"

#define PROBE_RETRY_MIN_USEC (100 * USEC_PER_MSEC)
#define PROBE_RETRY_MAX_USEC USEC_PER_SEC
#define PROBE_ADDRESSES_MAX 3

/* Somewhere to connect to; any of them will do. */
typedef struct ProbeAddress {
        int type; /* SOCK_STREAM … */
        socklen_t size;
        struct sockaddr_storage address;
} ProbeAddress;

struct Probe {
        ReadinessKind kind;
        char *what; /* for people: an address, a command, a number */
        ProbeResult result;
        int error; /* of the last attempt that failed, > 0; 0: none has, or not by an error */
        int epoll_fd;
        uint64_t deadline_usec;
        uint64_t interval_usec; /* before the next attempt but one */

        int fd; /* READINESS_FD: the pipe. Connections: the one under way, or -1 */
        int child_fd;

        ProbeAddress addresses[PROBE_ADDRESSES_MAX];
        size_t n_addresses;
        size_t next_address;
        int inotify_fd;
        int watch;       /* of the directory, or -1 */
        char *directory; /* READINESS_UNIX: where the socket is to appear, or NULL */
        char *name;      /* as what */

        ProbeRunner runner;
        pid_t pid;      /* the command that runs, or 0 */
        bool timed_out; /* the last one did */
};

/* Nothing is under way and the last attempt was in vain: wait. */
ProbeResult probe_retry_later(Probe *p, uint64_t now_usec);

/* probe-connect.c: take the address from @readiness. Returns 0, -ENOMEM, -EINVAL. */
int probe_connect_init(Probe *p, const Readiness *readiness);

/* probe-connect.c: a round of attempts from the first address on. */
ProbeResult probe_connect_begin(Probe *p, uint64_t now_usec);

/* probe-connect.c: see what has become of it, or begin the next round if it is time. */
ProbeResult probe_connect_dispatch(Probe *p, uint64_t now_usec);

/* probe-connect.c: give up the connection that is under way. */
void probe_connect_close(Probe *p);
