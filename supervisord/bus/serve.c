/*
 * Turns of connections. A link is not attached to the loop as sd_bus_attach_event(3) would: when it
 * may read, and how often in a row, is decided here.
 */
#include "bus/serve.h"

#include <sys/epoll.h>

#include "log/log.h"

#define AUTHENTICATION_USEC (10 * USEC_PER_SEC)

/* A header that has not come as a whole is looked for again this often, for a second. */
#define HEADER_LOOK_USEC (10 * USEC_PER_MSEC)
#define HEADER_LOOKS_MAX 100

/* Calls of one client that are handled in one turn of the loop. */
#define CALLS_PER_TURN 16

static void refuse_size(Connection *c) {
        log_info("uid %u (pid %d) sends a message that is too large, closing its connection",
                 (unsigned)c->peer.uid, (int)c->peer.pid);
        connection_end(c);
}

static void look_again(Traffic *t) {
        (void)sd_event_source_set_time_relative(t->patience, HEADER_LOOK_USEC);
        (void)sd_event_source_set_enabled(t->patience, SD_EVENT_ONESHOT);
        (void)sd_event_source_set_io_events(t->io, 0);
        t->is_short = true;
}

/* May what waits be read now? */
static bool lets_in(Connection *c) {
        GuardVerdict verdict = guard_judge(&c->traffic.guard, c->link);

        if (verdict == GUARD_WAITS)
                look_again(&c->traffic);
        else
                c->traffic.n_short = 0;
        if (verdict == GUARD_REFUSES)
                refuse_size(c);
        return verdict == GUARD_LETS_IN;
}

/* One step of the connection; false if there is nothing more to do now. */
static bool step(Connection *c) {
        bool reads = traffic_unsent(c->link) == 0; /* else this step only writes */
        bool was_ready = sd_bus_is_ready(c->link) > 0;
        size_t waiting = guard_bytes_waiting(sd_bus_get_fd(c->link));
        int r;

        if (reads && !lets_in(c))
                return false;
        c->traffic.guard.got_message = false;
        r = sd_bus_process(c->link, NULL);
        if (r < 0) {
                connection_fail(c, "talk to", r);
                return false;
        }
        if (sd_bus_is_open(c->link) <= 0) {
                connection_end(c);
                return false;
        }
        if (reads && !guard_count(&c->traffic.guard, waiting, was_ready))
                refuse_size(c);
        return r > 0 && !c->is_over && traffic_unsent(c->link) == 0;
}

static void serve(Connection *c) {
        for (unsigned i = 0; i < CALLS_PER_TURN && step(c); i++)
                ;
        if (!c->traffic.is_short)
                connection_arm(c);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Connection *c = userdata;

        if (c->traffic.is_short && events & (EPOLLHUP | EPOLLERR))
                connection_end(c); /* the rest of the header will not come */
        else if (!c->traffic.is_short)
                serve(c);
        return 0;
}

static int on_more(sd_event_source *source, void *userdata) {
        serve(userdata);
        return 0;
}

/* It has had time to authenticate, or is looked at again for the rest of a header. */
static int on_patience(sd_event_source *source, uint64_t usec, void *userdata) {
        Connection *c = userdata;
        Traffic *t = &c->traffic;

        if (!t->is_short ? sd_bus_is_ready(c->link) <= 0 : t->n_short++ > HEADER_LOOKS_MAX) {
                connection_end(c);
                return 0;
        }
        if (!t->is_short)
                return 0;
        t->is_short = false;
        (void)sd_event_source_set_time_relative(source, AUTHENTICATION_USEC);
        (void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        serve(c);
        return 0;
}

int connection_serve(Connection *c) {
        sd_event *event = c->supervisor->event;
        Traffic *t = &c->traffic;
        int r;

        r = sd_event_add_io(event, &t->io, sd_bus_get_fd(c->link), EPOLLIN, on_io, c);
        if (r >= 0)
                r = sd_event_add_defer(event, &t->more, on_more, c);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->more, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &t->patience, CLOCK_MONOTONIC,
                                               AUTHENTICATION_USEC, 0, on_patience, c);
        if (r >= 0)
                connection_arm(c);
        return r;
}
