/*
 * From messages to answers. Private to the client. Each function returns >= 0 or -errno; what was
 * read before an error is in *ret and is to be freed.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "ctl/client/answers.h"

/* An array, behind what *ret has already. */
int read_process_infos(sd_bus_message *m, ProcessList *ret);
int read_process_states(sd_bus_message *m, ProcessList *ret);
int read_outcomes(sd_bus_message *m, Outcomes *ret);
int read_configured(sd_bus_message *m, ConfiguredList *ret);
int read_changes(sd_bus_message *m, DaemonEvent **ret, size_t *ret_n);
int read_update_plan(sd_bus_message *m, UpdatePlan *ret);
int read_plan_steps(sd_bus_message *m, DaemonPlan *ret);

/* One process that stands alone. */
int read_process_info(sd_bus_message *m, ProcessInfo *ret);

/* The event that the signal @m tells. Returns 1; 0 if it is none that is known here; -errno with
 * nothing in *ret. */
int read_event(sd_bus_message *m, DaemonEvent *ret);
