/*
 * Where a daemon and its clients meet: derived from the configuration file alone, so that
 * `supervisorctl -c FILE` finds the daemon that runs with FILE and several daemons on one machine
 * keep apart. Reads the environment and the file system, makes nothing.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"

#define PLACE_SYSTEM "/run/supervisord"
#define PLACE_TEMPORARY "/tmp/supervisord-" /* and the uid */

/* The id of the configuration file @path: 16 hexadecimal digits from its real path. */
#define PLACE_ID_LENGTH 16
int place_id(const char *path, char ret[static PLACE_ID_LENGTH + 1]);

/*
 * The control sockets that a daemon with the configuration file @config_path may have, the
 * likeliest first, for a daemon and a client that run as @uid: below /run/supervisord for root;
 * below $XDG_RUNTIME_DIR, /run/user/UID and /tmp/supervisord-UID, and last root's, for others. A
 * client connects to the first that place_check_control() finds and that answers. Paths that do not
 * fit into a socket's address are left out. *ret is the caller's list, ends with NULL. Returns 0,
 * or -errno (that of realpath(3), -ENOMEM).
 */
int places_control(const char *config_path, uid_t uid, char ***ret);

/*
 * May a client that runs as @uid trust the socket @path? One below /tmp only if its folder belongs
 * to @uid and nobody else may change it. Returns 0, -ENOENT without a socket, -EPERM or -errno.
 */
int place_check_control(const char *path, uid_t uid);

/*
 * The folder for what is remembered over restarts: /var/lib/supervisord/ID for root; for others
 * $XDG_STATE_HOME or ~/.local/state, then supervisord/ID. With $STATE_DIRECTORY (see
 * systemd.exec(5)) its first folder, then ID. *ret is the caller's. Returns 0, -ENOENT if there is
 * no such place, or -errno.
 */
int place_state(const char *config_path, uid_t uid, char **ret);
