/*
 * The methods that do something to processes at once, without waiting for what becomes of it:
 * signals, reload, enable, disable, input; and the way all of them go over the processes that a
 * call means. supervisord-bus(5) describes each method; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/client/connection.h"

/*
 * What is done to each process that a call means. act() returns 0, which gives a result of @done,
 * -ESRCH (not running: no result unless it was named itself), -ENOENT (no file) or -errno.
 */
typedef struct ForEach {
        int (*act)(Entry *entry, void *argument);
        void *argument;
        const char *done;
} ForEach;

/* Do it and answer @m with all results; as a handler returns. */
int for_each_process(sd_bus_message *m,
                     Connection *c,
                     char **names,
                     const ForEach *each,
                     sd_bus_error *error);

int method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_enable(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_disable(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_send_input(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Of a process's own object; userdata is the ProcessObject. */
int process_method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error);
