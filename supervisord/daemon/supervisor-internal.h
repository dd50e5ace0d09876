/*
 * The supervisor's inside, shared by its files: supervisor.c (set-up, the turn of the loop),
 * events.c (what comes in), perform.c (what goes out), shutdown.c, reload.c and report.c. Nobody
 * else includes this.
 */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "child/child.h"
#include "child/host.h"
#include "config/model/diff.h"
#include "core/engine.h"
#include "core/health.h"
#include "daemon/history.h"
#include "daemon/hook.h"
#include "daemon/observer.h"
#include "daemon/readiness-file.h"
#include "daemon/remembered.h"
#include "daemon/roll.h"
#include "daemon/supervisor.h"
#include "host/net/probe.h"
#include "manager/notify-socket.h"
#include "manager/runtime-directory.h"

/*
 * Of two things that are ready together the first is handled first: an exit before the timer that
 * would have escalated it, output before the exit that follows it.
 */
enum {
        PRIORITY_NOTIFY = -20, /* a last message before the exit that follows it */
        PRIORITY_EXIT = -10,
        PRIORITY_OUTPUT = -5,
        PRIORITY_SIGNAL = 0,
        PRIORITY_TIMER = 10,
        PRIORITY_IDLE = 20,
};

typedef struct HealthCheck HealthCheck;
typedef struct ReadinessCheck ReadinessCheck;
typedef struct ChildNotify ChildNotify;

struct Entry { /* a process of the table, beside the engine's */
        Supervisor *supervisor;
        uint32_t index;
        pid_t last_pid; /* of the present or last run, for the log */
        Child *child;
        StartFailure *start_failure; /* why the last start failed, or NULL */
        sd_event_source *pidfile;    /* waits for a forking program's pidfile */
        pid_t announced_main;        /* its main process once it has no other parent; or 0 */

        bool awaits_main;    /* its starter has gone, its main process is not known */
        bool told_more_time; /* it was logged that it asked for more for what it does */
        bool told_ready;     /* what those who listen know of its readiness */
        bool kill_pending;   /* its main process was killed, the rest of its tree not yet */
        ChildScope kill_scope;

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

struct Supervisor {
        const SupervisorOptions *options;
        sd_event *event;
        Config *config;
        Host *host;
        Engine *engine;
        Tools *checks;             /* commands that check readiness */
        unsigned n_checks;         /* started so far */
        RollJob *rolls;            /* rolling restarts under way */
        Tools *hooks;              /* commands around the life of processes */
        unsigned n_hooks;          /* started so far */
        RuntimeDirectory *runtime; /* made when something needs it first */
        ReadinessFile *readiness_file;
        Entry **entries; /* by the engine's index; NULL where that is empty */
        size_t n_entries;
        size_t n_awaiting_main;

        sd_event_source *timer;     /* the engine's next deadline */
        sd_event_source *more;      /* actions are left for the next turn */
        sd_event_source *status;    /* tells the manager about changes, some at a time */
        sd_event_source *replan;    /* tries again what supervisor_commit() could not */
        sd_event_source *sweep;     /* after spawns, until each child has its program */
        uint64_t sweep_usec;        /* until the next time */
        sd_event_source *kill_rest; /* kills what main processes that were killed leave behind */
        sd_event_source *progress;  /* while shutting down */
        sd_event_source *writing;   /* news of the threads that write logs */

        size_t n_running;
        size_t n_fatal;
        struct ObserverList observers;
        Remembered *remembered;
        Config *available; /* read by command, but not in use yet; or NULL */
        uint64_t started_usec;
        uint64_t sequence;   /* of the last thing that clients were told */
        bool restarts;       /* the shutdown is to be followed by another start */
        bool somebody_ended; /* others may have waited for that one */

        bool is_ready;    /* READY=1 was sent */
        bool is_over;     /* all is down, only strangers may be left */
        bool leaves_rest; /* it could not be told whether anything is left */
        int exit_code;    /* 0, or that of the essential program that failed first */
        unsigned n_interrupts;
        uint64_t shutdown_usec; /* when it began */
};

/* CLOCK_MONOTONIC, in µs. */
uint64_t supervisor_now(void);

/* After anything that may have moved the engine: perform what follows from it, and arm the timer.
 */
void supervisor_turn(Supervisor *s);

/* A descriptor became readable when it had to be watched: add it with @priority; logs failures. */
int supervisor_watch_fd(Supervisor *s, int fd, sd_event_io_handler_t handler, int64_t priority);

/* events.c: watch signals, exits, output and the log. Logs failures. */
int supervisor_watch_events(Supervisor *s);

/* main-process.c: the starter of a forking program has gone: find its main process, or wait for it.
 */
void entry_find_main(Entry *entry);

/* main-process.c: nobody waits for @entry's main process any more. */
void entry_stop_finding_main(Entry *entry);

/*
 * main-process.c: it was told that @pid is the main process of @entry: it is from now on, or when
 * it can be, or never.
 */
void entry_announce_main(Entry *entry, pid_t pid);

/*
 * main-process.c: the main process of @entry was reaped; if another was announced that can take its
 * place, it does. Returns whether that is so: the run goes on.
 */
bool entry_take_over(Entry *entry);

/* main-process.c: something has ended or appeared: look again for those that are awaited. */
void supervisor_find_mains(Supervisor *s);

/*
 * entry-sockets.c: hold the listening sockets that @entry's next run is given. Returns 0, or -errno
 * and *reterr is why, the caller's, or as it was.
 */
int entry_prepare_sockets(Entry *entry, ChildExtras *extras, StartFailure **reterr);

/*
 * perform.c: @entry could not be started, because of @error (positive) and @failure (NULL: no
 * memory for it), which belongs to @entry now. Logs it and tells the engine.
 */
void entry_start_failed(Entry *entry, int error, StartFailure *failure);

/* entry-sockets.c: it is down; let go of its sockets unless it is to run again. */
void entry_settle_sockets(Entry *entry);

/* entry-sockets.c: let go of them in any case. */
void entry_forget_sockets(Entry *entry);

/*
 * ready.c: make what @entry's next run needs to show that it is ready. Returns 0 or -errno.
 */
int entry_prepare_readiness(Entry *entry, ChildExtras *extras);

/* ready.c: the run has begun. */
void entry_begin_readiness(Entry *entry);

/* ready.c: it is over, or it is ready and nobody has to ask any more. */
void entry_forget_readiness(Entry *entry);

/* ready.c: a number for a command on behalf of @entry, for supervisor_check_ended(). */
unsigned entry_new_check_id(const Entry *entry);

/* child-notify.c: make the socket to which @entry's next run may send. Returns 0 or -errno. */
int entry_prepare_notify(Entry *entry, ChildExtras *extras);

/* child-notify.c: what it said last about itself in this run, or NULL. */
const char *entry_get_notify_status(const Entry *entry);

/* child-notify.c: the run is over. */
void entry_forget_notify(Entry *entry);

/* health.c: begin to check @entry if it is to be checked now, or give it up. */
void entry_update_health(Entry *entry);

/* health.c: @entry is not checked any more. */
void entry_forget_health(Entry *entry);

/* health.c: what is to be checked, or how, may have changed: begin anew. */
void entry_renew_health(Entry *entry);

/* health.c: the command @id on behalf of @entry has ended, which may be a check of its health. */
void entry_health_command_ended(Entry *entry, unsigned id, const ProcessExit *exit);

/* health.c: what is known of the health of @entry; NULL while it is not checked. */
const Health *entry_get_health(const Entry *entry);

/* health.c: why the last check failed; "" if none has. */
const char *entry_get_health_words(const Entry *entry);

/* ready.c: the tool_ended_fn of Supervisor.checks. */
void supervisor_check_ended(void *userdata, unsigned id, const ProcessExit *exit);

/* status.c: what the service manager shows about us may have changed. */
void supervisor_status_changed(Supervisor *s);

/* status.c: READY=1 as soon as all that should be up is, or has given up. */
void supervisor_ready_if_settled(Supervisor *s);

/* status.c: the readiness_file is as it should be now. */
void supervisor_show_readiness(Supervisor *s);

/* status.c: at once, as when something long begins. *ret is the caller's; NULL without memory. */
char *supervisor_status_text(const Supervisor *s);

/* events.c: HostOptions.on_output. */
void supervisor_on_output(void *owner, const OutputEvent *event, void *userdata);

/* perform.c: at most about a few milliseconds' worth of actions; false if there are more. */
bool supervisor_perform(Supervisor *s);

/* supervisor.c: give up soon what the spawner still holds for children on their way to their
 * program. */
void supervisor_sweep_later(Supervisor *s);

/* shutdown.c */
void supervisor_shutdown(Supervisor *s, ShutdownMode mode);
void supervisor_finish_if_down(Supervisor *s);

/*
 * When the loop is over before everything was stopped: SIGKILL all that is left, but what
 * kill_mode=process leaves alone, and wait up to two seconds until it is gone.
 */
void supervisor_kill_all(Supervisor *s);
/* A shutdown that was the first half of a restart is the end after all. */
void supervisor_stay_down(Supervisor *s);

/* reload.c: SIGHUP. */
void supervisor_reload(Supervisor *s);

/*
 * apply.c: bring the table in line with @config: what is new is added (and started if it is to),
 * what has changed is replaced, what is gone is removed. counts[] are increased by kind. 0 or
 * -errno.
 */
int supervisor_apply(Supervisor *s, const Config *config, size_t counts[static CHANGE_REMOVED + 1]);

/* What of a configuration is to be compared and applied; NULL: everything. */
typedef struct ApplyScope {
        char *const *groups; /* or NULL: all */
        const char *section; /* or NULL: all */
} ApplyScope;

/*
 * apply.c: what changes with @config for what is in @scope, the unchanged included. *ret is the
 * caller's; valid until the table changes. Returns their number or -ENOMEM.
 */
ssize_t supervisor_compare(const Supervisor *s,
                           const Config *config,
                           const ApplyScope *scope,
                           ConfigChange **ret);

/* apply.c: the process that @change is about. */
const ProcessConfig *
change_get_config(const Supervisor *s, const Config *config, const ConfigChange *change);

typedef struct GroupChanges { /* names, sorted, each NULL if empty */
        char **added, **changed, **removed;
        char **restarted; /* those of changed of which something is stopped */
} GroupChanges;

void group_changes_done(GroupChanges *g);

/* apply.c: the same by groups. Returns 0 or -ENOMEM. */
int group_changes(const Supervisor *s,
                  const Config *config,
                  const ConfigChange *changes,
                  size_t n,
                  GroupChanges *ret);

/* apply.c: get ready for supervisor_commit(). Returns 0 or -errno. */
int supervisor_prepare_commits(Supervisor *s);

/*
 * apply.c: have the engine plan anew after a change of its table. Without memory that is logged and
 * tried again every second, so that a change never waits for the next one. Returns 0 or -ENOMEM.
 */
int supervisor_commit(Supervisor *s);

/* apply.c: make @changes true. counts[] are increased by kind. Returns 0 or -errno. */
int supervisor_apply_changes(Supervisor *s,
                             const Config *config,
                             const ConfigChange *changes,
                             size_t n,
                             size_t counts[static CHANGE_REMOVED + 1]);

/*
 * reload.c: read the configuration again, with @scale (may be NULL) in place of a numprocs. Errors
 * are logged, and *reterr_errors (may be NULL) has them, a line each; the caller's. Returns 0 or
 * -errno.
 */
int supervisor_load(Supervisor *s, const ConfigScale *scale, Config **ret, char **reterr_errors);

/* reload.c: what was read last; supervisor_set_available() takes what was read but is not in use.
 */
const Config *supervisor_get_available(const Supervisor *s);
void supervisor_set_available(Supervisor *s, Config *config);

/* reload.c: the service manager knows that a configuration is applied in between. */
void supervisor_begin_reload(const Supervisor *s);
void supervisor_end_reload(const Supervisor *s);

/* reload.c: apply @changes, sockets included; and take over @config with what it says about the
 * daemon. */
void supervisor_adopt_changes(Supervisor *s,
                              const Config *config,
                              const ConfigChange *changes,
                              size_t n);
void supervisor_adopt_config(Supervisor *s, Config *config);

/* events.c: SIGUSR2. */
void supervisor_reopen_logs(Supervisor *s);

/* observe.c: @entry has gone from one visible state to another: remember it, and tell everybody. */
void entry_observe_change(Entry *entry, const Action *action);

/* observe.c: its readiness may have changed. */
void entry_observe_ready(Entry *entry);

/* observe.c: it vanishes from the table. */
void entry_observe_removal(const Entry *entry);

/* observe.c: what processes can still reach may have changed, see observer.h. */
void supervisor_observe_prospects(const Supervisor *s);

/* observe.c: groups have changed. */
void supervisor_observe_configuration(const Supervisor *s, const GroupChanges *groups);

/* observe.c: a shutdown begins, or becomes harder. */
void supervisor_observe_shutdown(const Supervisor *s, const char *how);

/* supervisor.c: what [supervisord] says about shutting down. */
ShutdownRules shutdown_rules(const DaemonConfig *config);

/* supervisor.c: make an entry for @config. Returns 0 or -errno. */
int supervisor_add(Supervisor *s, ProcessConfig *config, size_t *ret_index);

/* supervisor.c: the entry of a removed process. */
void supervisor_drop(Supervisor *s, size_t index);

/* report.c: who is awaited, "a (SIGKILL in 2 s), b and 3 more" or names only; what is up; how all
 * ended. */
int report_awaited(const Supervisor *s, char **ret);
int report_awaited_names(const Supervisor *s, char **ret);
/* ", SIGKILL for db in 7 s": who is killed next if he does not end before; "" if nobody is. */
int report_next_kill(const Supervisor *s, char **ret);
/* "7 of 8 running, FATAL: db, waiting for cache: reading its snapshot" */
int report_summary(const Supervisor *s, char **ret);
void report_state(const Supervisor *s);
void report_end(const Supervisor *s);

/* The log's fields for an entry. */
#define ENTRY_FIELDS(entry, id)                                                                   \
        &(const LogFields) {                                                                      \
                .process = engine_get((entry)->supervisor->engine, (entry)->index)->config->name, \
                .group = engine_get((entry)->supervisor->engine, (entry)->index)->config->group,  \
                .pid = (entry)->last_pid, .message_id = (id)                                      \
        }
