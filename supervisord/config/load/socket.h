/*
 * Listening sockets in the making. Private to this folder.
 */
#pragma once

#include "config/load/loader.h"

/* A socket called @name that @section defines: stream, as many waiting as the system allows.
 * Returns 0 or -ENOMEM. */
int socket_config_new(const char *name, const TextSection *section, SocketConfig **ret);

/*
 * The socket of an [fcgi-program:x] called @program. *ret is NULL after an error was reported.
 * Returns 0 or -errno.
 */
int load_fcgi_socket(Loader *l,
                     const TextSection *section,
                     const char *program,
                     SocketConfig **ret);

/*
 * Find the [socket:x] sections that socket_names of @c lists. Errors are reported. Returns 0 or
 * -errno.
 */
int load_process_sockets(Loader *l, const TextSection *section, ProcessConfig *c);

/* Point out sockets that no process is given. Returns 0 or -ENOMEM. */
int check_unused_sockets(Loader *l);
