/*
 * One process of the table, as plain values: what is wanted of it, where its life stands, and all
 * that belongs to its present or last run. Everybody may read these values; the engine alone writes
 * them. What can be answered from one process alone is answered here, without the engine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "core/lifecycle.h"
#include "core/restart.h"
#include "core/schedule.h"

typedef enum _packed_ Goal {
        GOAL_DOWN,
        GOAL_UP,
} Goal;

/* Why a run counts as failed however it exits then. */
typedef enum _packed_ Failure {
        FAILURE_NONE,
        FAILURE_WATCHDOG,  /* no sign of life for longer than its watchdog allows */
        FAILURE_TRIGGERED, /* it said so itself (WATCHDOG=trigger) */
        FAILURE_UNHEALTHY, /* its health checks failed */
        FAILURE_LINGERING, /* it said that it is ending, and did not come to an end */
} Failure;

typedef enum _packed_ HookKind {
        HOOK_NONE,
        HOOK_PRE_START,
        HOOK_PRE_STOP,
        HOOK_POST_STOP,
} HookKind;

typedef enum _packed_ SignalScope {
        SCOPE_LEADER, /* the main process */
        SCOPE_GROUP,  /* its process group; the main process is not reaped, so the number is its own
                       */
        SCOPE_TREE,   /* every process of its tree */
} SignalScope;

/*
 * All that one run of a process is: from its start, or from the pre_start_command before it, until
 * nothing of it is left. The values stay to be read until the next run replaces them as a whole.
 * Plain values without a pointer.
 */
typedef struct Run {
        Failure failure;        /* what it has said, or what was found out about it */
        SignalScope kill_scope; /* of the last SIGKILL */
        HookKind hook;          /* runs, or its ACTION_HOOK was not taken yet */
        uint8_t stop_step;      /* of the ladder: the signal that was sent last */

        bool unborn : 1;      /* its ACTION_SPAWN was not taken yet: there is no child */
        bool begun : 1;       /* something of it was started */
        bool main_known : 1;  /* false while a forking program has not shown its main process */
        bool was_up : 1;      /* it reached RUNNING */
        bool ready : 1;       /* it has shown that it can do its work, see Readiness */
        bool reloading : 1;   /* it reloads its configuration; it is ready all the same */
        bool leaving : 1;     /* it is ending by itself, and not ready any more */
        bool early : 1;       /* it failed before it was up */
        bool killed : 1;      /* it got a SIGKILL from us */
        bool leader_gone : 1; /* the main process is reaped; leftovers of its tree may live */
        bool tree_gone : 1;   /* the tree is empty, only pre_stop_command still runs */
        bool cleaned : 1;     /* post_stop_command was run for it */
        bool hook_waits : 1;  /* ACTION_HOOK was not taken yet */
        bool hook_killed : 1; /* the hook was told to end at once */
        bool is_cut : 1;      /* its grace is noticeably shorter than configured, for
                                 shutdown_timeout */

        uint64_t watchdog_usec;  /* the longest silence that is allowed; 0: any */
        uint64_t alive_usec;     /* its last sign of life, or when the watch began */
        uint64_t leaving_usec;   /* since when it is ending by itself */
        uint64_t extended_usec;  /* until then it may take to become ready, to end or to stop */
        uint64_t hook_end_usec;  /* when the hook is to be ended */
        uint64_t asked_usec;     /* when its stop began, for whichever reason; 0: not yet */
        uint64_t grace_end_usec; /* while it stops: when it is to be killed */
} Run;

/* One entry of the table. */
typedef struct Process {
        ProcessConfig *config;      /* what it was started with; NULL: the entry is empty */
        ProcessConfig *next_config; /* what replaces it once the running one is gone, or NULL */

        Run run; /* the present one or, in a phase without a child, the last */

        uint64_t n_runs;       /* children that were to be made for it so far */
        uint64_t changed_usec; /* when the visible state was entered */
        uint64_t spawned_usec; /* start of the present or last run; 0: never started */
        uint64_t ended_usec;   /* when the last run was over, its tree empty; 0: never */
        unsigned failures;     /* failed starts in a row */
        ProcessExit exit;      /* how the last run ended */
        Phase phase;
        Goal goal;

        /* Together with the goal these decide whose turn it is, see engine-internal.h. */
        bool start_due : 1; /* waits for its turn to start */
        bool stop_due : 1;  /* waits for its turn to stop */
        bool asked : 1;     /* this run was told to stop because somebody wants it down or replaced
                             */

        bool again : 1;         /* is to be started anew once it is down, however it ends */
        bool brings_along : 1;  /* what it depends on is to be started with it */
        bool told_waiting : 1;  /* ACTION_WAITING was given out since its start became due */
        bool disabled : 1;      /* by command: it does not begin on its own, whatever autostart
                                   says */
        bool spare : 1;         /* another entry of its name counts: this one comes or goes in its
                                   place */
        bool removed : 1;       /* to vanish from the table once it is down */
        bool exit_failed : 1;   /* its last run had failed whatever .exit says */
        bool kill_waits : 1;    /* an ACTION_KILL was not taken yet */
        bool removal_waits : 1; /* likewise an ACTION_REMOVED */

        /* How the engine has counted it, see engine-internal.h. */
        bool counted_alive : 1, counted_unsettled : 1, counted_missing : 1;
        DueSet counted;
        unsigned counted_facts; /* what its state means to processes that depend on it */
        uint32_t wave;          /* by the plan; NO_WAVE before it is in one */
        uint32_t place;         /* in the plan's order, once it is in one */
} Process;

/* Is @p RUNNING, and has it shown that it can do its work? */
bool process_is_ready(const Process *p);

/* Does @p start on its own when it is to run by @config: with the daemon, or when that is new? */
bool process_begins(const Process *p, const ProcessConfig *config);

/* Is @p to be up, but neither ready nor at an end that is as it should be? */
bool process_is_missing(const Process *p);

/* Has the last run of @p ended as it should: by an expected exit status, and not as failed? */
bool process_ended_well(const Process *p);
