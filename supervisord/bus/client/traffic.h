/*
 * When the link of a client is to be looked at again: what is watched, and for how long a client
 * may keep us waiting. What is done then is serve.h's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/client/guard.h"

typedef struct Traffic { /* of one connection; the sources are made by connection_serve() */
        sd_event_source *io;
        sd_event_source *more; /* calls are left that were read already */
        sd_event_source
                *patience; /* until it has authenticated, or the rest of a header is there */
        bool is_short;     /* the header of a call has not come as a whole */
        unsigned n_short;  /* how often it was looked for */
        Guard guard;
} Traffic;

typedef enum TrafficState {
        TRAFFIC_GOES_ON,
        TRAFFIC_IS_OVER,  /* the link is closed */
        TRAFFIC_PILES_UP, /* the client does not read what it is sent */
} TrafficState;

/* How many messages wait to be sent on @link. */
uint64_t traffic_unsent(sd_bus *link);

/* Wait for what @link needs next: a client that does not read its answers is not listened to. */
TrafficState traffic_arm(Traffic *t, sd_bus *link);

/* Wait for nothing any more. */
void traffic_stop(Traffic *t);

/* Free the sources. */
void traffic_done(Traffic *t);
