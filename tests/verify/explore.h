/*
 * Every state that a scenario can come to, breadth first, so that what is found is the shortest way
 * to it; and then what holds of the whole graph: that everything which is to come does come.
 */
#pragma once

#include "model.h"

typedef struct Result {
        size_t n_states, n_transitions, depth;
        size_t n_bytes;     /* of memory */
        size_t n_compared;  /* states that were gone on from by two ways */
        bool is_whole;      /* false: it was given up at @most states */
        const char *broken; /* the rule that was broken; the way to it was printed */
} Result;

/* Explore @scenario, at most @most states. */
Result explore(const Scenario *scenario, size_t most);
