/*
 * The control socket in the file system: where it is, that nobody else has it, who may connect.
 * What is spoken on it is bus.h's.
 */
#pragma once

#include "base/macro.h"
#include "config/model/config.h"

typedef struct ControlSocket ControlSocket;

/*
 * Make and listen on the socket of a daemon that runs with the file @config_path. To be called
 * before privileges are dropped: everything is given to the user that @config names. One that a
 * dead daemon has left is replaced.
 *
 * Returns 0, with *ret NULL if @config wants none; -EBUSY if a living daemon, or something else
 * that lives, has it; or another -errno, that of the last place that was tried. *ret_place is where
 * it is or, on failure, would have been; the caller's, may be NULL.
 */
int control_socket_new(const char *config_path,
                       const DaemonConfig *config,
                       ControlSocket **ret,
                       char **ret_place);

/* Close it and remove what is ours of it. NULL is fine. Returns NULL. */
ControlSocket *control_socket_free(ControlSocket *c);
DEFINE_CLEANUP(ControlSocket, control_socket_free);

/* Listening and not blocking; borrowed. */
int control_socket_get_fd(const ControlSocket *c);
