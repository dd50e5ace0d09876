/*
 * The turn: after each event that the loop has dispatched, what follows from it is done. Handlers
 * tell the engine what has happened and nothing else; the turn performs the engine's actions, takes
 * rolling restarts a step further, and arms the timer for the engine's next deadline.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Take a turn after each event of the loop from now on. Returns 0 or -errno. */
int turn_init(Supervisor *s);
void turn_done(Supervisor *s);

/* The first turn, for what was ordered before the loop has begun. */
void turn_take_first(Supervisor *s);
