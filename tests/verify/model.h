/*
 * What is explored: the real engine, and around it everything that can happen to it as a choice of
 * moves: a program ends with this status or that, leaves something behind or not, a hook fails, the
 * operator orders, time passes. A Model is one state of both; no move is ever left to chance.
 *
 * Time goes in steps of TICK_USEC, and every duration of a scenario is a multiple of it, as is
 * every one the engine has of its own. That loses no behaviour: the engine only adds durations and
 * compares the sums with "now" by <=, so whatever happens between two ticks could happen, in the
 * same order, on them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "core/engine.h"

#define PROCESSES_MAX 2
#define TICK_USEC (5 * USEC_PER_SEC)
_Static_assert(KILL_AGAIN_USEC == TICK_USEC && HOOK_LAST_USEC == TICK_USEC,
               "the engine's own durations are ticks");

/* SIGKILL takes effect this late at most: a second one may be needed. */
#define KILL_LATE_USEC (2 * TICK_USEC)

typedef enum MoveKind {
        /* Orders. */
        MOVE_START,
        MOVE_STOP,
        MOVE_RESTART,
        MOVE_KILL,
        MOVE_REPLACE,      /* a reload with another configuration … */
        MOVE_REPLACE_BACK, /* … and with the first one again */
        MOVE_UPDATE,       /* the same, where no restart is needed */
        MOVE_UPDATE_BACK,
        MOVE_REMOVE,
        MOVE_ADD, /* it was removed, and comes again */
        MOVE_SHUTDOWN,
        MOVE_SHUTDOWN_FAST,
        MOVE_SHUTDOWN_NOW,
        _MOVE_ORDERS_END,
        /* What programs do and what becomes of them. */
        MOVE_SPAWN_FAILS = _MOVE_ORDERS_END,
        MOVE_EXIT,         /* with the status that is expected */
        MOVE_EXIT_LEAVING, /* the same, but something of its tree lives on */
        MOVE_FAIL,         /* with another status */
        MOVE_FAIL_LEAVING,
        MOVE_DIE, /* by a signal */
        MOVE_DIE_LEAVING,
        MOVE_EMPTIED,      /* what was left is gone */
        MOVE_STARTER_GONE, /* of a forking program, its main process not known yet … */
        MOVE_MAIN_FOUND,   /* … which shows itself */
        MOVE_HOOK_DONE,
        MOVE_HOOK_FAILS,
        MOVE_SAYS_READY,
        MOVE_SAYS_NOT_READY, /* its check can never succeed */
        MOVE_SAYS_LEAVING,
        MOVE_SAYS_EXTEND,
        MOVE_SAYS_RELOADING,
        MOVE_SAYS_ALIVE,
        MOVE_UNHEALTHY,
        /* The loop. */
        MOVE_TAKE, /* one action is performed */
        MOVE_TICK,
        MOVE_ELAPSED, /* it notices that time has passed */
        _MOVE_MAX,
} MoveKind;

typedef struct Move {
        MoveKind kind;
        size_t process; /* 0 for what concerns nobody in particular */
} Move;

typedef struct Scenario {
        const char *name;
        /* Change the documented defaults. @variant 0 is what it begins with, 1 what replaces it. */
        void (*configure)(ProcessConfig *config, size_t process, unsigned variant);
        size_t n_processes;
        ShutdownRules rules;
        uint64_t moves; /* bits of MoveKind: those that can be made; more see move_is_possible() */
        bool lazy;      /* actions are performed one by one, with other moves in between */
        bool is_quick;  /* it belongs to the subset that takes seconds */
        bool waits;     /* a stop may wait for a program for as long as that likes … */
        bool works;     /* … so may a start */
} Scenario;

/* The kernel's truth about one process and what it has started. */
typedef struct Body {
        bool leader;  /* lives: the main process, or the starter of a forking program */
        bool starter; /* it is that */
        bool rest;    /* something else of the tree lives */
        bool fresh;   /* its spawn may still turn out to have failed */
        HookKind hook;
        bool leader_doomed, rest_doomed, hook_doomed; /* SIGKILL is on its way */
        uint64_t doomed_usec;                         /* since when the first of them */
} Body;

/* What is known of one process without asking the engine. */
typedef struct Watch {
        ProcessState shown;
        bool said_ready, leaves, failed; /* in this run */
        bool was_up;
        bool replaced;       /* it is to run with another configuration next */
        bool told_down;      /* by an order: it has to end as STOPPED */
        bool ends;           /* a stop has begun */
        bool killable;       /* somebody has ordered to wait for it no more */
        bool killed;         /* it got a SIGKILL */
        bool lenient;        /* it was to get none when its stop began, or since then */
        uint64_t limit_usec; /* the end of its grace; USEC_INFINITY: none runs */
        ProcessExit exit;
        unsigned failures; /* failed starts in a row */
        bool is_removed;   /* the entry was given back */

        uint64_t spawned_usec; /* the present or last run */
        bool by_itself;        /* nobody has asked this run to end, or to be replaced */
        /* While it is EXITED: when it is to start again by itself; USEC_INFINITY: never. */
        uint64_t restart_usec;
        bool nudged; /* somebody may have ordered a start before that */
} Watch;

typedef struct Model {
        const Scenario *scenario;
        ProcessConfig *configs[PROCESSES_MAX][2]; /* by process and variant; the explorer's */
        Engine *engine;
        uint64_t now_usec;
        ShutdownMode mode;       /* the hardest that was ordered */
        uint64_t drain_end_usec; /* a graceful shutdown asks nobody before */
        uint64_t bound_usec;     /* the shutdown has to be over by then */
        bool has_pending;        /* actions */
        Body bodies[PROCESSES_MAX];
        Watch watches[PROCESSES_MAX];
        bool trace;
        const char *broken; /* the rule that was broken, or NULL */
} Model;

/* A state that can be gone back to. */
typedef struct Snapshot {
        Model model;
        ArenaImage image;
} Snapshot;

/* model_done() gives back what it holds. The engine is a new one, all processes added. */
void model_init(Model *m, const Scenario *scenario);
void model_done(Model *m);

/* Back to what model_init() gave. */
void model_reset(Model *m);

void model_save(const Model *m, Snapshot *ret);
void model_load(Model *m, const Snapshot *snapshot);

bool model_can(const Model *m, Move move);

/* Make a move that is possible; all rules are checked then. */
void model_make(Model *m, Move move);

const char *move_to_string(MoveKind kind);
bool move_is_order(MoveKind kind);

/* Does @move happen whatever the programs like: time, and the end of what was killed? */
bool model_is_forced(const Model *m, Move move);

void model_break(Model *m, const char *rule);
_printf_(2, 3) void model_trace(const Model *m, const char *format, ...);

/* Is every process that is to be up at a place where it may stay: up and ready, ended or given up
 * by rule, or waiting for another one that is named? */
bool model_is_settled(const Model *m);

/* --- environment.c, which has model_make(), too; moves.c has what is possible --- */

/* Perform what the engine has decided: all of it, or one action. */
void environment_perform(Model *m, bool all);

/* --- rules.c --- */

/* Before each move. */
void rules_look_at(Model *m, Move move);
/* Before an action is performed. */
void rules_check_action(Model *m, const Action *a);
/* After each call of the engine: a stop has begun with it, or is over. */
void rules_follow(Model *m);
/* What has to hold after a move. */
void rules_check(Model *m, Move move);

/* --- canon.c --- */

/* Longest canonical form, in words. */
#define CANON_WORDS_MAX 96

/*
 * What is equal for two states from which the same can follow. Returns the number of words, which
 * is the same for all states of a scenario unless it is lazy.
 */
size_t model_canon(const Model *m, uint32_t words[CANON_WORDS_MAX]);
