/*
 * A connection to the daemon's control socket. What is asked for over it is in questions.h,
 * orders.h and event-queue.h; nothing in this folder prints.
 *
 * Every function that speaks to the daemon returns 0 or -errno. After a failure client_fault()
 * tells what the daemon has said (-EREMOTEIO) or how the connection has failed. A call waits for
 * its answer, at most 30 s unless its description says otherwise.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "ctl/client/fault.h"

typedef struct Client Client;

typedef struct Fault {
        FaultCode code;
        char *message; /* for people; never NULL after a failure, may be empty */
} Fault;

/*
 * Connect to the socket at @path. Returns 0, -ENOMEM, or -errno of connect(2): -ENOENT and
 * -ECONNREFUSED where no daemon is, -EACCES.
 */
int client_connect(const char *path, Client **ret);

/* Close the connection; NULL is fine. Returns NULL. */
Client *client_free(Client *c);
DEFINE_CLEANUP(Client, client_free);

/* Is the daemon still at the other end, as far as is known without waiting? */
bool client_is_open(Client *c);

/* Why the last call failed. It belongs to the client and lasts until the next call. */
const Fault *client_fault(const Client *c);

/* A descriptor that becomes readable when the daemon says something or is gone. It stays the
 * client's. */
int client_get_fd(const Client *c);
