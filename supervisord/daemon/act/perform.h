/*
 * The engine's actions, done.
 */
#pragma once

#include <stdbool.h>

typedef struct Supervisor Supervisor;

/* At most about a few milliseconds' worth of actions; false if there are more. */
bool supervisor_perform(Supervisor *s);
