/*
 * The effective configuration: typed, checked, immutable. config_load() reads a supervisord.conf with
 * its includes, expands and checks everything in one pass and gives either a whole Config or only
 * messages. Nothing outside this folder sees a key's text.
 *
 * Durations are signed microseconds, as existing files may hold negative numbers (which act like 0);
 * DURATION_INFINITY stands for "infinity".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/macro.h"

#define DURATION_INFINITY INT64_MAX

typedef enum AutoRestart {
        AUTORESTART_FALSE,
        AUTORESTART_UNEXPECTED, /* after an exit whose status is not in exitcodes */
        AUTORESTART_TRUE,
} AutoRestart;

typedef enum KillMode {
        KILL_MODE_MIXED,         /* stopsignal to the leader, leftovers and SIGKILL to the whole tree */
        KILL_MODE_CONTROL_GROUP, /* stopsignal to the whole tree too */
        KILL_MODE_PROCESS,       /* the leader alone (its group with killasgroup); leftovers live on */
} KillMode;

typedef enum ProcessType {
        PROCESS_TYPE_SIMPLE,  /* what we start is the main process */
        PROCESS_TYPE_FORKING, /* it forks the main process and exits: pidfile, or the tree's sole survivor */
} ProcessType;

typedef enum LogKind {
        LOG_KIND_AUTO,    /* a file of our naming in childlogdir */
        LOG_KIND_NONE,    /* read and thrown away (/dev/null) */
        LOG_KIND_FILE,    /* LogTarget.path */
        LOG_KIND_JOURNAL, /* straight to journald */
        LOG_KIND_INHERIT, /* the daemon's own stdout or stderr */
} LogKind;

typedef struct LogTarget {
        LogKind kind;
        char *path;          /* LOG_KIND_FILE only; expanded */
        int64_t max_bytes;   /* rotate at this size; <= 0: never */
        int64_t backups;     /* old files kept; <= 0: truncate in place */
        int64_t capture_max_bytes;
        bool events_enabled;
        bool syslog;         /* to syslog as well; `logfile = syslog` is kind NONE with this set */
} LogTarget;

/* One process to supervise (a copy of a program's section when numprocs > 1). */
typedef struct ProcessConfig {
        unsigned n_ref;

        char *name;    /* process_name, expanded */
        char *group;   /* the group it belongs to; equals the program's name when in no [group] */
        char *program; /* the section's name after the colon */
        char *file;    /* where the section began, for messages */
        unsigned line;

        int64_t group_priority; /* start order: group priority, then priority, both ascending */
        int64_t priority;

        char *command;    /* as configured, expanded */
        char **argv;      /* split as a POSIX shell splits words; NULL with argv_error set */
        char *argv_error; /* "No closing quotation" or "command is empty": found when it is started */

        ProcessType type;
        char *pidfile; /* PROCESS_TYPE_FORKING: where the main process's pid appears; or NULL */

        char *directory; /* chdir here before exec, or NULL */
        char *user;      /* as configured, or NULL: uid, gid and groups are then unset */
        uid_t uid;
        gid_t gid;
        gid_t *groups; /* what initgroups(3) would set, primary included */
        size_t n_groups;
        int umask; /* or -1 to inherit the daemon's */

        bool autostart;
        AutoRestart autorestart;
        int64_t startsecs_usec;
        int64_t startretries; /* attempts after the first; -1: never give up */
        uint64_t exitcodes[4]; /* bitmap of the 256 expected exit statuses */

        int64_t backoff_min_usec; /* delay before the first retry */
        int64_t backoff_max_usec; /* no delay is longer */
        double backoff_factor;    /* each delay is the last times this; 0: Python's, last plus backoff_min */
        double backoff_jitter;    /* 0..1: each delay is lengthened by up to this share of itself */
        int64_t readiness_timeout_usec; /* how long a forking program may take to show its main process */

        int stopsignal; /* 0: none is sent, only SIGKILL after stopwait */
        int64_t stopwait_usec;
        bool stopasgroup;
        bool killasgroup;
        KillMode kill_mode;

        bool redirect_stderr;
        LogTarget log[2]; /* stdout, stderr */

        char **environment; /* "KEY=VALUE": [supervisord] environment with the program's own over it, sorted */
        char *serverurl;    /* for SUPERVISOR_SERVER_URL, or NULL when no server is configured */
} ProcessConfig;

ProcessConfig *process_config_ref(ProcessConfig *c);
ProcessConfig *process_config_unref(ProcessConfig *c);
DEFINE_CLEANUP(ProcessConfig, process_config_unref);

/* Is @status (0..255) one of the exit statuses that @c expects? */
bool process_config_expects(const ProcessConfig *c, int status);

/* The [supervisord] section. */
typedef struct DaemonConfig {
        char *logfile; /* absolute, or NULL with syslog set */
        bool syslog;
        int64_t logfile_maxbytes;
        int64_t logfile_backups;
        LogLevel loglevel;
        char *pidfile; /* absolute */
        int umask;
        bool nodaemon;
        bool silent;
        int64_t minfds;
        int64_t minprocs;
        bool nocleanup;
        char *childlogdir;
        char *user; /* or NULL */
        uid_t uid;
        gid_t gid;
        gid_t *groups;
        size_t n_groups;
        char *directory; /* or NULL */
        bool strip_ansi;
        char *identifier;
        char **environment; /* "KEY=VALUE", sorted */
        int64_t fast_shutdown_timeout_usec;
        bool cgroups; /* may use a cgroup v2 leaf per process where we may make one */
} DaemonConfig;
