/*
 * The method Roll: a rolling restart (daemon/roll.h) on behalf of a client, with a result for each
 * process that it has come to. supervisord-bus(5) describes it; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

int method_roll(sd_bus_message *m, void *userdata, sd_bus_error *error);
