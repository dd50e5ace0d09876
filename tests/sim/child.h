/*
 * The virtual kernel's truth about one process and its tree: what lives, when it will end by
 * itself, and what it makes of signals. Nothing here knows the engine.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "core/engine.h"
#include "random.h"

#define MSEC USEC_PER_MSEC
#define SEC USEC_PER_SEC

/* How long SIGKILL takes at most, usually and for a process that hangs in the kernel. */
#define KILL_USEC (20 * MSEC)
#define KILL_HUNG_USEC (12 * SEC)

typedef enum ChildEvent {
        CHILD_NOTHING,
        CHILD_SPAWN_FAILED, /* an asynchronous spawn came back with .exit.value as its errno */
        CHILD_SPAWNED,      /* … or it went well, which is no news */
        CHILD_EXITED,       /* the main process was reaped */
        CHILD_STARTER_GONE, /* so was the starter of a forking program that left something */
        CHILD_MAIN_FOUND,   /* a forking program's main process has shown itself */
        CHILD_EMPTIED,      /* the last of the leftovers is gone */
} ChildEvent;

typedef struct Child {
        bool spawning;  /* an asynchronous spawn is under way */
        bool leader;    /* the main process, or the starter, lives */
        bool starter;   /* it is the starter */
        bool leftovers; /* something else of the tree lives */

        uint64_t spawn_usec;     /* when the spawn comes back */
        uint64_t leader_usec;    /* when the leader ends; UINT64_MAX: not by itself */
        uint64_t leftovers_usec; /* when the rest ends */
        uint64_t main_usec;      /* when the main process is found */
        bool spawn_fails;
        ProcessExit exit; /* of the leader */

        /* Reactions in µs after the signal; UINT64_MAX: deaf. */
        uint64_t leader_hears, leftovers_hear, kill_takes;
        uint64_t main_lives;     /* after it was found */
        uint64_t leftovers_live; /* after they were left, UINT64_MAX: for ever */
        bool leaves;             /* the leader leaves something behind */
        bool leaves_in_group;
} Child;

/* Does it fail at once, with the errno in .exit? Else it lives from @now_usec. */
bool virtual_spawn(Child *c,
                   const ProcessConfig *config,
                   bool may_hang,
                   Random *r,
                   uint64_t now_usec);

bool virtual_is_empty(const Child *c);

/* When something happens to it next; UINT64_MAX: nothing by itself. */
uint64_t virtual_next_usec(const Child *c);

/* Let happen what is next, its time having come. */
ChildEvent virtual_happen(Child *c, uint64_t now_usec);

void virtual_signal(Child *c, const Action *action, uint64_t now_usec);
