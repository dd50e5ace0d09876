/*
 * The methods of log files: handed out as descriptors to read from, cleared, rotated, opened again.
 * What a disk may put off for ever is done by the threads that write logs. supervisord-bus(5)
 * describes each method; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

int method_open_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_open_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_clear_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_rotate_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_clear_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_reopen_logs(sd_bus_message *m, void *userdata, sd_bus_error *error);
