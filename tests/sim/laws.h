/*
 * What holds in every world, however many things happen at once: who may be started, told to stop
 * and killed, and when. Unlike the books these do not foretell what the engine will do; they know
 * what it must never do, and what it must not leave undone.
 */
#pragma once

#include "world.h"

/* An order is about to be given to @i, or to nobody in particular (SIZE_MAX). */
void laws_before_order(World *w, size_t i);
void laws_before_kill(World *w, size_t i);
void laws_before_update(World *w, size_t i, const ProcessConfig *config);
void laws_before_shutdown(World *w, ShutdownMode mode);

/* News of @i. */
void laws_before_end(World *w, size_t i);
void laws_before_over(World *w, size_t i); /* … and of what may be the last of its run */
void laws_before_saying(World *w, size_t i, Saying says);
void laws_after_extension(World *w, size_t i, uint64_t before_usec, uint64_t until_usec);

/* The action that is about to be performed. */
void laws_check_action(World *w, const Action *a);
void laws_after_hook(World *w, size_t i);

/* How things stand before a step, and what has to hold after it. */
void laws_before_step(World *w);
void laws_check_step(World *w);

/* Nothing will ever happen by itself. */
void laws_check_rest(World *w);

/* laws-order.c: does @i have whatever it depends on? */
bool laws_conditions_hold(const World *w, size_t i);
bool laws_is_dependency(const ProcessConfig *user, const ProcessConfig *other, bool lasting);
bool laws_ended_well(const World *w, size_t i);
void laws_check_order(World *w);
