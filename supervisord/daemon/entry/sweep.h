/*
 * What the spawner holds for a child on its way to its program is given up soon after the spawn.
 */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "host/spawn/spawn.h"

typedef struct Sweep { /* start with one that is all zero */
        sd_event_source *timer;
        Spawner *spawner; /* of the spawns that it follows, borrowed */
        uint64_t usec;    /* from one look to the next */
} Sweep;

/* Returns 0 or -errno. */
int sweep_init(Sweep *sweep, sd_event *event);
void sweep_done(Sweep *sweep);

/* @spawner has spawned: look soon, and then ever more rarely until all have their program. */
void sweep_later(Sweep *sweep, Spawner *spawner);
