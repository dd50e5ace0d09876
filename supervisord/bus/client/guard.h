/*
 * How much of the daemon's memory one message of a client may take. Libsystemd takes messages of up
 * to 128 MiB, and reads all of one at a time if it comes as fast as it is read. So what waits in
 * the socket is looked at before libsystemd may read it.
 *
 * The guard only judges: the connection is ended, or looked at again, by whoever asks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

typedef struct Guard {    /* of one connection; all zero at first */
        size_t received;  /* bytes of a call that is not complete yet */
        bool got_message; /* this step has handled one: to be set by the filter */
        bool at_start;    /* what comes next is the beginning of a message */
} Guard;

typedef enum GuardVerdict {
        GUARD_LETS_IN,
        GUARD_WAITS,   /* the header of a message has not come as a whole */
        GUARD_REFUSES, /* a message is too large */
} GuardVerdict;

/* Bytes that wait to be read from socket @fd. */
size_t guard_bytes_waiting(int fd);

/* May @link read what is waiting? */
GuardVerdict guard_judge(Guard *g, sd_bus *link);

/*
 * @link has read, when @waiting bytes were there before, and it @was_ready (authenticated) then.
 * Returns false if more came than one call may have, its beginning unseen.
 */
bool guard_count(Guard *g, size_t waiting, bool was_ready);

/*
 * Before a link starts on @fd, which reads what is there already: a client that has not seen our
 * part of the authentication sends no calls yet. Returns 0 or -EPROTO.
 */
int guard_check_early(Guard *g, int fd);
