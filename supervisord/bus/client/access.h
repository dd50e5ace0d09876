/*
 * Who may do what on the control socket. Pure: the peer and the configuration decide. Which right a
 * method needs stands in the method's row, see object.h.
 */
#pragma once

#include "bus/client/peer.h"
#include "config/model/config.h"

typedef enum Access { /* each includes those before it */
        ACCESS_NONE,
        ACCESS_READ,
        ACCESS_OPERATE,
        ACCESS_ALL,
} Access;

/*
 * What @peer may do with a daemon that runs as the user @own, whose members of the group
 * @control_gid may do what @mode says; (gid_t)-1 is no group.
 */
Access access_of(const Peer *peer, uid_t own, gid_t control_gid, ControlMode mode);

/* "none", "read", "operate", "all" */
const char *access_to_string(Access access);
