/* The clients: a bus of its own for each, and what they share. */

#include <errno.h>

#include "bus/client/connection.h"

Connection *connection_free(Connection *c) {
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

int bus_new(Supervisor *s, const ControlSocket *control_socket, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->supervisor = s;
        LIST_INIT(&b->connections);

        r = bus_listen(b, control_socket_get_fd(control_socket));
        if (r >= 0)
                r = sd_event_add_defer(s->event, &b->reaper, on_reaper, b);
        if (r >= 0)
                r = sd_event_source_set_enabled(b->reaper, SD_EVENT_OFF);
        if (r < 0)
                return r;

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
