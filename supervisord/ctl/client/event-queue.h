/*
 * What the daemon tells on its own account. Events arrive while other calls wait, too, and are kept
 * until they are asked for.
 */
#pragma once

#include "ctl/client/answers.h"
#include "ctl/client/client.h"

/* Have events sent from now on. Once for a connection: it is sent them until its end. */
int client_subscribe(Client *c);

/*
 * The next event, without waiting. Returns 1 with *ret (daemon_event_done()); 0 if there is none
 * yet: wait for client_get_fd() to become readable; -errno when the connection is gone.
 */
int client_next_event(Client *c, DaemonEvent *ret);
