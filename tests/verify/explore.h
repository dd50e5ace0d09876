/*
 * Every state that a scenario can come to, breadth first, so that what is found is the shortest way
 * to it; and then what holds of the whole graph: that everything which is to come does come.
 *
 * A search of our own, not spin with the engine as embedded C: that what is left out of a state
 * does not matter is tested here by going on from two different ways to it, and "it comes whatever
 * the programs do" is asked of the graph with some kinds of moves left out. Neither can be said in
 * a formula of linear time over one path; and nothing has to be installed.
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
