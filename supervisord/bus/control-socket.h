/*
 * The control socket as a file: in which folder it lies, that no other daemon has it, and who may
 * connect by its owner and mode. Clients are served by bus.h.
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

/* Close it, remove the file if it is still ours, and the folder if it was made for it alone. NULL
 * is fine. Returns NULL. */
ControlSocket *control_socket_free(ControlSocket *c);
DEFINE_CLEANUP(ControlSocket, control_socket_free);

/* The descriptor, which listens and does not block; it stays the socket's. */
int control_socket_get_fd(const ControlSocket *c);
