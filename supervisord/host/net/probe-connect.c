/* Part of probe (host/net/probe-private.h): the kinds that try to connect, to a port or to a socket
 * in the file system. One connection is under way at a time; the addresses of a round are tried in
 * turn, and a socket that is not there yet is awaited in its folder.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

#include "host/net/probe-private.h"

#define READS_MAX 16
/* A socket has its name a moment before anybody listens. */
#define APPEARED_RETRY_USEC (10 * USEC_PER_MSEC)

/* ---------------------------------------------------------------- addresses */

static int add_ipv4(Probe *p, const char *host, uint16_t port) {
        ProbeAddress *a = p->addresses + p->n_addresses;
        struct sockaddr_in *in = (struct sockaddr_in *)&a->address;

        *in = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
        if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
                return -EINVAL;
        a->type = SOCK_STREAM;
        a->size = sizeof(*in);
        p->n_addresses++;
        return 0;
}

static int add_ipv6(Probe *p, const char *host, uint16_t port) {
        ProbeAddress *a = p->addresses + p->n_addresses;
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)&a->address;

        *in = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port) };
        if (inet_pton(AF_INET6, host, &in->sin6_addr) != 1)
                return -EINVAL;
        a->type = SOCK_STREAM;
        a->size = sizeof(*in);
        p->n_addresses++;
        return 0;
}

static int init_tcp(Probe *p, const Readiness *readiness) {
        const char *host = readiness->host;
        int r;

        if (strcmp(host, "localhost") == 0) {
                r = add_ipv4(p, "127.0.0.1", readiness->port);
                return r < 0 ? r : add_ipv6(p, "::1", readiness->port);
        }
        if (strchr(host, ':'))
                return add_ipv6(p, host, readiness->port);
        return add_ipv4(p, host, readiness->port);
}

static void add_unix(Probe *p, const struct sockaddr_un *address, socklen_t size, int type) {
        ProbeAddress *a = p->addresses + p->n_addresses++;

        memcpy(&a->address, address, size);
        a->size = size;
        a->type = type;
}

static int init_unix(Probe *p, const Readiness *readiness) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t n = strlen(readiness->path);
        const char *slash = strrchr(readiness->path, '/');
        socklen_t size = sizeof(address);

        if (n >= sizeof(address.sun_path))
                return -EINVAL;
        memcpy(address.sun_path, readiness->path, n);
        if (readiness->path[0] == '@') {
                address.sun_path[0] = '\0';
                size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
        } else {
                p->name = strdup(slash + 1);
                p->directory =
                        slash == readiness->path
                                ? strdup("/")
                                : strndup(readiness->path, (size_t)(slash - readiness->path));
                if (!p->name || !p->directory)
                        return -ENOMEM;
                p->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
                /* Without one (there are few for each user) trying again has to do. */
        }
        add_unix(p, &address, size, SOCK_STREAM);
        add_unix(p, &address, size, SOCK_SEQPACKET);
        add_unix(p, &address, size, SOCK_DGRAM);
        return 0;
}

int probe_connect_init(Probe *p, const Readiness *readiness) {
        struct epoll_event event = { .events = EPOLLIN };
        int r;

        r = readiness->kind == READINESS_TCP ? init_tcp(p, readiness) : init_unix(p, readiness);
        if (r < 0 || p->inotify_fd < 0)
                return r;
        return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, p->inotify_fd, &event) < 0 ? -errno : 0;
}

/* ---------------------------------------------------------------- connections */

void probe_connect_close(Probe *p) {
        if (p->fd < 0)
                return;
        /* A child on its way to its program may hold a copy, which would keep the entry alive. */
        (void)epoll_ctl(p->epoll_fd, EPOLL_CTL_DEL, p->fd, NULL);
        p->fd = safe_close(p->fd);
}

/*
 * Where nobody listens at a port that is also given out for outgoing connections, a connection can
 * be given that very port and meet itself. It must then vanish without a trace, as one that is
 * closed in peace would keep the port from the program for a minute.
 */
static bool met_itself(int fd) {
        static const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
        struct sockaddr_storage own = { 0 }, peer = { 0 };
        socklen_t n_own = sizeof(own), n_peer = sizeof(peer);

        if (getsockname(fd, (struct sockaddr *)&own, &n_own) < 0 ||
            getpeername(fd, (struct sockaddr *)&peer, &n_peer) < 0)
                return false; /* reset since, so there was somebody */
        if (own.ss_family == AF_UNIX || n_own != n_peer || memcmp(&own, &peer, n_own) != 0)
                return false;
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)); /* cannot fail */
        return true;
}

/* 1: connected. 0: under way. Else -errno. */
static int try_address(Probe *p, const ProbeAddress *a) {
        struct epoll_event event = { .events = EPOLLOUT };
        _cleanup_(closep) int fd = -1;

        fd = socket(a->address.ss_family, a->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&a->address, a->size) == 0)
                return met_itself(fd) ? -ECONNREFUSED : 1;
        if (errno != EINPROGRESS)
                return -errno;
        if (epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
                return -errno;
        p->fd = TAKE_FD(fd);
        return 0;
}

/* The first error of a round tells most, unless it is that the socket is of another type. */
static void note_error(Probe *p, int error) {
        if (p->next_address == 0 || p->error == EPROTOTYPE)
                p->error = error;
}

/* The rest of a round. */
static ProbeResult try_addresses(Probe *p, uint64_t now_usec) {
        int r;

        for (; p->next_address < p->n_addresses; p->next_address++) {
                r = try_address(p, p->addresses + p->next_address);
                if (r > 0)
                        return p->result = PROBE_READY;
                if (r == 0) {
                        p->deadline_usec = now_usec + PROBE_CONNECT_USEC;
                        return PROBE_PENDING;
                }
                note_error(p, -r);
        }
        return probe_retry_later(p, now_usec);
}

/* 1: connected. 0: not yet known. Else -errno. */
static int check_connection(const Probe *p, uint64_t now_usec) {
        struct pollfd poll_fd = { .fd = p->fd, .events = POLLOUT };
        socklen_t size = sizeof(int);
        int error = 0;

        if (poll(&poll_fd, 1, 0) <= 0)
                return now_usec >= p->deadline_usec ? -ETIMEDOUT : 0;
        if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
                return -errno;
        if (error > 0)
                return -error;
        return met_itself(p->fd) ? -ECONNREFUSED : 1;
}

static ProbeResult follow_connection(Probe *p, uint64_t now_usec) {
        int r = check_connection(p, now_usec);

        if (r == 0)
                return PROBE_PENDING;
        probe_connect_close(p);
        if (r > 0)
                return p->result = PROBE_READY;
        note_error(p, -r);
        p->next_address++;
        return try_addresses(p, now_usec);
}

/* ---------------------------------------------------------------- sockets that appear */

/* The directory itself may not be there yet: it is looked for at each round. */
static void watch_directory(Probe *p) {
        if (p->inotify_fd >= 0 && p->watch < 0)
                p->watch = inotify_add_watch(p->inotify_fd, p->directory,
                                             IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
}

/* Read what is told of the directory; was the socket's name in it? */
static bool name_has_appeared(Probe *p) {
        _Alignas(struct inotify_event) char buffer[4096];
        bool appeared = false;
        ssize_t n;

        for (int i = 0; i < READS_MAX && p->inotify_fd >= 0; i++) {
                n = read(p->inotify_fd, buffer, sizeof(buffer));
                if (n <= 0)
                        break; /* nothing (more): rounds go on without it */
                for (char *at = buffer; at < buffer + n;) {
                        const struct inotify_event *e = (const void *)at;

                        if (e->mask & IN_IGNORED)
                                p->watch = -1; /* the directory was removed */
                        if (e->mask & IN_Q_OVERFLOW ||
                            (e->len > 0 && strcmp(e->name, p->name) == 0))
                                appeared = true;
                        at += sizeof(*e) + e->len;
                }
        }
        return appeared;
}

ProbeResult probe_connect_begin(Probe *p, uint64_t now_usec) {
        watch_directory(p); /* before the attempt, or a socket could come between the two */
        p->next_address = 0;
        return try_addresses(p, now_usec);
}

ProbeResult probe_connect_dispatch(Probe *p, uint64_t now_usec) {
        if (name_has_appeared(p)) {
                p->interval_usec = APPEARED_RETRY_USEC;
                if (p->fd < 0)
                        return probe_connect_begin(p, now_usec);
        }
        if (p->fd >= 0)
                return follow_connection(p, now_usec);
        return now_usec >= p->deadline_usec ? probe_connect_begin(p, now_usec) : PROBE_PENDING;
}
