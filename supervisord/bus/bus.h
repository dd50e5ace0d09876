/*
 * The control socket's inside: clients, what they may, what they are told; supervisord-bus(5) says
 * what is spoken. Nothing that a client does blocks the daemon or makes it grow without bound.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "bus/control-socket.h"
#include "daemon/history.h"

typedef struct Bus Bus;
struct Supervisor;
struct Entry;

/* Serve clients on @socket, which must outlive the bus. Returns 0 or -errno; logs nothing. */
int bus_new(struct Supervisor *s, const ControlSocket *socket, Bus **ret);
Bus *bus_free(Bus *b);
DEFINE_CLEANUP(Bus, bus_free);

/* Does any client wait for what it has asked for? */
bool bus_has_waits(const Bus *b);

/* What clients that have subscribed are told. All take NULL for @b, as the above. */
void bus_process_changed(Bus *b, struct Entry *entry, const StateChange *change);
void bus_ready_changed(Bus *b, struct Entry *entry, bool ready);
void bus_configuration_changed(Bus *b, char **added, char **changed, char **removed);
void bus_shutdown_began(Bus *b, const char *how);
