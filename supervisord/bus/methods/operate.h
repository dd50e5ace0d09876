/*
 * The methods that order processes about, and answer when these have got there: start, stop,
 * restart, kill; and those that only wait, or end the waiting. supervisord-bus(5) describes each.
 */
#pragma once

#include <systemd/sd-bus.h>

/* Of the manager; userdata is the Connection. */
int method_start(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_wait(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Of a process's own object; userdata is the ProcessObject. */
int process_method_start(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error);
