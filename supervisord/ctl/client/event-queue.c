/* The queue of events that have come and were not asked for yet. */
#include "ctl/client/event-queue.h"

#include <errno.h>

#include "ctl/client/answer-reader.h"
#include "ctl/client/call.h"
#include "ctl/client/orders.h"
#include "protocol/bus-names.h"

static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Client *c = userdata;
        DaemonEvent event, *room;

        if (!sd_bus_message_is_signal(m, BUS_MANAGER, NULL))
                return 0;
        if (read_event(m, &event) <= 0)
                return 0; /* from a newer daemon */
        room = reallocarray(c->events, c->n_events + 1, sizeof(*room));
        if (!room) {
                daemon_event_done(&event); /* the gap in the sequence numbers tells of it */
                return 0;
        }
        c->events = room;
        c->events[c->n_events++] = event;
        return 0;
}

int client_subscribe(Client *c) {
        int r;

        r = call_check(c, sd_bus_add_filter(c->bus, NULL, on_message, c));
        return r < 0 ? r : client_call(c, "Subscribe", NULL);
}

int client_next_event(Client *c, DaemonEvent *ret) {
        int r = 1;

        while (c->n_given == c->n_events && r > 0) {
                r = sd_bus_process(c->bus, NULL);
                if (r < 0)
                        return call_bus_fault(c, NULL, r);
        }
        if (c->n_given == c->n_events)
                return sd_bus_is_open(c->bus) > 0 ? 0 : call_bus_fault(c, NULL, -ENOTCONN);
        *ret = c->events[c->n_given++];
        if (c->n_given == c->n_events)
                c->n_given = c->n_events = 0;
        return 1;
}
