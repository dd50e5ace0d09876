/*
 * The connections of all clients: made, marked as over, and freed by the reaper in a turn of its
 * own, so that nobody who still works on one loses it. Nothing is read or sent here.
 */
#include "bus/client/connection.h"

#include <errno.h>
#include <string.h>

#include "bus/client/call-arguments.h"
#include "log/log.h"
#include "protocol/bus-names.h"

/* ---------------------------------------------------------------- all of them */

static int on_reaper(sd_event_source *source, void *userdata) {
        Clients *clients = userdata;
        Connection *c = LIST_FIRST(&clients->list);

        while (c) {
                Connection *next = LIST_NEXT(c, others);

                if (c->is_over)
                        connection_free(c);
                c = next;
        }
        return 0;
}

int clients_init(Clients *clients, Supervisor *s) {
        int r;

        clients->supervisor = s;
        LIST_INIT(&clients->list);
        r = sd_event_add_defer(s->event, &clients->reaper, on_reaper, clients);
        return r < 0 ? r : sd_event_source_set_enabled(clients->reaper, SD_EVENT_OFF);
}

void clients_done(Clients *clients) {
        while (!LIST_EMPTY(&clients->list))
                connection_free(LIST_FIRST(&clients->list));
        sd_event_source_disable_unref(clients->reaper);
        recent_done(&clients->recent);
        waiter_table_done(&clients->waiters);
}

/* ---------------------------------------------------------------- one */

int connection_new(Clients *clients, Peer *peer, Connection **ret) {
        Connection *c = calloc(1, sizeof(*c));

        if (!c)
                return -ENOMEM;
        c->clients = clients;
        c->supervisor = clients->supervisor;
        c->peer = TAKE_STRUCT(*peer);
        LIST_INIT(&c->waits.list);
        LIST_INIT(&c->openings.list);
        c->object.connection = c;
        LIST_INSERT_HEAD(&clients->list, c, others);
        clients->n++;
        *ret = c;
        return 0;
}

static void leave_all(PendingCalls *calls) {
        PendingCall *p;

        while ((p = LIST_FIRST(&calls->list)))
                p->on_left(p);
}

Connection *connection_free(Connection *c) {
        if (!c)
                return NULL;
        leave_all(&c->waits);
        leave_all(&c->openings);
        traffic_done(&c->traffic);
        sd_bus_close_unref(c->link);
        peer_done(&c->peer);
        LIST_REMOVE(c, others);
        c->clients->n--;
        free(c);
        return NULL;
}

void connection_end(Connection *c) {
        if (c->is_over)
                return;
        c->is_over = true;
        c->subscribed = false;
        traffic_stop(&c->traffic);
        (void)sd_event_source_set_enabled(c->clients->reaper, SD_EVENT_ONESHOT);
}

void connection_fail(Connection *c, const char *what, int error) {
        if (!c->is_over && error != -ECONNRESET && error != -EPIPE) /* that is how clients go */
                log_warn("cannot %s uid %u (pid %d), closing its connection: %s", what,
                         (unsigned)c->peer.uid, (int)c->peer.pid, strerror(-error));
        connection_end(c);
}

void connection_arm(Connection *c) {
        if (c->is_over)
                return;
        switch (traffic_arm(&c->traffic, c->link)) {
        case TRAFFIC_GOES_ON:
                return;
        case TRAFFIC_PILES_UP:
                log_info("uid %u (pid %d) does not read what it is sent, closing its connection",
                         (unsigned)c->peer.uid, (int)c->peer.pid);
                break;
        case TRAFFIC_IS_OVER:
                break;
        }
        connection_end(c);
}

/* ---------------------------------------------------------------- calls under way */

int pending_check(const PendingCalls *calls, sd_bus_error *error) {
        if (calls->n < CONNECTION_CALLS_MAX)
                return 0;
        return call_fail(error, BUS_ERROR_TOO_MANY, "at most %d operations at once",
                         CONNECTION_CALLS_MAX);
}

void pending_begin(PendingCall *p, Connection *c, PendingCalls *calls, sd_bus_message *m) {
        p->connection = c;
        p->call = sd_bus_message_ref(m);
        p->calls = calls;
        LIST_INSERT_HEAD(&calls->list, p, others);
        calls->n++;
}

void pending_end(PendingCall *p) {
        if (!p->connection)
                return;
        LIST_REMOVE(p, others);
        p->calls->n--;
        p->connection = NULL;
        p->call = sd_bus_message_unref(p->call);
}
