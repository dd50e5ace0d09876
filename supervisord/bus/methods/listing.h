/*
 * The methods that only look: what the processes are, what is configured, the plan, and why a
 * process is as it is. supervisord-bus(5) describes each; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

int method_list_processes(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_list_states(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_list_configured(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_explain(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_plan(sd_bus_message *m, void *userdata, sd_bus_error *error);
