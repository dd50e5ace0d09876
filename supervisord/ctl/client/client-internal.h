/*
 * What the parts of the client share. Private to client*.c.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "ctl/client/client.h"

struct Client {
        sd_bus *bus;
        Fault fault;
        Event *events; /* received and not yet asked for, the first at n_given */
        size_t n_events;
        size_t n_given;
};

/* A new call of @method of the manager. Returns 0 or -errno. */
int client_new_call(Client *c, const char *method, sd_bus_message **ret);

/* Send @m and wait for the answer. Returns 0 or -errno with the fault set. */
int client_send(Client *c, sd_bus_message *m, sd_bus_message **ret);

/* Note why a call failed; @message may be NULL. Returns @error. */
int client_set_fault(Client *c, FaultCode code, const char *message, int error);

/* The same for an error of sd-bus, which may have come from the daemon. */
int client_bus_fault(Client *c, const sd_bus_error *e, int error);

/* Read whole arrays. Return 0 or -errno; what was read before an error is in *ret. */
int read_process_infos(sd_bus_message *m, ProcessList *ret);
int read_process_states(sd_bus_message *m, ProcessList *ret);
int read_results(sd_bus_message *m, Results *ret);
int read_configured(sd_bus_message *m, ConfiguredList *ret);
int read_changes(sd_bus_message *m, Event **ret, size_t *ret_n);
int read_update_plan(sd_bus_message *m, UpdatePlan *ret);
int read_plan_steps(sd_bus_message *m, Plan *ret);

/* The event that the signal @m tells. Returns 1, 0 if it tells none that is known, -errno. */
int read_event(sd_bus_message *m, Event *ret);

/* One process that stands alone. Returns >= 0 or -errno; *ret is to be freed in any case. */
int read_process_info(sd_bus_message *m, ProcessInfo *ret);
