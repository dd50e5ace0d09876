/*
 * Who is let in: clients are accepted, as many as there may be, and each gets its connection with
 * the objects on it. While nobody can be accepted the socket is left alone until that may have
 * changed.
 */
#pragma once

#include "bus/client/connection.h"
#include "bus/objects.h"

typedef struct Acceptor {
        Clients *clients;
        const Objects *objects;
        sd_event_source *listen;
        sd_event_source *after; /* on while nobody can be accepted: something else has happened */
        sd_event_source *later; /* likewise: time has passed */
        size_t n_max;           /* connections */
        bool cannot_accept;     /* and that was told */
        int turns_away;         /* the last client, for this error (which was told), or 0 */
} Acceptor;

/*
 * Let clients connect to socket @fd, which stays the caller's; each gets @objects. Returns 0 or
 * -errno; acceptor_done() is needed then, too.
 */
int acceptor_begin(Acceptor *a, Clients *clients, const Objects *objects, int fd);

/* Let nobody in any more. */
void acceptor_done(Acceptor *a);
