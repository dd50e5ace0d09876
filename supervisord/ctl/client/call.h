/*
 * One call of a method of the daemon. Private to the client, whose parts share it.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "ctl/client/answers.h"
#include "ctl/client/client.h"

struct Client {
        sd_bus *bus;
        Fault fault;
        DaemonEvent *events; /* received, see event-queue.c */
        size_t n_events;
        size_t n_given; /* so many of them were asked for */
};

/* A new call of @method of the manager. Returns 0, or -errno with the fault set. */
int call_new(Client *c, const char *method, sd_bus_message **ret);

/* Send @m and wait for the answer. Returns 0, or -errno with the fault set. */
int call_send(Client *c, sd_bus_message *m, sd_bus_message **ret);

/* The property @name of the manager, of D-Bus' @type. Returns 0, or -errno with the fault set. */
int call_get_property(Client *c, const char *name, const char *type, sd_bus_message **ret);

/* Note why a call has failed; @message may be NULL. Returns @error. */
int call_set_fault(Client *c, FaultCode code, const char *message, int error);

/* The same for an error @e of sd-bus, NULL or empty if there is none but @error. Returns
 * -EREMOTEIO if it came from the daemon, else @error. */
int call_bus_fault(Client *c, const sd_bus_error *e, int error);

/*
 * Pass on @r of making or reading a message, as 0 or -errno. What could not be made or understood
 * is as good as a lost connection.
 */
int call_check(Client *c, int r);
