/*
 * The objects on the control socket, of both kinds, as a connection gets them, and the right that
 * it takes to call what they have.
 */
#pragma once

#include "bus/client/access.h"
#include "bus/client/connection.h"

typedef struct Objects { /* their vtables, for all connections */
        sd_bus_vtable *manager;
        sd_bus_vtable *process;
} Objects;

/* Make the vtables. Returns 0 or -ENOMEM. */
int objects_init(Objects *o);

/* Free them, after the connections. */
void objects_done(Objects *o);

/* Put the objects on the link of @c. Returns 0 or -errno: the link cannot be used any more then. */
int objects_add(const Objects *o, Connection *c);

/*
 * The right that it takes to call @member, of whichever interface: a caller need not say which one
 * it means. What is not known takes everything.
 */
Access objects_access(const char *member);
