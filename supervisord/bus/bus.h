/*
 * The control socket's inside: clients, what they may, what they are told; supervisord-bus(5) says
 * what is spoken. It is a client and an observer of the daemon, which knows nothing of it. Nothing
 * that a client does blocks the daemon or makes it grow without bound.
 */
#pragma once

#include "base/macro.h"
#include "bus/control-socket.h"
#include "daemon/supervisor.h"

typedef struct Bus Bus;

/* Serve clients of @s on @socket; both must outlive the bus. Returns 0 or -errno; logs nothing. */
int bus_new(Supervisor *s, const ControlSocket *socket, Bus **ret);

/* Disconnect all clients. NULL is fine. Returns NULL. */
Bus *bus_free(Bus *b);
DEFINE_CLEANUP(Bus, bus_free);
