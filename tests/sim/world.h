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
#define WORLD_LETTERS 10 /* names of a rich world */

/* A pre_start_command that is told to end has so long if its program may take for ever to stop. */
#define HOOK_PATIENCE_USEC HOOK_LAST_USEC

/* How a process stood before a step. */
typedef struct Before {
        bool is, runs, leaves, spare;
        unsigned n_ends, n_runs;
        const ProcessConfig *config; /* only to be compared */
        size_t wave;
} Before;

/* What the laws know of a process; most of it is of the present or last run. */
typedef struct Law {
        bool ready;       /* it has shown that it can do its work */
        bool main;        /* its main process is known */
        bool leaves;      /* it has said that it is ending */
        bool failed;      /* it has said, or it was found, that it has failed */
        bool was_up;      /* it was RUNNING */
        bool asked;       /* its turn to stop was looked at */
        bool cleaned;     /* post_stop_command was run */
        bool updated;     /* its configuration has changed meanwhile */
        bool extended;    /* it was given more time */
        bool was_lenient; /* it was to get no SIGKILL when its stop began */
        bool lost_count;  /* its signals are not all of its ladder */
        size_t n_steps;   /* of the ladder that were sent */
        uint64_t step_usec;
        uint64_t stop_usec;    /* when it went into STOPPING … */
        uint64_t limit_usec;   /* … and when that is to end by SIGKILL */
        uint64_t granted_usec; /* by when at least, as it was given more time before; 0: it was not
                                */

        unsigned n_ends;
        unsigned failures;   /* in a row */
        uint64_t retry_usec; /* no retry before */
        uint64_t spawned_usec;
        bool by_itself;        /* its last run ended unasked, and nobody wants it replaced */
        uint64_t restart_usec; /* EXITED: it starts again by itself then; USEC_INFINITY: never */
        bool nudged;           /* an order may have started it before that */
        bool ordered;          /* this step is about it */
        Before before;
} Law;

typedef struct WorldRoll WorldRoll;

typedef struct Watch {
        bool used;
        char letter; /* its name in a rich world */
        Child child;
        Hook hook;
        Law law;
        bool alive;   /* a run has begun and its end was not reported yet */
        bool started; /* … and its spawn was performed */
        ProcessState shown;
        ProcessConfig *latest; /* what the next run has to be started with; borrowed */
        bool replaced;         /* the present run is of an older one */

        bool leaving;    /* to go down, by order */
        bool must_spawn; /* to come up, by order or by autorestart */
        bool retries;    /* to come up by itself, when its back-off or its pause is over */
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
        uint64_t spawned_usec;    /* the present or last run */
        uint64_t not_before_usec; /* it retries: the next run begins at least then … */
        uint64_t not_after_usec;  /* … and its deadline is at most this */
        unsigned n_runs, n_hooks;
        ProcessExit exit;
} Watch;

typedef struct World {
        uint64_t seed;
        unsigned n_steps, step;
        unsigned shutdown_step;
        const bool *skip; /* by step: the operator does nothing; NULL: none */
        bool *acted;      /* by step: here he would act; NULL: nobody asks */
        bool trace;

        bool late;    /* this world's loop is slow */
        bool hung;    /* some of its processes hang in the kernel */
        bool busy;    /* it performs one spawn in a turn, and the rest of the actions later */
        bool lazy;    /* it performs some actions, and the rest of them later */
        bool pending; /* … so there are some left */
        bool rich;    /* with hooks, dependencies, rolls …: not for the books, but for the laws */
        bool cyclic;  /* what depends on each other may go round */
        bool uncommitted, reloaded; /* a change waits for its plan, or had it in this step */
        unsigned n_orders;          /* in this step */
        bool removed;               /* in this step an entry was given back */
        bool surprised;             /* in this step an action failed, with others yet to come */
        bool extends;               /* a stop was given more time in a shutdown */
        unsigned hurry;             /* an operator's order comes once in so many steps */

        Engine *engine;
        uint64_t now_usec;
        Watch watches[MAX_PROCESSES];

        ShutdownMode mode;
        ShutdownRules rules;
        uint64_t shutdown_usec; /* when it began */
        WorldRoll *roll;        /* or NULL */
        uint64_t bound_usec;    /* the shutdown has to be over by then */
        uint64_t elapsed_usec;  /* argument of the last engine_elapsed() */
        unsigned n_still;       /* calls of engine_elapsed() without time passing */
        size_t subject;         /* whom this step is about; SIZE_MAX: nobody */

        uint64_t n_events, n_actions; /* what the engine was told, and what it has answered */
        uint64_t n_turns;             /* in which actions were performed */
        size_t most_actions;          /* of one process after one call */
        char broken[200];             /* the rule that was broken, or empty */
} World;

/* How one run ended. */
typedef struct Outcome {
        uint64_t n_events, n_actions;
        size_t most_actions;
        unsigned step;    /* the last one */
        char broken[200]; /* empty: all rules held */
} Outcome;

typedef struct WorldRun {
        uint64_t seed;
        unsigned n_steps; /* at most MAX_STEPS */
        const bool *skip; /* MAX_STEPS of these, or NULL */
        bool *acted;      /* likewise; set where the operator acted */
        bool trace;
} WorldRun;

Outcome world_run(const WorldRun *run);

/* Open the books of entry @i, which was just added. */
void world_watch(World *w, size_t i, ProcessConfig *config);

/* The first broken rule is kept, later ones are its consequences. */
void world_break(World *w, size_t process, const char *rule);
_printf_(2, 3) void world_trace(const World *w, const char *format, ...);

static inline bool world_is_broken(const World *w) {
        return w->broken[0] != '\0';
}

/* A configuration, any that makes sense; @name in a rich world. The caller's. */
ProcessConfig *pick_config(const World *w, Random *r, const char *name);

/* An operator's order at this step, by the random stream of it. */
void operator_acts(World *w, Random *r);
void operator_shuts_down(World *w, ShutdownMode mode);

/* One of the processes says something, or something is found out about it. */
void somebody_speaks(World *w, Random *r);

/* Perform the actions; to be called after each call of the engine. */
void perform_actions(World *w);
