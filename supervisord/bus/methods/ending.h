/*
 * The methods that end the daemon, for good or to begin again. supervisord-bus(5) describes each;
 * userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

int method_shutdown(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_restart_daemon(sd_bus_message *m, void *userdata, sd_bus_error *error);
