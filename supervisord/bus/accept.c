/*
 * New clients. Whether one may be here at all is decided before anything is read from it; what it
 * may call, with each message (filter.c).
 */
#include "bus/accept.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bus/filter.h"
#include "bus/serve.h"
#include "log/log.h"

#ifdef __SANITIZE_ADDRESS__
#        include <sanitizer/lsan_interface.h>
#else
#        define __lsan_ignore_object(object) ((void)(object))
#endif

/* At most ACCEPTS clients are accepted in ACCEPTS_USEC, so that a flood of connections does not
 * keep the loop from its work. */
#define ACCEPTS 200
#define ACCEPTS_USEC (100 * USEC_PER_MSEC)

/* The longest that a new client waits before it is accepted, when descriptors are free again. */
#define REST_USEC USEC_PER_SEC

#define CONNECTIONS_MAX 1024
#define CONNECTIONS_PER_USER_MAX 256 /* but for root */

/* How many bytes the kernel may queue for a client that does not read: its own default. Libsystemd
 * makes room for 8 MiB. */
#define SOCKET_BUFFER_SIZE 212992

/* Are there as many connections as there may be, or as this user may have? */
static bool is_full(const Acceptor *a, uid_t uid) {
        const Connection *c;
        size_t n = 0;

        if (a->clients->n >= a->n_max)
                return true;
        if (uid == 0)
                return false;
        LIST_FOREACH(c, &a->clients->list, others)
        n += c->peer.uid == uid;
        return n >= CONNECTIONS_PER_USER_MAX;
}

static void limit_buffers(int fd) {
        static const int size = SOCKET_BUFFER_SIZE;

        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int start_link(Connection *c, const Objects *objects, int *fd) {
        sd_id128_t id;
        int r;

        r = guard_check_early(&c->traffic.guard, *fd);
        if (r >= 0)
                r = sd_id128_randomize(&id);
        if (r >= 0)
                r = sd_bus_new(&c->link);
        if (r >= 0)
                r = sd_bus_set_server(c->link, true, id);
        if (r >= 0)
                r = sd_bus_negotiate_fds(c->link, true);
        if (r >= 0)
                r = sd_bus_set_fd(c->link, *fd, *fd);
        if (r < 0)
                return r;
        *fd = -1; /* the link's */
        r = sd_bus_add_filter(c->link, NULL, connection_filter, c);
        if (r >= 0) {
                r = objects_add(objects, c);
                /* What libsystemd has added only in part, it may look up by freed keys when the
                 * link is freed. So the link is closed and never freed; that happens, and costs
                 * memory, only where an allocation has failed. */
                if (r < 0) {
                        sd_bus_close(c->link);
                        __lsan_ignore_object(TAKE_PTR(c->link));
                }
        }
        if (r >= 0)
                r = sd_bus_start(c->link);
        if (r >= 0)
                limit_buffers(sd_bus_get_fd(c->link));
        return r;
}

static int connect_client(const Acceptor *a, int *fd) {
        _cleanup_(connection_freep) Connection *c = NULL;
        _cleanup_(peer_done) Peer peer = { 0 };
        int r;

        r = peer_read(*fd, &peer);
        if (r < 0)
                return r;
        if (is_full(a, peer.uid))
                return -EUSERS;
        r = connection_new(a->clients, &peer, &c);
        if (r < 0)
                return r;
        if (connection_access(c) == ACCESS_NONE) {
                log_info("uid %u (pid %d) may not connect to the control socket",
                         (unsigned)c->peer.uid, (int)c->peer.pid);
                return -EACCES;
        }
        r = start_link(c, a->objects, fd);
        if (r >= 0)
                r = connection_serve(c);
        if (r < 0)
                return r;
        (void)TAKE_PTR(c); /* one of the clients, until it is over */
        return 0;
}

/* ---------------------------------------------------------------- the socket */

/*
 * While no client can be accepted the socket is not watched, as it would be ready again at once. It
 * is watched again after the next event of the loop, as only that can have closed a descriptor of
 * ours; and after REST_USEC, as other processes may have closed theirs, or freed memory.
 */
static void rest(const Acceptor *a, bool rests) {
        (void)sd_event_source_set_io_events(a->listen, rests ? 0 : EPOLLIN);
        (void)sd_event_source_set_enabled(a->after, rests ? SD_EVENT_ON : SD_EVENT_OFF);
        (void)sd_event_source_set_time_relative(a->later, REST_USEC);
        (void)sd_event_source_set_enabled(a->later, rests ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int on_after(sd_event_source *source, void *userdata) {
        rest(userdata, false);
        return 0;
}

static int on_later(sd_event_source *source, uint64_t usec, void *userdata) {
        rest(userdata, false);
        return 0;
}

static void cannot_accept(Acceptor *a, int error) {
        if (error == EAGAIN || error == EINTR || error == ECONNABORTED)
                return;
        if (!a->cannot_accept)
                log_warn("cannot accept clients, they wait: %s", strerror(error));
        a->cannot_accept = true; /* logged once, though it is tried again and again */
        rest(a, true);
}

/*
 * Log that a client is not served. If the reason is the client itself, that is for debugging only,
 * as clients could fill the log with it. A failure of ours is a warning, but the same one is logged
 * once until a client is served again.
 */
static void turn_away(Acceptor *a, int error) {
        bool is_its_own = error == -EUSERS || error == -EACCES || error == -EPROTO;

        if (is_its_own || error == a->turns_away)
                log_debug("a client is turned away: %s", strerror(-error));
        else
                log_warn("clients are turned away: %s", strerror(-error));
        if (!is_its_own)
                a->turns_away = error;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        _cleanup_(closep) int client = -1;
        Acceptor *a = userdata;
        int r;

        client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) {
                cannot_accept(a, errno);
                return 0;
        }
        a->cannot_accept = false;
        r = connect_client(a, &client);
        if (r < 0)
                turn_away(a, r);
        else
                a->turns_away = 0;
        return 0;
}

/* Children need descriptors, too: clients get a quarter of them at most. */
static size_t connections_max(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return CONNECTIONS_MAX;
        return MIN((size_t)CONNECTIONS_MAX, MAX((size_t)limit.rlim_cur / 4, (size_t)8));
}

int acceptor_begin(Acceptor *a, Clients *clients, const Objects *objects, int fd) {
        sd_event *event = clients->supervisor->event;
        int r;

        a->clients = clients;
        a->objects = objects;
        a->n_max = connections_max();
        r = sd_event_add_io(event, &a->listen, fd, EPOLLIN, on_connection, a);
        if (r >= 0)
                r = sd_event_source_set_ratelimit(a->listen, ACCEPTS_USEC, ACCEPTS);
        if (r >= 0)
                r = sd_event_add_post(event, &a->after, on_after, a);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &a->later, CLOCK_MONOTONIC, REST_USEC, 0,
                                               on_later, a);
        if (r >= 0)
                rest(a, false);
        return r;
}

void acceptor_done(Acceptor *a) {
        sd_event_source_disable_unref(a->listen);
        sd_event_source_disable_unref(a->after);
        sd_event_source_disable_unref(a->later);
}
