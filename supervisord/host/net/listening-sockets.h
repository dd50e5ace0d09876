/*
 * The listening sockets: opened once, and open for as long as somebody holds them, so that
 * connections wait while programs restart. Whoever asks for an address that is open already shares
 * it, also if the rest of the configuration differs; then the open socket is changed.
 */
#pragma once

#include "base/macro.h"
#include "config/model/config.h"

typedef struct Sockets Sockets;
typedef struct SocketHold SocketHold;

/* Returns 0 or -ENOMEM. */
int sockets_new(Sockets **ret);

/* Close all that the service manager has passed. Nobody may hold anything any more. */
Sockets *sockets_free(Sockets *s);
DEFINE_CLEANUP(Sockets, sockets_free);

/*
 * @fd was passed by the service manager as @name: it belongs to the [socket:x] of that name, where
 * ".socket" may be missing from it. The descriptor is taken over, on success only. Returns 0, or
 * -errno: -ENOTSOCK for what is none.
 */
int sockets_add_passed(Sockets *s, const char *name, int fd);

/*
 * Hold what @config stands for, opening what is not open yet. Takes a reference of @config.
 *
 * Returns 1 if something was opened, 0 if all was open; or -errno and *reterr_message, why in
 * words, the caller's (NULL without memory). -ENOENT also if the service manager had to pass it.
 */
int sockets_hold(Sockets *s, SocketConfig *config, SocketHold **ret, char **reterr_message);

/*
 * Hold it no longer; what nobody holds is closed, and its name in the file system removed. What was
 * passed stays open for whoever asks for it next. NULL is fine. Returns whether something was
 * closed.
 */
bool socket_hold_release(SocketHold *hold);

/* Borrowed; may be referenced. */
SocketConfig *socket_hold_get_config(const SocketHold *hold);

/* Was it passed by the service manager? */
bool socket_hold_is_passed(const SocketHold *hold);

/* The descriptors behind it, in the order of the addresses: borrowed. */
size_t socket_hold_count(const SocketHold *hold);
int socket_hold_get_fd(const SocketHold *hold, size_t i);

/* "127.0.0.1:80, /run/x.sock": where it listens. *ret is the caller's. Returns 0 or -ENOMEM. */
int socket_hold_describe(const SocketHold *hold, char **ret);

/* If addresses of @config are open let them be as it says. Returns as sockets_hold() does. */
int sockets_adjust(Sockets *s, SocketConfig *config, char **reterr_message);
