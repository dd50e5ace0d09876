/*
 * A world for the engine: a clock, children, an operator. One World is one run from an empty table
 * to the end of a shutdown, a function of its seed alone.
 *
 * The world keeps its own books (Watch) of what was ordered and what has happened, written without
 * a look at the engine's decisions; rules.c compares both after every step.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "core/engine.h"
#include "random.h"

#define MAX_PROCESSES 8
#define MAX_STEPS 2000

typedef struct Watch {
        bool used;
        Child child;
        bool alive;   /* a run has begun and its end was not reported yet */
        bool started; /* … and its spawn was performed */
        ProcessState shown;
        ProcessConfig *latest; /* what the next run has to be started with; borrowed */
        bool replaced;         /* the present run is of an older one */

        bool leaving;    /* to go down, by order */
        bool must_spawn; /* to come up, by order or by autorestart */
        bool retries;    /* to come up after its back-off */
        bool was_up, killed_by_order;
        unsigned failures;
        bool has_ended; /* just now, and has to show … */
        ProcessState ended_as;

        uint64_t up_usec;         /* not RUNNING before; UINT64_MAX: unknown yet */
        uint64_t late_usec;       /* forking: when its main process is overdue */
        bool failed, ends_itself; /* found out, or said, while it lived */
        uint64_t watchdog_usec;   /* 0: none */
        uint64_t life_usec;       /* RUNNING: when it is overdue */
        uint64_t told_usec;       /* the first signal of this run; 0: none */
        uint64_t limit_usec;      /* the end of its grace, once told */
        uint64_t killed_usec;     /* the last SIGKILL of this run; 0: none */
        uint64_t not_before_usec; /* back-off: the next run begins at least then … */
        uint64_t not_after_usec;  /* … and its deadline is at most this */
        unsigned n_runs;
        ProcessExit exit;
} Watch;

typedef struct World {
        uint64_t seed;
        unsigned n_steps, step;
        unsigned shutdown_step;
        const bool *skip; /* by step: the operator does nothing; NULL: none */
        bool *acted;      /* by step: here he would act; NULL: nobody asks */
        bool trace;

        bool late;      /* this world's loop is slow */
        bool hung;      /* some of its processes hang in the kernel */
        bool busy;      /* it performs one spawn in a turn, and the rest of the actions later */
        bool pending;   /* … so there are some left */
        unsigned hurry; /* an operator's order comes once in so many steps */

        Engine *engine;
        uint64_t now_usec;
        Watch watches[MAX_PROCESSES];

        ShutdownMode mode;
        uint64_t fast_usec;
        uint64_t bound_usec;   /* the shutdown has to be over by then */
        uint64_t elapsed_usec; /* argument of the last engine_elapsed() */
        unsigned n_still;      /* calls of engine_elapsed() without time passing */
        size_t subject;        /* whom this step is about; SIZE_MAX: nobody */

        uint64_t n_events, n_actions;
        size_t most_actions; /* of one process after one call */
        char broken[200];    /* the rule that was broken, or empty */
} World;

/* How one run ended. */
typedef struct Outcome {
        uint64_t n_events, n_actions;
        size_t most_actions;
        unsigned step;    /* the last one */
        char broken[200]; /* empty: all rules held */
} Outcome;

typedef struct Run {
        uint64_t seed;
        unsigned n_steps; /* at most MAX_STEPS */
        const bool *skip; /* MAX_STEPS of these, or NULL */
        bool *acted;      /* likewise; set where the operator acted */
        bool trace;
} Run;

Outcome world_run(const Run *run);

/* The first broken rule is kept, later ones are its consequences. */
void world_break(World *w, size_t process, const char *rule);
_printf_(2, 3) void world_trace(const World *w, const char *format, ...);

static inline bool world_is_broken(const World *w) {
        return w->broken[0] != '\0';
}

/* An operator's order at this step, by the random stream of it. */
void operator_acts(World *w, Random *r);
void operator_shuts_down(World *w, ShutdownMode mode);

/* One of the processes says something, or something is found out about it. */
void somebody_speaks(World *w, Random *r);

/* Perform the actions; to be called after each call of the engine. */
void perform_actions(World *w);
