/* A rolling restart in a world: driven as the daemon drives it, and watched. */
#pragma once

#include "world.h"

/* Begin one with some of the processes, unless one is under way. */
void rolls_begin(World *w, Random *r);

/* Perform what is due; to be called after each step. */
void rolls_advance(World *w);

void rolls_cancel(World *w);
void rolls_forget(World *w, size_t i);

/* Nothing will ever happen by itself: does the roll wait for somebody all the same? */
void rolls_check_rest(World *w);
void rolls_free(World *w);
