/*
 * The virtual kernel's truth about one process and its tree: what lives, when it will end by
 * itself, and what it makes of signals. Nothing here knows the engine.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "config/model/config.h"
#include "core/engine.h"
#include "random.h"

#define MSEC USEC_PER_MSEC
#define SEC USEC_PER_SEC

/* How long SIGKILL takes at most, usually and for a process that hangs in the kernel. */
#define KILL_USEC (20 * MSEC)
#define KILL_HUNG_USEC (12 * SEC)

/* What a program may tell while it lives. */
typedef enum Saying {
        SAYS_READY,
        SAYS_ALIVE,
        SAYS_EXTEND,
        SAYS_RELOADING,
        SAYS_LEAVING,
        SAYS_FAILED,
        SAYS_NOT_READY, /* its check can never succeed */
        SAYS_WATCHDOG,  /* how often it gives a sign of life from now on */
        _SAYS_MAX,
} Saying;

typedef enum ChildEvent {
        CHILD_NOTHING,
        CHILD_SPAWN_FAILED, /* an asynchronous spawn came back with .exit.value as its errno */
        CHILD_SPAWNED,      /* … or it went well, which is no news */
        CHILD_EXITED,       /* the main process was reaped */
        CHILD_STARTER_GONE, /* so was the starter of a forking program that left something */
        CHILD_MAIN_FOUND,   /* a forking program's main process has shown itself */
        CHILD_EMPTIED,      /* the last of the leftovers is gone */
        CHILD_SAYS,         /* the main process tells .says */
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

        uint64_t ready_usec; /* when it shows that it is ready; UINT64_MAX: never */
        uint64_t talks_usec; /* when it tells something else; likewise */
        Saying says;
        unsigned n_says; /* how often it has talked */
} Child;

/* A command that runs before or after the program. */
typedef struct Hook {
        bool runs;
        HookKind kind;
        uint64_t end_usec; /* UINT64_MAX: not by itself */
        int error;         /* how it ends: 0, or as it is told to the engine */
        uint64_t hears;    /* as with Child */
        uint64_t kill_takes;

        uint64_t limit_usec; /* it has to be told to end by then, or, once told, to be killed */
        bool told, killed;
} Hook;

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

/* Let @c talk, too: when it is ready, and whatever else. To be called after virtual_spawn(). */
void virtual_talk(Child *c, Random *r, uint64_t now_usec);

/* Run the command @kind. Does it fail at once, with the errno in .error? */
bool virtual_hook_begin(Hook *h, HookKind kind, Random *r, uint64_t now_usec);
void virtual_hook_signal(Hook *h, int signal, uint64_t now_usec);
