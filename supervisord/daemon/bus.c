/* Clients: who may connect, how much of us each may take, and when it is enough. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/strv.h"
#include "daemon/bus-internal.h"

/* Accepting is limited in speed, so that a flood of connections cannot keep the loop from its work.
 */
#define ACCEPTS 200
#define ACCEPTS_USEC (100 * USEC_PER_MSEC)

/* So long at most is not looked at clients that wait because no descriptors are left. */
#define REST_USEC USEC_PER_SEC

/* A header that has not come as a whole is looked for again, for a second. */
#define HEADER_LOOKS_MAX 100

/* Calls of one client that are handled in one turn of the loop. */
#define CALLS_PER_TURN 16

/* ---------------------------------------------------------------- the end of a connection */

static Connection *connection_free(Connection *c) {
        if (!c)
                return NULL;
        while (!LIST_EMPTY(&c->waits))
                wait_free(LIST_FIRST(&c->waits));
        while (!LIST_EMPTY(&c->openings))
                opening_leave(LIST_FIRST(&c->openings));
        sd_event_source_disable_unref(c->io);
        sd_event_source_disable_unref(c->more);
        sd_event_source_disable_unref(c->patience);
        sd_bus_close_unref(c->link);
        free(c->peer.groups);
        if (c->bus) {
                LIST_REMOVE(c, connections);
                c->bus->n_connections--;
        }
        free(c);
        return NULL;
}
DEFINE_CLEANUP(Connection, connection_free);

void connection_end(Connection *c) {
        if (c->is_over)
                return;
        c->is_over = true;
        c->subscribed = false;
        (void)sd_event_source_set_enabled(c->io, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(c->more, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(c->bus->reaper, SD_EVENT_ONESHOT);
}

void connection_fail(Connection *c, const char *what, int error) {
        if (!c->is_over && error != -ECONNRESET && error != -EPIPE) /* that is how clients go */
                log_warn("cannot %s uid %u (pid %d), closing its connection: %s", what,
                         (unsigned)c->peer.uid, (int)c->peer.pid, strerror(-error));
        connection_end(c);
}

static int on_reaper(sd_event_source *source, void *userdata) {
        Bus *b = userdata;
        Connection *c = LIST_FIRST(&b->connections);

        while (c) {
                Connection *next = LIST_NEXT(c, connections);

                if (c->is_over)
                        connection_free(c);
                c = next;
        }
        return 0;
}

/* ---------------------------------------------------------------- traffic */

/* What is to be waited for next: a client that does not read its answers is not listened to. */
static void rearm(Connection *c) {
        uint64_t n_write = 0, n_read = 0;
        int events;

        if (c->is_over)
                return;
        events = sd_bus_get_events(c->link);
        if (events < 0 || sd_bus_is_open(c->link) <= 0) {
                connection_end(c);
                return;
        }
        (void)sd_bus_get_n_queued_write(c->link, &n_write);
        (void)sd_bus_get_n_queued_read(c->link, &n_read);
        if (n_write > CONNECTION_UNREAD_MAX) {
                log_info("uid %u (pid %d) does not read what it is sent, closing its connection",
                         (unsigned)c->peer.uid, (int)c->peer.pid);
                connection_end(c);
                return;
        }
        if (n_write > 0)
                events = EPOLLOUT;
        (void)sd_event_source_set_io_events(c->io, (uint32_t)events);
        (void)sd_event_source_set_enabled(c->more, n_write == 0 && n_read > 0 ? SD_EVENT_ONESHOT
                                                                              : SD_EVENT_OFF);
}

void connection_sent(Connection *c) {
        rearm(c);
}

static bool has_unread(const Connection *c) {
        uint64_t n = 0;

        (void)sd_bus_get_n_queued_write(c->link, &n);
        return n > 0;
}

/* One step of the connection; false if there is nothing more to do now. */
static bool step(Connection *c) {
        bool reads = !has_unread(c); /* else this step only writes */
        bool was_ready = sd_bus_is_ready(c->link) > 0;
        size_t waiting = connection_bytes_waiting(c);
        int r;

        if (reads && !connection_lets_in(c))
                return false;
        c->got_message = false;
        c->bus->current = c;
        r = sd_bus_process(c->link, NULL);
        c->bus->current = NULL;
        if (r < 0) {
                connection_fail(c, "talk to", r);
                return false;
        }
        if (sd_bus_is_open(c->link) <= 0) {
                connection_end(c);
                return false;
        }
        if (reads)
                connection_count(c, waiting, was_ready);
        return r > 0 && !c->is_over && !has_unread(c);
}

static void serve(Connection *c) {
        Supervisor *s = c->bus->supervisor;

        for (unsigned i = 0; i < CALLS_PER_TURN && step(c); i++)
                ;
        if (!c->is_short)
                rearm(c);
        supervisor_turn(s);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Connection *c = userdata;

        if (c->is_short && events & (EPOLLHUP | EPOLLERR))
                connection_end(c); /* the rest of what has begun will not come */
        else if (!c->is_short)
                serve(c);
        return 0;
}

static int on_more(sd_event_source *source, void *userdata) {
        serve(userdata);
        return 0;
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata) {
        Connection *c = userdata;

        if (!c->is_short ? sd_bus_is_ready(c->link) <= 0 : c->n_short++ > HEADER_LOOKS_MAX) {
                connection_end(c);
                return 0;
        }
        if (!c->is_short)
                return 0;
        c->is_short = false;
        (void)sd_event_source_set_time_relative(source, CONNECTION_AUTH_USEC);
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        serve(c);
        return 0;
}

/* ---------------------------------------------------------------- what may be called */

static Access access_to(const Connection *c) {
        const DaemonConfig *config = &c->bus->supervisor->config->daemon;

        return access_of(&c->peer, geteuid(), config->control_gid, config->control_mode);
}

/* The names that a call is about, for the log; "" if it has none or they cannot be told. */
static void describe_arguments(sd_bus_message *m, char *buffer, size_t size) {
        const char *signature = sd_bus_message_get_signature(m, true), *text = NULL;
        _cleanup_(strv_freep) char **names = NULL;
        size_t used = 0;

        buffer[0] = '\0';
        for (; signature && *signature == 's'; signature++)
                if (sd_bus_message_read(m, "s", &text) > 0 && used < size)
                        used += (size_t)snprintf(buffer + used, size - used, " %s", text);
        if (signature && strncmp(signature, "as", 2) == 0 &&
            sd_bus_message_read_strv(m, &names) >= 0)
                for (char **name = names; name && *name && used < size; name++)
                        used += (size_t)snprintf(buffer + used, size - used, " %s", *name);
        if (signature && *signature == 'u') {
                uint32_t number;

                if (sd_bus_message_read(m, "u", &number) > 0 && used < size)
                        (void)snprintf(buffer + used, size - used, " %u", number);
        }
        (void)sd_bus_message_rewind(m, true);
}

static void log_call(const Connection *c, sd_bus_message *m, const char *what) {
        char arguments[256];

        describe_arguments(m, arguments, sizeof(arguments));
        log_info("uid %u (pid %d) %s %s%s", (unsigned)c->peer.uid, (int)c->peer.pid, what,
                 sd_bus_message_get_member(m), arguments);
}

/* What clients ask of a message bus before anything else, busctl(1) among them. */
static int answer_as_bus(Connection *c, sd_bus_message *m) {
        char name[32];

        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "Hello")) {
                (void)snprintf(name, sizeof(name), ":1.%llu", ++c->bus->n_named);
                return sd_bus_reply_method_return(m, "s", name);
        }
        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "AddMatch") ||
            sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "RemoveMatch"))
                return sd_bus_reply_method_return(m, "");
        if (sd_bus_message_is_method_call(m, "org.freedesktop.DBus", "GetNameOwner"))
                return sd_bus_reply_method_return(m, "s", ":1.0");
        return 0;
}

/* Every message comes here first: only what its sender may call goes on to the objects. */
static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;
        Access needed;
        uint8_t type;

        c->got_message = true;
        (void)sd_event_source_set_enabled(c->patience, SD_EVENT_OFF);
        if (sd_bus_message_get_type(m, &type) < 0 || type != SD_BUS_MESSAGE_METHOD_CALL)
                return 0;

        needed = access_needed(sd_bus_message_get_member(m));
        if (access_to(c) < needed) {
                log_call(c, m, "may not");
                return sd_bus_reply_method_errorf(m, BUS_ERROR(BUS_ERROR_ACCESS_DENIED),
                                                  "%s needs the right to %s",
                                                  sd_bus_message_get_member(m),
                                                  needed == ACCESS_ALL ? "do everything"
                                                                       : access_to_string(needed));
        }
        if (needed > ACCESS_READ)
                log_call(c, m, "asks for");
        return answer_as_bus(c, m);
}

/* ---------------------------------------------------------------- the beginning of a connection */

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
        r = sd_bus_add_filter(c->link, NULL, on_message, c);
        if (r >= 0) {
                r = bus_add_objects(c);
                /* Libsystemd may hold dangling keys of what it added in part, and look at them when
                 * the link is freed: it is closed and left, which costs memory only without any. */
                if (r < 0)
                        sd_bus_close(TAKE_PTR(c->link));
        }
        if (r >= 0)
                r = sd_bus_start(c->link);
        if (r >= 0)
                limit_buffers(c);
        return r;
}

static int watch(Connection *c) {
        sd_event *event = c->bus->supervisor->event;
        int r;

        r = sd_event_add_io(event, &c->io, connection_fd(c), EPOLLIN, on_io, c);
        if (r >= 0)
                r = sd_event_add_defer(event, &c->more, on_more, c);
        if (r >= 0)
                r = sd_event_source_set_enabled(c->more, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &c->patience, CLOCK_MONOTONIC,
                                               CONNECTION_AUTH_USEC, 0, on_patience, c);
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
        if (access_to(c) == ACCESS_NONE) {
                log_info("uid %u (pid %d) may not connect to the control socket",
                         (unsigned)c->peer.uid, (int)c->peer.pid);
                return -EACCES;
        }
        r = start_link(c, fd);
        if (r >= 0)
                r = watch(c);
        if (r < 0)
                return r;
        rearm(c);
        (void)TAKE_PTR(c); /* the bus's, until it is over */
        return 0;
}

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

/* ---------------------------------------------------------------- all of it */

/* Children need descriptors, too: clients get a quarter of them at most. */
static size_t connections_max(void) {
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
                return CONNECTIONS_MAX;
        return MIN((size_t)CONNECTIONS_MAX, MAX((size_t)limit.rlim_cur / 4, (size_t)8));
}

int bus_new(Supervisor *s, const ControlSocket *control_socket, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->supervisor = s;
        b->n_connections_max = connections_max();
        LIST_INIT(&b->connections);

        r = sd_event_add_io(s->event, &b->listen, control_socket_get_fd(control_socket), EPOLLIN,
                            on_connection, b);
        if (r >= 0)
                r = sd_event_source_set_ratelimit(b->listen, ACCEPTS_USEC, ACCEPTS);
        if (r >= 0)
                r = sd_event_add_post(s->event, &b->after, on_after, b);
        if (r >= 0)
                r = sd_event_add_time_relative(s->event, &b->later, CLOCK_MONOTONIC, REST_USEC, 0,
                                               on_later, b);
        if (r >= 0)
                r = sd_event_add_defer(s->event, &b->reaper, on_reaper, b);
        if (r >= 0)
                r = sd_event_source_set_enabled(b->reaper, SD_EVENT_OFF);
        if (r < 0)
                return r;

        rest(b, false);
        *ret = TAKE_PTR(b);
        return 0;
}

Bus *bus_free(Bus *b) {
        if (!b)
                return NULL;
        sd_event_source_disable_unref(b->listen);
        sd_event_source_disable_unref(b->after);
        sd_event_source_disable_unref(b->later);
        while (!LIST_EMPTY(&b->connections))
                connection_free(LIST_FIRST(&b->connections));
        sd_event_source_disable_unref(b->reaper);
        for (size_t i = 0; i < RECENT_MAX; i++)
                process_config_unref(b->recent[i].config);
        free(b);
        return NULL;
}
