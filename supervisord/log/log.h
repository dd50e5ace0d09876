/*
 * The daemon's main log: one line per message, as Python's supervisord writes it,
 *
 *         2026-01-31 12:00:00,123 INFO spawned: 'web' with pid 4711
 *
 * to a file, to the daemon's standard output, to syslog, or to several of them. Where standard
 * output is the journal (JOURNAL_STREAM names it), messages go there natively instead, with their
 * fields.
 *
 * Logging never blocks and never fails from the caller's point of view: what a destination does not
 * take at once is buffered up to a bound, what exceeds the bound is counted, and the count is
 * logged where it happened as soon as the destination takes data again. It is not where the output
 * of children goes: see output/outputs.h.
 *
 * There is one main log per process, so this is the only module that keeps its state in a variable
 * of its own. Only the thread of the event loop may log: nothing here takes a lock.
 *
 * The daemon must ignore SIGPIPE, or a vanished reader of standard output would end it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "log/log-level.h"
#include "log/writers.h"

typedef struct LogOptions {
        LogLevel level;         /* less important messages are not logged */
        const char *file;       /* or NULL */
        int64_t max_bytes;      /* rotate @file at this size; <= 0: never */
        int64_t backups;        /* FILE.1 .. FILE.N are kept; <= 0: @file is truncated instead */
        bool console;           /* to standard output (or the journal behind it) as well */
        bool syslog;            /* to the system's log as well, through /dev/log */
        const char *identifier; /* how syslog and the journal name us; NULL: "supervisord" */
} LogOptions;

/* What the journal is told beside the text; all may be left empty. */
typedef struct LogFields {
        const char *process;    /* SUPERVISOR_PROCESS= */
        const char *group;      /* SUPERVISOR_GROUP= */
        pid_t pid;              /* SUPERVISOR_PID=, the child's, if > 0 */
        const char *message_id; /* MESSAGE_ID=, one of the LOG_MESSAGE_* below */
} LogFields;

/* One MESSAGE_ID per kind of event: what monitoring may filter on, so these never change. */
#define LOG_MESSAGE_STARTED "6bff187ddf3848e9baa83aa2f755d03b"     /* the daemon has started */
#define LOG_MESSAGE_STOPPING "2a40f430ccfb4779b8c609cb7b2c6fac"    /* the daemon was asked to end */
#define LOG_MESSAGE_SPAWNED "7cf2bc0ee0ed4492932dbcb1bcc34917"     /* spawned: */
#define LOG_MESSAGE_SPAWN_ERROR "3f687439610e48b0ba562268aaa7ceb7" /* spawnerr: */
#define LOG_MESSAGE_RUNNING "ea22435aa12242559820cbedfd4a5cea"     /* success: entered RUNNING */
#define LOG_MESSAGE_EXITED "63f7cc10793947fd9ef1ab706d360de8"      /* exited: as expected */
#define LOG_MESSAGE_CRASHED "499fc93ad770453da6f6a2d712341cbb"     /* exited: not expected */
#define LOG_MESSAGE_STOPPED "60231b0ab0724a41a8eaedb84399b949"     /* stopped: */
#define LOG_MESSAGE_KILLING "8b80003405ad446ab4d5146564346644"     /* killing with SIGKILL */
#define LOG_MESSAGE_GAVE_UP "3fd36b6b62fb4246b996ac7da8b2d656"     /* entered FATAL state */
#define LOG_MESSAGE_OUTPUT_LOST \
        "5be8d12ec4004fe3ad9088a3dbf46ac4" /* a child's output was dropped */
#define LOG_MESSAGE_OUTPUT_RESUMED "57655c47ec3f413ca9d830c1a844e2ea" /* … and is written again */

/*
 * Begin to log. Replaces what an earlier log_open() set up. Until then, and after log_close(),
 * messages are discarded.
 *
 * Returns 0, or -errno if the file cannot be opened for appending (nothing has changed then). That
 * syslog or the journal cannot be reached is no error: they are tried again at each message.
 */
int log_open(const LogOptions *options);
void log_close(void);

/*
 * From now on the file and standard output are written by a thread of @writers (borrowed until
 * log_close()), after what was queued there before: a message about a child's end stands in the log
 * after the child's last output stands in its own. Until then the file is written at once, which
 * blocks as long as its disk does.
 */
void log_use_writers(Writers *writers);

/* Messages below @level are discarded from now on. */
void log_set_level(LogLevel level);
LogLevel log_get_level(void);

/*
 * Close and open the file again by its name, after somebody moved it away. Returns 0, or -errno
 * with the old file still in use. With log_use_writers() it is done later; a failure is logged.
 */
int log_reopen(void);

/* Empty the log's file: a new one takes its name. Returns 0, -ENOENT without a file, or -errno.
 * With log_use_writers() it is done in its turn, and a failure is logged. */
int log_clear(void);

/*
 * A descriptor that is readable (EPOLLIN) when buffered messages may be written out, for the event
 * loop; call log_dispatch() then. Nothing becomes readable while nothing is buffered. Valid from
 * log_open() to log_close(); -1 outside.
 */
int log_get_fd(void);
void log_dispatch(void);

/*
 * Log one line, formatted as by printf(3), without a newline at its end. %m is the errno of the
 * call. errno is preserved.
 */
void log_message(LogLevel level, const char *format, ...) _printf_(2, 3);
void log_event(LogLevel level, const LogFields *fields, const char *format, ...) _printf_(3, 4);

#define log_critical(...) log_message(LOG_LEVEL_CRITICAL, __VA_ARGS__)
#define log_error(...) log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_message(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_trace(...) log_message(LOG_LEVEL_TRACE, __VA_ARGS__)

/* Messages of this log that no destination of a kind could take, since log_open(). */
uint64_t log_get_dropped(void);
