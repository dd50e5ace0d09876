/*
 * The daemon as supervisorctl sees it: a connection to its control socket, a function per question,
 * plain structs as answers. supervisord-bus(5) has the meaning of every field. Nothing here prints.
 *
 * Every function that asks the daemon returns 0 or -errno. After a failure client_fault() tells
 * what the daemon said (-EREMOTEIO) or how the connection failed. Calls wait for their answer, at
 * most 30 s but for orders, which may take as long as their processes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

typedef struct Client Client;

typedef enum FaultCode {
        FAULT_NONE,
        FAULT_SHUTTING_DOWN, /* these have names on the wire … */
        FAULT_NO_SUCH_PROCESS,
        FAULT_NO_SUCH_GROUP,
        FAULT_BAD_SIGNAL,
        FAULT_NO_FILE,
        FAULT_NOT_EXECUTABLE,
        FAULT_FAILED,
        FAULT_ABNORMAL_TERMINATION,
        FAULT_SPAWN_ERROR,
        FAULT_ALREADY_STARTED,
        FAULT_NOT_RUNNING,
        FAULT_ALREADY_ADDED,
        FAULT_STILL_RUNNING,
        FAULT_CANNOT_REREAD,
        FAULT_ACCESS_DENIED,
        FAULT_BAD_ARGUMENT,
        FAULT_CANCELLED,
        FAULT_TIMEOUT,
        FAULT_TOO_MANY,
        FAULT_OTHER, /* … this is any other error of D-Bus, */
        FAULT_LOST,  /* and this is the end of the connection */
} FaultCode;

/* The code for "NoSuchProcess" or "org.supervisord.Error.NoSuchProcess"; FAULT_NONE for "". */
FaultCode fault_from_name(const char *name);

typedef struct Fault {
        FaultCode code;
        char *message; /* for people; never NULL after a failure, may be empty */
} Fault;

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

/* What became of one process, or of a group: then the name is empty. */
typedef struct Result {
        char *group;
        char *name;
        char *done;      /* "started" … or "" */
        FaultCode error; /* FAULT_NONE if it was done */
        char *message;
} Result;

typedef struct Results {
        Result *items;
        size_t n;
} Results;

typedef struct ProcessList {
        ProcessInfo *items;
        size_t n;
        uint64_t now; /* the daemon's clock, µs of CLOCK_REALTIME */
        Results unknown;
} ProcessList;

/* A process of the configuration. */
typedef struct Configured {
        char *group;
        char *name;
        bool in_use;
        bool autostart;
        int64_t group_priority;
        int64_t priority;
} Configured;

typedef struct ConfiguredList {
        Configured *items;
        size_t n;
} ConfiguredList;

/* A change of state, or of readiness, or of the daemon. */
typedef enum EventKind {
        EVENT_PROCESS,
        EVENT_READY,
        EVENT_CONFIGURATION,
        EVENT_SHUTDOWN,
} EventKind;

typedef struct Event {
        EventKind kind;
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
} Event;

/* What Explain tells. */
typedef struct Explanation {
        ProcessInfo process;
        Event *changes; /* EVENT_PROCESS, without group and name; the oldest first */
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

typedef struct Plan {
        PlanStep *items;
        size_t n;
        uint64_t worst_usec; /* UINT64_MAX: no bound */
} Plan;

typedef struct LogFile {
        int fd;
        char *path;
        uint64_t size;
} LogFile;

void process_info_done(ProcessInfo *p);
void process_list_done(ProcessList *l);
void results_done(Results *r);
void configured_list_done(ConfiguredList *l);
void event_done(Event *e);
void explanation_done(Explanation *e);
void update_plan_done(UpdatePlan *p);
void plan_done(Plan *p);
void log_file_done(LogFile *f);

/* ---------------------------------------------------------------- the connection */

/*
 * Connect to the socket at @path. Returns 0, or -errno of connect(2): -ENOENT and -ECONNREFUSED
 * where nobody is there, -EACCES.
 */
int client_connect(const char *path, Client **ret);
Client *client_free(Client *c);
DEFINE_CLEANUP(Client, client_free);

/* Is the daemon still at the other end, as far as it has been heard? */
bool client_is_open(Client *c);

/* Why the last call failed; the client's, until the next call. */
const Fault *client_fault(const Client *c);

/* A descriptor that becomes readable when the daemon says something or is gone. */
int client_get_fd(const Client *c);

/* ---------------------------------------------------------------- looking */

/* The processes that @names (NULL or empty: all) mean, in no particular order. */
int client_list(Client *c, char **names, ProcessList *ret);

/* The same, but of each only group, name, state, pid, started, stopped and spawn_error; all else is
 * zero. For many processes it is several times as fast. */
int client_list_states(Client *c, char **names, ProcessList *ret);
int client_configured(Client *c, ConfiguredList *ret);
int client_explain(Client *c, const char *name, Explanation *ret);
int client_plan(Client *c, Plan *ret);
int client_plan_update(Client *c, char **groups, UpdatePlan *ret);

/* A text property of the manager; *ret is the caller's. */
int client_property(Client *c, const char *name, char **ret);
int client_pid(Client *c, pid_t *ret);

/* ---------------------------------------------------------------- acting */

/* An order for several processes. */
typedef struct Order {
        const char *method; /* "Start" … */
        char **names;       /* NULL: none are sent, an empty list */
        const char *word;   /* Signal: the signal, Wait: for what; else NULL */
        bool quick;         /* a method without options: nothing is waited for */
        bool no_wait;       /* options of the long ones */
        bool ready;
        uint64_t timeout_usec; /* 0: as long as it takes */
        uint32_t parallel;     /* Roll: so many at a time; 0: one */
        int cancel_fd; /* waiting ends with FAULT_CANCELLED when it is readable; -1: never */
        void (*tick)(void *userdata); /* called about every second while it lasts; or NULL */
        void *userdata;
} Order;

/* Give it and wait for its results. */
int client_order(Client *c, const Order *order, Results *ret);

/* Call a @method that takes @word (or nothing, NULL) and answers nothing. */
int client_call(Client *c, const char *method, const char *word);

int client_scale(Client *c, const char *program, unsigned n, Results *ret);

/* *ret: the groups that were added, changed, removed. Free each with strv_free(). */
int client_reread(Client *c, char **ret[static 3]);

/* Write @n bytes to the standard input of a process. */
int client_send_input(Client *c, const char *name, const void *data, size_t n);

/* ---------------------------------------------------------------- logs */

/* The log file of @stream ("stdout", "stderr") of a process; with @name NULL the daemon's. */
int client_open_log(Client *c, const char *name, const char *stream, LogFile *ret);

/* ---------------------------------------------------------------- events */

int client_subscribe(Client *c);

/*
 * The next event after client_subscribe(), without waiting. Returns 1 with *ret (event_done());
 * 0 if there is none yet: wait for client_get_fd() to become readable; -errno when the connection
 * is gone.
 */
int client_next_event(Client *c, Event *ret);
