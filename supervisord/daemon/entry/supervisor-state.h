/*
 * What the daemon knows: of each process of the table beside what the engine knows, and of itself.
 * The parts of it belong to the files that are named; the others look at them and leave them alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "child/child.h"
#include "child/host.h"
#include "core/engine.h"
#include "daemon/entry/history.h"
#include "daemon/entry/observer.h"
#include "daemon/entry/supervisor-options.h"
#include "daemon/entry/sweep.h"
#include "manager/runtime-directory.h"

typedef struct ChildNotify ChildNotify;
typedef struct Entry Entry;
typedef struct HealthCheck HealthCheck;
typedef struct Hook Hook;
typedef struct ReadinessCheck ReadinessCheck;
typedef struct ReadinessFile ReadinessFile;
typedef struct Remembered Remembered;
typedef struct RollJob RollJob;

/* Of two things that are ready together the first is handled first: an exit before the timer that
 * would have escalated it, output before the exit that follows it. */
enum {
        PRIORITY_TURN = -30,   /* what follows from an event, before the next event */
        PRIORITY_NOTIFY = -20, /* a last message before the exit that follows it */
        PRIORITY_EXIT = -10,
        PRIORITY_OUTPUT = -5,
        PRIORITY_SIGNAL = 0,
        PRIORITY_TIMER = 10,
        PRIORITY_IDLE = 20,
};

typedef struct MainSearch { /* for the main process of a program that forks; main-process.c's */
        sd_event_source *pidfile; /* waits for it */
        pid_t announced;          /* the main process once it has no other parent; or 0 */
        bool is_on;               /* its starter has gone, its main process is not known */
} MainSearch;

typedef struct KillPlan { /* entry-kill.c's */
        ChildScope scope;
        bool is_pending; /* the main process was killed, the rest of its tree not yet */
} KillPlan;

struct Entry { /* a process of the table, beside the engine's */
        Supervisor *supervisor;
        uint32_t index;
        pid_t last_pid; /* of the present or last run, for the log */
        Child *child;
        StartFailure *start_failure; /* why the last start failed, or NULL */
        MainSearch main;
        KillPlan kill;

        bool told_more_time; /* it was logged that it asked for more for what it does */
        bool told_ready;     /* what those who listen know of its readiness */

        unsigned n_starts;
        uint32_t n_sockets;    /* in .sockets */
        ReadinessCheck *check; /* of the readiness of this run, until it has an answer */
        Hook *hook;            /* the last command around its life; NULL: none yet */
        Hook *reload;          /* the last reload_command, likewise */

        SocketHold **sockets; /* of this run, and kept while another is to follow */

        ChildNotify *notify; /* of this run, if it has a socket for sd_notify(3) */
        HealthCheck *health; /* while it is checked, else NULL */

        History history;
        Origin origin; /* who wants something of it that has not begun yet */
};

typedef struct Commands { /* on behalf of entries, of one kind */
        Tools *tools;
        unsigned n_started;
} Commands;

typedef struct LoopTurn {          /* turn.c's */
        sd_event_source *post;     /* after each event */
        sd_event_source *more;     /* something is left for the next turn */
        sd_event_source *deadline; /* the engine's next */
        uint64_t deadline_usec;    /* for which that is set */
} LoopTurn;

typedef struct Delayed {            /* what is done a little later, each its own file's */
        sd_event_source *replan;    /* tries again what supervisor_commit() could not */
        sd_event_source *kill_rest; /* kills what main processes that were killed leave behind */
        sd_event_source *reap_rest; /* after one child was reaped: the others */
        Sweep sweep;                /* after spawns, until each child has its program */
} Delayed;

typedef struct Counts { /* of entries that are */
        size_t running;
        size_t fatal;
        size_t awaiting_main; /* see main-process.h */
} Counts;

typedef struct News { /* what is told to observers */
        struct ObserverList observers;
        uint64_t sequence;   /* of the last thing that was told */
        bool somebody_ended; /* others may have waited for that one */
} News;

typedef struct Outside {         /* what is shown of the daemon as a whole; status.c's */
        sd_event_source *status; /* tells the service manager about changes, some at a time */
        bool is_ready;           /* READY=1 was sent */
        uint64_t started_usec;
        ReadinessFile *readiness_file;
} Outside;

typedef struct WayDown {           /* of the whole daemon; shutdown.c's */
        sd_event_source *progress; /* tells who is waited for */
        bool restarts;             /* it is to be followed by another start */
        bool is_over;              /* all is down, only strangers may be left */
        bool leaves_rest;          /* it could not be told whether anything is left */
        int exit_code;             /* 0, or that of the essential program that failed first */
        unsigned n_interrupts;
        uint64_t began_usec;
} WayDown;

struct Supervisor {
        const SupervisorOptions *options;
        sd_event *event;
        Config *config;
        Config *available; /* read by command, but not in use yet; or NULL */
        Host *host;
        Engine *engine;
        Entry **entries; /* by the engine's index; NULL where that is empty */
        size_t n_entries;
        Commands checks;           /* of readiness and health */
        Commands hooks;            /* around the life of processes */
        RollJob *rolls;            /* rolling restarts under way */
        RuntimeDirectory *runtime; /* made when something needs it first */
        Remembered *remembered;
        LoopTurn turn;
        Delayed delayed;
        Counts counts;
        News news;
        Outside outside;
        WayDown ending;
};
