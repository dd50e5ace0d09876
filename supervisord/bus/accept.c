/* Who may connect, and what happens while nobody can be let in. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bus/client/connection.h"
#include "log/log.h"

#ifdef __SANITIZE_ADDRESS__
#        include <sanitizer/lsan_interface.h>
#else
#        define __lsan_ignore_object(object) ((void)(object))
#endif

/* Accepting is limited in speed, so that a flood of connections cannot keep the loop from its work.
 */
#define ACCEPTS 200
#define ACCEPTS_USEC (100 * USEC_PER_MSEC)

/* So long at most is not looked at clients that wait because no descriptors are left. */
#define REST_USEC USEC_PER_SEC

/* Has everybody, or this user, as many connections as he may have? */
static bool is_full(const Bus *b, uid_t uid) {
        const Connection *c;
        size_t n = 0;

        if (b->n_connections >= b->n_connections_max)
                return true;
        if (uid == 0)
                return false;
        LIST_FOREACH(c, &b->connections, connections)
        n += c->peer.uid == uid;
        return n >= CONNECTIONS_PER_USER_MAX;
}

/* Libsystemd makes room for 8 MiB: as much would a client that does not read be owed. */
static void limit_buffers(const Connection *c) {
        static const int size = 212992; /* what the kernel gives by default */

        (void)setsockopt(connection_fd(c), SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
        (void)setsockopt(connection_fd(c), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

static int start_link(Connection *c, int *fd) {
        sd_id128_t id;
        int r;

        r = connection_check_early(c, *fd);
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
                r = bus_add_objects(c);
                /* Libsystemd may hold dangling keys of what it added in part, and look at them when
                 * the link is freed: it is closed and left, which costs memory only without any. */
                if (r < 0) {
                        sd_bus_close(c->link);
                        __lsan_ignore_object(TAKE_PTR(c->link));
                }
        }
        if (r >= 0)
                r = sd_bus_start(c->link);
        if (r >= 0)
                limit_buffers(c);
        return r;
}

static int connect_client(Bus *b, int *fd) {
        _cleanup_(connection_freep) Connection *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        LIST_INIT(&c->waits);
        LIST_INIT(&c->openings);
        r = peer_read(*fd, &c->peer);
        if (r < 0)
                return r;
        if (is_full(b, c->peer.uid))
                return -EUSERS;

        c->bus = b;
        LIST_INSERT_HEAD(&b->connections, c, connections);
        b->n_connections++;
        if (connection_access(c) == ACCESS_NONE) {
                log_info("uid %u (pid %d) may not connect to the control socket",
                         (unsigned)c->peer.uid, (int)c->peer.pid);
                return -EACCES;
        }
        r = start_link(c, fd);
        if (r >= 0)
                r = connection_serve(c);
        if (r < 0)
                return r;
        (void)TAKE_PTR(c); /* the bus's, until it is over */
        return 0;
}

/* ---------------------------------------------------------------- the socket */

/*
 * While nobody can be accepted the socket is not looked at, as it would be ready again at once. Our
 * own descriptors come back only with something that the loop does; those of others, or memory, may
 * at any time.
 */
static void rest(Bus *b, bool rests) {
        (void)sd_event_source_set_io_events(b->listen, rests ? 0 : EPOLLIN);
        (void)sd_event_source_set_enabled(b->after, rests ? SD_EVENT_ON : SD_EVENT_OFF);
        (void)sd_event_source_set_time_relative(b->later, REST_USEC);
        (void)sd_event_source_set_enabled(b->later, rests ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

static int on_after(sd_event_source *source, void *userdata) {
        rest(userdata, false);
        return 0;
}

static int on_later(sd_event_source *source, uint64_t usec, void *userdata) {
        rest(userdata, false);
        return 0;
}

static void cannot_accept(Bus *b, int error) {
        if (error == EAGAIN || error == EINTR || error == ECONNABORTED)
                return;
        if (!b->cannot_accept)
                log_warn("cannot accept clients, they wait: %s", strerror(error));
        b->cannot_accept = true; /* told once: it is tried on and on */
        rest(b, true);
}

/*
 * A client is not served: because of what it is or does, which any number of them may have us tell
 * again and again, or because of a failure, which is told once until another one is served.
 */
static void turn_away(Bus *b, int error) {
        bool is_its_own = error == -EUSERS || error == -EACCES || error == -EPROTO;

        if (is_its_own || error == b->turns_away)
                log_debug("a client is turned away: %s", strerror(-error));
        else
                log_warn("clients are turned away: %s", strerror(-error));
        if (!is_its_own)
                b->turns_away = error;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        _cleanup_(closep) int client = -1;
        Bus *b = userdata;
        int r;

        client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) {
                cannot_accept(b, errno);
                return 0;
        }
        b->cannot_accept = false;
        r = connect_client(b, &client);
        if (r < 0)
                turn_away(b, r);
        else
                b->turns_away = 0;
        return 0;
}

/* Children need descriptors, too: clients get a quarter of them at most. */
static size_t connections_max(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return CONNECTIONS_MAX;
        return MIN((size_t)CONNECTIONS_MAX, MAX((size_t)limit.rlim_cur / 4, (size_t)8));
}

int bus_listen(Bus *b, int fd) {
        sd_event *event = b->supervisor->event;
        int r;

        b->n_connections_max = connections_max();
        r = sd_event_add_io(event, &b->listen, fd, EPOLLIN, on_connection, b);
        if (r >= 0)
                r = sd_event_source_set_ratelimit(b->listen, ACCEPTS_USEC, ACCEPTS);
        if (r >= 0)
                r = sd_event_add_post(event, &b->after, on_after, b);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &b->later, CLOCK_MONOTONIC, REST_USEC, 0,
                                               on_later, b);
        if (r >= 0)
                rest(b, false);
        return r;
}
