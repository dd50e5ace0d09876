/*
 * Who has the address that we are refused. Reads all of /proc: for the words of an error only.
 */
#pragma once

#include <sys/types.h>

#include "config/model/config.h"

typedef struct SocketHolder {
        pid_t pid;
        char name[32]; /* the kernel's for it, as `ps -o comm`; printable */
} SocketHolder;

/*
 * Look for a process that has a socket of @type at @address, or at one that excludes it. If several
 * do, as the workers of a server, it is the one with the smallest process id. Returns false if
 * there is none, or none that we may look at: processes of others show their descriptors to root
 * only.
 */
bool socket_holder_find(SocketType type, const SocketAddress *address, SocketHolder *ret);
