/*
 * The parts of the bus, and what the daemon tells them as its observer: first whoever has
 * subscribed is told of a change, then whoever waits for it is answered.
 */
#include "bus/bus.h"

#include <errno.h>

#include "bus/accept.h"
#include "bus/announce.h"
#include "bus/client/connection.h"
#include "bus/client/wait.h"
#include "bus/objects.h"
#include "daemon/apply.h"
#include "daemon/entry/observer.h"

struct Bus {
        Supervisor *supervisor;
        Objects objects;
        Clients clients;
        Acceptor acceptor;
        Observer observer;
};

/* ---------------------------------------------------------------- what clients are told */

static void on_process_changed(void *userdata, size_t index, const ProcessNews *news) {
        Bus *b = userdata;

        if (news->change)
                announce_process(&b->clients, b->supervisor->entries[index], news->change);
        if (news->ready_changed)
                announce_ready(&b->clients, b->supervisor->entries[index], news->is_ready);
        if (news->ready_changed && news->is_ready)
                wait_process_changed(&b->clients, index, STATE_RUNNING);
        if (news->change)
                wait_process_changed(&b->clients, index, news->change->to);
}

static void on_process_removed(void *userdata, size_t index) {
        wait_process_removed(&((Bus *)userdata)->clients, index);
}

static void on_prospects_changed(void *userdata) {
        wait_prospects_changed(&((Bus *)userdata)->clients);
}

static void on_configuration_changed(void *userdata, const GroupChanges *groups) {
        announce_configuration(&((Bus *)userdata)->clients, groups->added, groups->changed,
                               groups->removed);
}

static void on_shutdown_began(void *userdata, const char *how) {
        announce_shutdown(&((Bus *)userdata)->clients, how);
}

static void observe(Bus *b) {
        b->observer = (Observer){
                .process_changed = on_process_changed,
                .process_removed = on_process_removed,
                .prospects_changed = on_prospects_changed,
                .configuration_changed = on_configuration_changed,
                .shutdown_began = on_shutdown_began,
                .userdata = b,
        };
        supervisor_add_observer(b->supervisor, &b->observer);
}

/* ---------------------------------------------------------------- all of it */

int bus_new(Supervisor *s, const ControlSocket *control_socket, Bus **ret) {
        _cleanup_(bus_freep) Bus *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->supervisor = s;
        observe(b);
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
        supervisor_remove_observer(b->supervisor, &b->observer);
        acceptor_done(&b->acceptor);
        clients_done(&b->clients);
        objects_done(&b->objects);
        free(b);
        return NULL;
}
