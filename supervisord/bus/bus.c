#include "bus/bus.h"

#include <errno.h>

#include "bus/accept.h"
#include "bus/announce.h"
#include "bus/client/connection.h"
#include "bus/objects.h"

struct Bus {
        Objects objects;
        Clients clients;
        Acceptor acceptor;
};

int bus_new(Supervisor *s, const ControlSocket *control_socket, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        r = objects_init(&b->objects);
        if (r >= 0)
                r = clients_init(&b->clients, s);
        if (r >= 0)
                r = acceptor_begin(&b->acceptor, &b->clients, &b->objects,
                                   control_socket_get_fd(control_socket));
        if (r < 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

Bus *bus_free(Bus *b) {
        if (!b)
                return NULL;
        acceptor_done(&b->acceptor);
        clients_done(&b->clients);
        objects_done(&b->objects);
        free(b);
        return NULL;
}

bool bus_has_waits(const Bus *b) {
        return b && b->clients.n_waits > 0;
}

void bus_process_changed(Bus *b, Entry *entry, const StateChange *change) {
        if (b)
                announce_process(&b->clients, entry, change);
}

void bus_ready_changed(Bus *b, Entry *entry, bool ready) {
        if (b)
                announce_ready(&b->clients, entry, ready);
}

void bus_configuration_changed(Bus *b, char **added, char **changed, char **removed) {
        if (b)
                announce_configuration(&b->clients, added, changed, removed);
}

void bus_shutdown_began(Bus *b, const char *how) {
        if (b)
                announce_shutdown(&b->clients, how);
}
