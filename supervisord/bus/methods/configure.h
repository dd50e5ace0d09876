/*
 * The methods that read the configuration again and make it true: all of it, groups of it, or more
 * copies of a program. supervisord-bus(5) describes each; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

int method_reread(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_plan_update(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_update(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_add_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_remove_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_scale(sd_bus_message *m, void *userdata, sd_bus_error *error);
