/* The traffic of a client: how much of us it may take, and when it is enough. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "bus/client/connection.h"
#include "log/log.h"

/* A header that has not come as a whole is looked for again, for a second. */
#define HEADER_LOOKS_MAX 100

/* Calls of one client that are handled in one turn of the loop. */
#define CALLS_PER_TURN 16

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

int connection_serve(Connection *c) {
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
        if (r >= 0)
                rearm(c);
        return r;
}
