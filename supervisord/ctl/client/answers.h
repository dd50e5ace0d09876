/*
 * What the daemon answers and tells, as plain structs; supervisord-bus(5) has the meaning of every
 * field. Each X_done() frees what is inside, accepts what is all zero, and may be used for
 * `_cleanup_`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ctl/client/fault.h"

/* One process. */
typedef struct ProcessInfo {
        char *group;
        char *name;
        char *state; /* "RUNNING" … */
        char *goal;  /* "up" or "down" */
        char *phase;
        bool ready;
        pid_t pid;
        uint64_t changed; /* µs of CLOCK_REALTIME, 0: never; as are the next two */
        uint64_t started;
        uint64_t stopped;
        char *spawn_error;
        char *exit_kind; /* "status", "signal", "spawn-failed" or "" */
        int exit_value;
        bool dumped_core;
        unsigned failures;
        unsigned starts;
        uint64_t deadline; /* when something is due, or 0 */
        bool autostart;
        bool enabled;
        int64_t group_priority;
        int64_t priority;
        char *status_text;
        char *log[2]; /* files of stdout and stderr, or "" */

        char *health; /* "healthy" …; NULL, as the next, while it is not checked */
        char *health_text;
        unsigned health_failures; /* in a row */
} ProcessInfo;

/* What became of one process by an order, or of a group: then the name is empty. */
typedef struct Outcome {
        char *group;
        char *name;
        char *done;      /* "started" … or "" */
        FaultCode error; /* FAULT_NONE if it was done */
        char *message;
} Outcome;

typedef struct Outcomes {
        Outcome *items;
        size_t n;
} Outcomes;

typedef struct ProcessList {
        ProcessInfo *items;
        size_t n;
        uint64_t now; /* the daemon's clock, µs of CLOCK_REALTIME */
        Outcomes unknown;
} ProcessList;

/* A process of the configuration. */
typedef struct ConfiguredProcess {
        char *group;
        char *name;
        bool in_use;
        bool autostart;
        int64_t group_priority;
        int64_t priority;
} ConfiguredProcess;

typedef struct ConfiguredList {
        ConfiguredProcess *items;
        size_t n;
} ConfiguredList;

/* A change of state, or of readiness, or of the daemon. */
typedef enum DaemonEventKind {
        EVENT_PROCESS,
        EVENT_READY,
        EVENT_CONFIGURATION,
        EVENT_SHUTDOWN,
} DaemonEventKind;

typedef struct DaemonEvent {
        DaemonEventKind kind;
        uint64_t sequence;
        uint64_t time; /* µs of CLOCK_REALTIME */
        char *group;   /* PROCESS, READY */
        char *name;
        char *from; /* PROCESS */
        char *to;
        char *cause;
        pid_t pid;
        char *message;
        bool ready;       /* READY */
        char **groups[3]; /* CONFIGURATION: added, changed, removed */
        char *how;        /* SHUTDOWN */
} DaemonEvent;

/* What Explain tells. */
typedef struct Explanation {
        ProcessInfo process;
        DaemonEvent *changes; /* EVENT_PROCESS, without group and name; the oldest first */
        size_t n_changes;
        char **output; /* its last lines */
} Explanation;

typedef struct UpdateStep {
        char *group;
        char *name;
        char *action; /* "add", "remove", "restart", "live" */
        char **keys;  /* that differ */
} UpdateStep;

typedef struct UpdatePlan {
        UpdateStep *items;
        size_t n;
} UpdatePlan;

typedef struct PlanStep {
        unsigned wave;
        char *group;
        char *name;
        int64_t group_priority;
        int64_t priority;
        uint64_t grace_usec; /* UINT64_MAX: no bound */
} PlanStep;

typedef struct DaemonPlan {
        PlanStep *items;
        size_t n;
        uint64_t worst_usec; /* UINT64_MAX: no bound */
} DaemonPlan;

typedef struct OpenedLog {
        int fd;
        char *path;
        uint64_t size;
} OpenedLog;

void process_info_done(ProcessInfo *p);
void process_list_done(ProcessList *l);
void outcomes_done(Outcomes *r);
void configured_list_done(ConfiguredList *l);
void daemon_event_done(DaemonEvent *e);
void explanation_done(Explanation *e);
void update_plan_done(UpdatePlan *p);
void daemon_plan_done(DaemonPlan *p);
void opened_log_done(OpenedLog *f);
