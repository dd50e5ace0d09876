/*
 * The effective configuration: typed, checked, immutable. config_load() reads a supervisord.conf
 * with its includes, expands and checks everything in one pass and gives either a whole Config or
 * only messages. Nothing outside this folder sees a key's text.
 *
 * Durations are signed microseconds, as existing files may hold negative numbers (which act like
 * 0); DURATION_INFINITY stands for "infinity".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/macro.h"
#include "log/log.h"

#define DURATION_INFINITY INT64_MAX

typedef enum AutoRestart {
        AUTORESTART_FALSE,
        AUTORESTART_UNEXPECTED, /* after an exit whose status is not in exitcodes */
        AUTORESTART_TRUE,
} AutoRestart;

typedef enum KillMode {
        KILL_MODE_MIXED, /* stopsignal to the leader, leftovers and SIGKILL to the whole tree */
        KILL_MODE_CONTROL_GROUP, /* stopsignal to the whole tree too */
        KILL_MODE_PROCESS, /* the leader alone (its group with killasgroup); leftovers live on */
} KillMode;

/* One step of a stop: a signal, and how long to wait for its effect. */
typedef struct StopStep {
        int signal;        /* 0: none is sent */
        int64_t wait_usec; /* or STOP_WAIT_DEFAULT: what stopwaitsecs says */
} StopStep;

#define STOP_WAIT_DEFAULT INT64_MIN
#define STOP_STEPS_MAX 8

typedef struct StopLadder {
        StopStep steps[STOP_STEPS_MAX];
        size_t n; /* 0: stopsignal and stopwaitsecs alone */
} StopLadder;

typedef enum ProcessType {
        PROCESS_TYPE_SIMPLE,  /* what we start is the main process */
        PROCESS_TYPE_ONESHOT, /* it runs to its end, and counts as started when that is reached */
        PROCESS_TYPE_FORKING, /* it forks the main process and exits: pidfile, or the tree's sole
                                 survivor */
} ProcessType;

typedef enum _packed_ LogKind {
        LOG_KIND_AUTO,    /* a file of our naming in childlogdir */
        LOG_KIND_NONE,    /* read and thrown away (/dev/null) */
        LOG_KIND_FILE,    /* LogTarget.path */
        LOG_KIND_JOURNAL, /* straight to journald */
        LOG_KIND_INHERIT, /* the daemon's own stdout or stderr */
} LogKind;

typedef enum LogFormat {
        LOG_FORMAT_PLAIN,  /* the child's bytes, untouched */
        LOG_FORMAT_PREFIX, /* each line begins with the time and the process's name */
        LOG_FORMAT_JSON,   /* one object per line */
} LogFormat;

typedef enum LogCompress {
        LOG_COMPRESS_NONE,
        LOG_COMPRESS_GZIP,
        LOG_COMPRESS_ZSTD,
        LOG_COMPRESS_XZ,
} LogCompress;

typedef struct LogTarget {
        char *path;        /* LOG_KIND_FILE only; expanded */
        int64_t max_bytes; /* rotate at this size; <= 0: never */
        int64_t backups;   /* old files kept; <= 0: truncate in place */
        int64_t capture_max_bytes;
        LogCompress compress; /* of files that were rotated away */
        LogKind kind;
        bool direct; /* the child writes the file itself: fastest, but never rotated by us */
        bool events_enabled;
        bool syslog; /* to syslog as well; `logfile = syslog` is kind NONE with this set */
} LogTarget;

/* How a process shows that it can do its work. */
typedef enum ReadinessKind {
        READINESS_STARTSECS, /* by staying up for startsecs */
        READINESS_NOTIFY,    /* by READY=1 on the socket of sd_notify(3) */
        READINESS_FD,        /* by a newline on a descriptor, as s6 has it */
        READINESS_TCP,       /* by accepting a connection at an address */
        READINESS_UNIX,      /* the same at a socket in the file system */
        READINESS_EXEC,      /* a command that we run exits with status 0 */
} ReadinessKind;

typedef struct Readiness {
        ReadinessKind kind;
        char *text;    /* as it could stand in a file, in one spelling; NULL: startsecs */
        int fd;        /* READINESS_FD: 3 … READINESS_FD_MAX */
        char *host;    /* READINESS_TCP: a numeric IPv4 or IPv6 address, or "localhost" */
        uint16_t port; /* not 0 */
        char *path;    /* READINESS_UNIX: absolute, or "@name" for an abstract one; fits sun_path */
        char **argv;   /* READINESS_EXEC: the command's words, at least one */
} Readiness;

#define READINESS_FD_MAX 1023

/* A command to be run without a shell. */
typedef struct CommandLine {
        char *text;  /* as configured, expanded; NULL: none */
        char **argv; /* its words, at least one; NULL: none */
} CommandLine;

/* What one process has to have reached before another that depends on it may start. */
typedef enum DependencyCondition {
        DEPENDENCY_STARTED, /* its program runs, ready or not */
        DEPENDENCY_READY,   /* it is ready; one of type oneshot: it has done its work */
        DEPENDENCY_EXITED,  /* it has ended by itself, as expected */
} DependencyCondition;

typedef struct Dependency {
        char *name; /* of a group, a program, or GROUP:NAME */
        DependencyCondition condition;
} Dependency;

typedef struct DependencyList {
        Dependency *items;
        size_t n;
} DependencyList;

/* What becomes of a process when one that it depends on has ended or is being stopped. */
typedef enum DependencyFailure {
        DEPENDENCY_FAILURE_IGNORE,  /* it goes on */
        DEPENDENCY_FAILURE_STOP,    /* it is stopped */
        DEPENDENCY_FAILURE_RESTART, /* it is stopped, and started again once the other is back */
} DependencyFailure;

/* Exit statuses that are expected. */
typedef struct ExitCodes {
        uint64_t expected[4]; /* bitmap of the 256 exit statuses */
        uint8_t *list;        /* the same as written, order and repeats kept */
        size_t n;
} ExitCodes;

/* A limit for setrlimit(2); RLIM_INFINITY is none. */
typedef struct ResourceLimit {
        bool set; /* or else the daemon's is inherited */
        rlim_t soft;
        rlim_t hard; /* >= soft */
} ResourceLimit;

typedef struct OptionalInteger {
        bool set;
        int64_t value;
} OptionalInteger;

typedef enum AddressKind {
        ADDRESS_ANY,  /* every address of this host, IPv6 and IPv4 */
        ADDRESS_IPV4, /* host is numeric */
        ADDRESS_IPV6, /* the same, without brackets; IPv4 is not served */
        ADDRESS_UNIX,
} AddressKind;

typedef struct SocketAddress {
        AddressKind kind;
        char *text; /* in one spelling for each address: ":80", "127.0.0.1:80", "[::1]:80", "/run/x"
                     */
        char *host; /* ADDRESS_IPV4, ADDRESS_IPV6 */
        int port;   /* 1 … 65535; not for ADDRESS_UNIX */
        char *path; /* ADDRESS_UNIX: absolute, or "@name" for an abstract one; fits sun_path */
} SocketAddress;

typedef enum SocketType {
        SOCKET_TYPE_STREAM,
        SOCKET_TYPE_DGRAM,
        SOCKET_TYPE_SEQPACKET, /* of ADDRESS_UNIX only */
} SocketType;

/* A [socket:x], or what socket= of an [fcgi-program:x] says. Immutable once loaded. */
typedef struct SocketConfig {
        unsigned n_ref;
        char *name;               /* the part of the section's name after the colon */
        char *section;            /* "socket:x" or "fcgi-program:x" */
        SocketAddress *addresses; /* one descriptor each */
        size_t n_addresses;       /* 0: what the service manager passes under this name */
        SocketType type;
        int64_t backlog; /* connections that may wait; 0: as many as the system allows */
        int mode;        /* of ADDRESS_UNIX */
        char *owner;     /* "user" or "user:group" as configured, or NULL: the daemon's */
        uid_t uid;       /* of ADDRESS_UNIX; (uid_t)-1 and (gid_t)-1: unchanged */
        gid_t gid;
        bool reuse_port;

        /*
         * Of an [fcgi-program:x], else NULL. Such a socket is open only while a process of it is to
         * run.
         */
        char *url;  /* as Python shows it: "unix:///path", "tcp://host:port" */
        char *host; /* in lower case as configured; NULL for a unix one */
} SocketConfig;

SocketConfig *socket_config_ref(SocketConfig *c);
SocketConfig *socket_config_unref(SocketConfig *c);
DEFINE_CLEANUP(SocketConfig, socket_config_unref);

/* How a process finds its sockets. */
typedef enum SocketStyle {
        SOCKET_STYLE_LISTEN_FDS, /* as descriptors 3 and up, see sd_listen_fds(3) */
        SOCKET_STYLE_STDIN,      /* a single one as descriptor 0, as inetd has it for "wait" */
} SocketStyle;

/* How many descriptors one process can be given. Of what the service manager passes the number is
 * not known here. */
#define PROCESS_SOCKETS_MAX 64

/*
 * How a process is to be run: all but its name, its command and where it reads and writes. Copies
 * and other processes for which all of it is the same have one in common.
 */
typedef struct ProcessSettings {
        unsigned n_ref;

        ProcessType type;
        char *user; /* as configured, or NULL: uid, gid and groups are then unset */
        uid_t uid;
        gid_t gid;
        gid_t *groups; /* what initgroups(3) would set, primary included */
        size_t n_groups;
        char *primary_group; /* as configured, or NULL: gid is then this one, also without a user */
        char *supplementary_groups; /* as configured, or NULL: groups is then that list, also
                                       without a user */
        bool login_env;
        char **login; /* with login_env: "HOME=…", "USER=…", "LOGNAME=…", "SHELL=…" */
        int umask;    /* or -1 to inherit the daemon's */

        ResourceLimit limits[RLIM_NLIMITS]; /* by RLIMIT_* */
        OptionalInteger nice;               /* -20 … 19 */
        OptionalInteger oom_score_adj;      /* -1000 … 1000 */
        bool no_new_privileges;
        int64_t memory_max;   /* bytes for the whole tree; 0: no limit */
        int64_t pids_max;     /* processes and threads of the whole tree; 0: no limit */
        int64_t cpu_max_usec; /* of CPU time per second for the whole tree; 0: no limit */

        bool autostart;
        AutoRestart autorestart;
        int64_t startsecs_usec;
        int64_t startretries;  /* attempts after the first; -1: never give up */
        ExitCodes exitcodes;

        int64_t backoff_min_usec; /* delay before the first retry */
        int64_t backoff_max_usec; /* no delay is longer, but for the jitter */
        double backoff_factor;    /* each delay is the last times this; 0: Python's, last plus
                                     backoff_min */
        double backoff_jitter;    /* 0..1: each delay is lengthened by up to this share of itself */
        Readiness readiness;
        int64_t readiness_timeout_usec; /* how long it may take until it is ready, and a forking
                                           program until it shows its main process */

        bool notify_socket;    /* it gets a socket for sd_notify(3) whatever its readiness is */
        int64_t watchdog_usec; /* longest time between two signs of life; <= 0 or infinite: none are
                                  expected */
        int watchdog_signal;   /* the first one for it when they stay out; 0: that of its ladder */

        Readiness healthcheck; /* READINESS_TCP, _UNIX, _EXEC; READINESS_STARTSECS: none */
        int64_t healthcheck_interval_usec;
        int64_t healthcheck_timeout_usec;
        int64_t healthcheck_retries;           /* failures in a row that make it unhealthy, >= 1 */
        int64_t healthcheck_start_period_usec; /* failures before that do not count, from its start
                                                */

        int stopsignal; /* the first of the ladder; 0: none is sent, only SIGKILL after stopwait */
        StopLadder stop_ladder; /* use process_config_stop_step() */
        int64_t stopwait_usec;
        bool send_sigkill; /* false: it is waited for as long as it takes */
        bool essential;    /* the daemon goes down when this one has failed for good */
        bool stopasgroup;
        bool killasgroup;
        KillMode kill_mode;

        bool surge; /* a rolling restart starts the new process before it stops the old one */
        DependencyFailure on_dependency_failure;

        CommandLine pre_start;     /* runs before each start; a failure is a failed start */
        CommandLine pre_stop;      /* runs before the first stop signal, inside the grace */
        CommandLine post_stop;     /* runs once the tree of a run is empty */
        int64_t hook_timeout_usec; /* for each of these; stop hooks end with the grace, too */
        CommandLine reload;        /* runs to have the program read its configuration again */
        int reload_signal;         /* is sent for that where there is no such command; 0: none */

        bool redirect_stderr;
        LogFormat log_format;
        int64_t last_output_lines; /* kept in memory to be shown after an unexpected exit; 0: none
                                    */
        char *syslog_tag;    /* how syslog names it; NULL: as Python, "supervisord: NAME text" */
        int syslog_facility; /* LOG_USER, LOG_DAEMON … of syslog(3); 0: LOG_USER */

        char **environment_files; /* absolute paths, read at each start; "-" before one: it may be
                                     missing */
        char *serverurl; /* for SUPERVISOR_SERVER_URL, or NULL when no server is configured */

        char **socket_names;    /* as configured, or NULL */
        SocketConfig **sockets; /* the same, found: references */
        size_t n_sockets;
        SocketStyle socket_style;
} ProcessSettings;

/* One process to supervise (a copy of a program's section when numprocs > 1). */
typedef struct ProcessConfig {
        unsigned n_ref;

        const char *name;    /* process_name, expanded */
        const char *group;   /* the group it belongs to; the program's name when in no [group] */
        const char *program; /* the section's name after the colon */
        const char *section; /* the whole name of the section, "program:x" */
        char *names;         /* the memory behind these; see process_config_set_names() */

        ProcessSettings *settings; /* a reference; not to be changed once the file is read */

        int64_t group_priority; /* start order: group priority, then priority, both ascending */
        int64_t priority;

        char *command;   /* as configured, expanded; see process_config_split_command() */
        char *directory; /* chdir here before exec, or NULL */
        char *pidfile;   /* PROCESS_TYPE_FORKING: where the main process's pid appears; or NULL */

        SocketConfig *fcgi_socket; /* of an [fcgi-program:x], its descriptor 0; else NULL */
        DependencyList depends_on;
        LogTarget log[2]; /* stdout, stderr */

        char **environment; /* "KEY=VALUE": [supervisord] environment with the program's own over
                               it, sorted */
        char **own_environment; /* the program's own alone, sorted */
} ProcessConfig;

ProcessConfig *process_config_ref(ProcessConfig *c);
ProcessConfig *process_config_unref(ProcessConfig *c);
DEFINE_CLEANUP(ProcessConfig, process_config_unref);

typedef struct ProcessNames {
        const char *name, *group, *program, *section; /* each may be NULL */
} ProcessNames;

/* Give @c copies of @names, together in one piece of memory. Returns 0 or -ENOMEM. */
int process_config_set_names(ProcessConfig *c, const ProcessNames *names);

/*
 * The words of the command of @c, split as a POSIX shell does it; at least one. *ret is the
 * caller's. Returns 0; -EINVAL with *reterr_why (a constant, "No closing quotation"); -ENODATA with
 * "command is empty"; or -ENOMEM.
 */
int process_config_split_command(const ProcessConfig *c, char ***ret, const char **reterr_why);

/* Is @status (0..255) one of the exit statuses that @c expects? */
bool process_config_expects(const ProcessConfig *c, int status);

/*
 * The @i-th step of stopping @c. Returns false past the last. With wait_usec resolved: negative
 * ones act like 0.
 */
bool process_config_stop_step(const ProcessConfig *c, size_t i, StopStep *ret);

/* The longest time between two signs of life that @c may take; 0: none are expected. */
uint64_t process_config_watchdog_usec(const ProcessConfig *c);

/* Does @c get a socket for sd_notify(3)? */
bool process_config_notifies(const ProcessConfig *c);

/* How long all steps take together; DURATION_INFINITY if one waits for ever or it is never killed.
 */
int64_t process_config_grace_usec(const ProcessConfig *c);

/* What members of control_group may do on the control socket; each may what those before may. */
typedef enum ControlMode {
        CONTROL_MODE_READ,
        CONTROL_MODE_OPERATE,
        CONTROL_MODE_ALL,
} ControlMode;

/* A post_stop_command has at least this long, and no longer than hook_timeout. */
#define HOOK_LAST_USEC (5 * USEC_PER_SEC)

/* How long a stop of @c takes at most: its grace, and post_stop_command. DURATION_INFINITY as
 * above.
 */
int64_t process_config_worst_stop_usec(const ProcessConfig *c);

/* The [supervisord] section. */
typedef struct DaemonConfig {
        char *logfile; /* absolute, or NULL with syslog set */
        bool syslog;
        int64_t logfile_maxbytes;
        int64_t logfile_backups;
        LogLevel loglevel;
        char *pidfile;        /* absolute */
        char *readiness_file; /* absolute, or NULL */
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
        int64_t drain_delay_usec;      /* from the request to shut down to the first stop signal */
        int64_t shutdown_timeout_usec; /* from there to the end; DURATION_INFINITY: no bound */
        bool cgroups;         /* may use a cgroup v2 leaf per process where we may make one */
        char *control_socket; /* absolute; NULL: see places_control() */
        bool no_control;      /* control_socket = none */
        char *control_group;  /* as configured, or NULL */
        gid_t control_gid;    /* resolved, or (gid_t)-1 */
        ControlMode control_mode;
} DaemonConfig;

typedef enum GroupType {
        GROUP_TYPE_GROUP,         /* a [group:x], or a [program:x] that is in none */
        GROUP_TYPE_EVENTLISTENER, /* the pool of an [eventlistener:x] */
        GROUP_TYPE_FCGI,          /* an [fcgi-program:x] that is in no [group] */
} GroupType;

typedef struct GroupConfig {
        GroupType type;
        char *section;    /* "group:x", "program:x" … where it is defined */
        const char *name; /* in the same piece of memory */
        int64_t priority;
        size_t order; /* rank before sorting: of two with one name and priority the lower counts */
        ProcessConfig *
                *processes; /* as configured: in the order of programs=, repeated names included */
        size_t n_processes;

        char **events;       /* GROUP_TYPE_EVENTLISTENER: upper case, sorted, no repeats */
        int64_t buffer_size; /* events that are kept for a busy pool */
        char *result_handler;

        SocketConfig *socket; /* GROUP_TYPE_FCGI: what its processes share; NULL if it is wrong */
} GroupConfig;

/* [unix_http_server] and [inet_http_server], also with a suffix. */
typedef struct ServerConfig {
        char *section;
        bool is_unix;
        char *path; /* is_unix: absolute */
        int mode;
        char *owner; /* "user" or "user:group" as configured, or NULL */
        uid_t uid;   /* resolved; (uid_t)-1 and (gid_t)-1 leave it unchanged */
        gid_t gid;
        char *host; /* not is_unix: lower case; "" is every address */
        int port;
        char *username; /* both or neither; an empty one means no authentication */
        char *password;
} ServerConfig;

/* [rpcinterface:x] and [ctlplugin:x]: code for Python's supervisor, checked and kept. */
typedef struct PluginConfig {
        char *section;
        char *name;
        char *factory;  /* "module:callable" */
        char **options; /* "key=value" of every other key */
} PluginConfig;

/* What supervisorctl reads: [supervisorctl] of the main file alone. */
typedef struct ControlConfig {
        bool present;
        char *serverurl;
        char *username;
        char *password;
        char *prompt;
        char *history_file; /* absolute, or NULL */
} ControlConfig;

typedef struct Config {
        char *path;      /* as given to config_load() */
        bool has_daemon; /* there is a [supervisord] */
        DaemonConfig daemon;

        /*
         * In start order: group priority, group name, priority, name. A process is unique by
         * (group, name): of repeated names in a group the last counts, of groups with one name the
         * first.
         */
        ProcessConfig **processes;
        size_t n_processes;

        GroupConfig **groups; /* by priority, then name */
        size_t n_groups;
        SocketConfig **sockets; /* every [socket:x], in the order of the file */
        size_t n_sockets;
        ServerConfig **servers; /* inet first, then unix, each in the order of the file */
        size_t n_servers;
        PluginConfig **rpcinterfaces;
        size_t n_rpcinterfaces;
        PluginConfig **ctlplugins;
        size_t n_ctlplugins;
        ControlConfig control;

        char *serverurl; /* of the first unix server, else the first inet one, else NULL */
        char **included; /* files that [include] brought in, in order */

        struct ConfigText *text; /* where every value came from, or NULL once it is forgotten */
} Config;

/* Free everything; the processes only if nobody else holds a reference. Gives NULL. */
Config *config_free(Config *c);
DEFINE_CLEANUP(Config, config_free);

/* Free the text of the files, a third of what a configuration takes; config_dump_ini() and
 * config_dump_json() need it. */
void config_forget_text(Config *c);

/* A command line option that sets a key of [supervisord], whatever the file says. */
typedef struct ConfigOverride {
        const char *key;    /* "loglevel" */
        const char *value;  /* checked as if it stood in the file, but not expanded */
        const char *option; /* "-e", for messages */
} ConfigOverride;

typedef struct ConfigMessage {
        bool is_error;
        bool is_note; /* neither error nor warning: worth showing when a file is checked, not at
                         every start */
        char *text;   /* "FILE:LINE: [section] key: what is wrong; what would be right" */
} ConfigMessage;

/* Start with one that is all zero. */
typedef struct ConfigReport {
        ConfigMessage *messages; /* at most CONFIG_REPORT_MAX; the counts go on */
        size_t n;
        size_t n_errors;
        size_t n_warnings;
} ConfigReport;

#define CONFIG_REPORT_MAX 1000

/* Free the messages and zero the report; may be used for `_cleanup_`. */
void config_report_done(ConfigReport *r);

/* A numprocs that counts instead of the one in the file. */
typedef struct ConfigScale {
        const char *section; /* "program:x" */
        int64_t numprocs;
} ConfigScale;

typedef struct ConfigOptions {
        const ConfigOverride *overrides;
        size_t n_overrides;
        bool no_host_checks;      /* users, groups and directories of this machine do not matter */
        bool strict;              /* warnings count as errors */
        const ConfigScale *scale; /* or NULL */
} ConfigOptions;

/*
 * Look for a configuration as Python's supervisord does: ../etc/supervisord.conf and
 * ../supervisord.conf from the directory of @argv0, supervisord.conf and etc/supervisord.conf here,
 * then /etc/supervisord.conf and /etc/supervisor/supervisord.conf.
 *
 * *ret_path is the caller's, as is *ret_tried (also on failure; may be NULL): every path in order.
 * Returns 0, -ENOENT when none exists, or -ENOMEM.
 */
int config_find(const char *argv0, char **ret_path, char ***ret_tried);

/*
 * Read @path with its includes, expand and check everything. The environment of the calling process
 * gives the ENV_ names; relative paths are meant from its working directory. Never blocks on
 * anything but the file system and the system's user database.
 *
 * Returns 0 and the whole Config, or -EINVAL with at least one error in @report, or another
 * negative errno (-ENOMEM). @report may hold warnings in any case; @options may be NULL.
 */
int config_load(const char *path, const ConfigOptions *options, Config **ret, ConfigReport *report);

/*
 * Read from @path alone what supervisorctl needs: *ret has only path, has_daemon, control, and of
 * daemon where the control socket is. Includes are not followed and what is wrong elsewhere does
 * not matter, so that this is quick and whoever may read the file can do it.
 *
 * Returns 0; -ENODATA if there is neither [supervisord] nor [supervisorctl]; the errno of opening
 * the file (-ENOENT, -EACCES …); -ENOMEM.
 */
int config_load_control(const char *path, Config **ret);

typedef enum ConfigDifference {
        CONFIG_SAME, /* both mean the same */
        CONFIG_LIVE, /* only settings differ that a running process can take over (EFFECT_LIVE) */
        CONFIG_RESTART, /* the process has to be started anew for it */
} ConfigDifference;

/*
 * What changes for a process that runs by @a when it is to run by @b. Compares every setting, not
 * where it was written. Processes are compared as they are: their groups count as settings too.
 */
ConfigDifference process_config_compare(const ProcessConfig *a, const ProcessConfig *b);

/*
 * The same for a socket: CONFIG_RESTART if a process would find something else behind it, that is
 * another name, type or address.
 */
ConfigDifference socket_config_compare(const SocketConfig *a, const SocketConfig *b);

/*
 * The names of the keys by which @a and @b differ, in the order in which they are explained; *ret
 * is the caller's list, NULL if there are none. Returns 0 or -ENOMEM.
 */
int process_config_differences(const ProcessConfig *a, const ProcessConfig *b, char ***ret);

/*
 * Write the effective configuration: as JSON in the shape of Python's values with our own beside
 * them, or as an INI file with every value and its origin in a comment. Returns 0, -ENOMEM or the
 * error of writing.
 */
int config_dump_json(const Config *c, FILE *f);
int config_dump_ini(const Config *c, FILE *f);

/*
 * Explain the key @key (may be written "section.key"), or all keys if it is NULL. Returns 0;
 * -ENOENT if there is no such key, after a line that suggests one; or the error of writing.
 */
int config_help(FILE *f, const char *key);
