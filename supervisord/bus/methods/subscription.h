/*
 * The methods of clients that want to be told about changes, or ask what they have missed. What
 * they are told is announce.h's. supervisord-bus(5) describes each; userdata is the Connection.
 */
#pragma once

#include <systemd/sd-bus.h>

/* One change as signals and GetEvents() give it, without parentheses. */
#define RECENT_FIELDS "ttsssssus"

/* Append the RECENT_FIELDS of @what, a RecentChange. Returns >= 0 or -errno. */
int append_recent(sd_bus_message *m, const void *what);

int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_events(sd_bus_message *m, void *userdata, sd_bus_error *error);
