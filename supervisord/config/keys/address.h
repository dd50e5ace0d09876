/*
 * Where to listen, as it stands in a file.
 */
#pragma once

#include <stdbool.h>

#include "config/model/config.h"

/*
 * Read PORT, :PORT, *:PORT, HOST:PORT, [IPV6]:PORT, /PATH or @NAME; "tcp://" or "tcp:" and
 * "unix://" or "unix:" may stand before. A HOST is a number, "localhost" (127.0.0.1), or a name
 * that the host's own table (hosts(5)) knows; nothing is asked of the network. With @no_host_checks
 * a name stays as it is.
 *
 * Returns 0; -EINVAL and the caller's *reterr_why; or -ENOMEM.
 */
int address_parse(const char *text, bool no_host_checks, SocketAddress *ret, char **reterr_why);

/*
 * The IPv4 address of @host in numbers, as above. *ret is the caller's, NULL if the name is
 * unknown. Returns 0 or -ENOMEM.
 */
int address_of_host(const char *host, bool no_host_checks, char **ret);

/* Free what @a holds and zero it; may be used for `_cleanup_`. */
void address_done(SocketAddress *a);
