/*
 * Every message of a client comes here first: only what its sender may call goes on to the objects.
 * What changes something is logged with who asked for it, and so is what is refused.
 */
#pragma once

#include "bus/client/access.h"
#include "bus/client/connection.h"

/* What the client may do, by the present configuration. */
Access connection_access(const Connection *c);

/* For sd_bus_add_filter(); userdata is the Connection. */
int connection_filter(sd_bus_message *m, void *userdata, sd_bus_error *error);
