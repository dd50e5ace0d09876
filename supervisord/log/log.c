/*
 * The main log: see log.h. This file keeps its state and sends each message to all destinations;
 * lines are made in log-line.c and written by log-destination.c.
 */
#include "log/log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>

#include "base/clock.h"
#include "log/console.h"
#include "log/log-destination.h"
#include "log/syslog.h"

typedef struct Log {
        bool is_open;
        LogLevel level;
        char *identifier;

        LogDestination file;
        LogDestination console;
        bool console_is_journal;
        bool coloured;

        bool syslog;
        LogSocket syslog_socket;
        LogSocket journal_socket;
        uint64_t dropped; /* of syslog's */

        int epoll_fd;
        int timer_fd; /* until the next attempt to write what failed */
        uint64_t armed_usec;

        LogClock clock;
} Log;

#define LOG_INIT                                                                      \
        {                                                                             \
                .level = LOG_LEVEL_INFO, .file = { .watched_fd = -1 },                \
                .console = { .watched_fd = -1 }, .syslog_socket = LOG_SOCKET_SYSLOG,  \
                .journal_socket = LOG_SOCKET_JOURNAL, .epoll_fd = -1, .timer_fd = -1, \
                .armed_usec = USEC_INFINITY,                                          \
        }

static Log the_log = LOG_INIT;

void log_set_level(LogLevel level) {
        the_log.level = level;
}

LogLevel log_get_level(void) {
        return the_log.level;
}

int log_get_fd(void) {
        return the_log.epoll_fd;
}

uint64_t log_get_dropped(void) {
        return the_log.file.tally.dropped_lines + the_log.console.tally.dropped_lines +
               the_log.dropped;
}

static void log_done(Log *l) {
        l->file.file = logfile_free(l->file.file);
        l->console.file = logfile_free(l->console.file);
        log_socket_close(&l->syslog_socket);
        log_socket_close(&l->journal_socket);
        l->epoll_fd = safe_close(l->epoll_fd);
        l->timer_fd = safe_close(l->timer_fd);
        free(l->identifier);
        *l = (Log)LOG_INIT;
}

static int open_console(Log *l) {
        l->console_is_journal = console_is_journal();
        l->coloured = !l->console_is_journal && console_wants_colours();
        return logfile_new_fd(STDOUT_FILENO, "stdout", &l->console.file);
}

static int open_watch(Log *l) {
        struct epoll_event event = { .events = EPOLLIN };

        l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (l->epoll_fd < 0)
                return -errno;

        l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (l->timer_fd < 0)
                return -errno;

        event.data.fd = l->timer_fd;
        if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &event) < 0)
                return -errno;
        return 0;
}

static int log_init(Log *l, const LogOptions *options) {
        int r;

        *l = (Log)LOG_INIT;
        l->level = options->level;
        l->syslog = options->syslog;
        l->identifier = strdup(options->identifier ? options->identifier : "supervisord");
        if (!l->identifier)
                return -ENOMEM;

        r = open_watch(l);
        if (r < 0)
                return r;

        if (options->file) {
                r = logfile_new(options->file, options->max_bytes, options->backups, &l->file.file);
                if (r < 0)
                        return r;
                r = logfile_open(l->file.file);
                if (r < 0)
                        return r;
        }

        r = options->console ? open_console(l) : 0;
        if (r == -EBADF)
                l->console.file = NULL; /* standard output is closed: nobody to complain to */
        else if (r < 0)
                return r;

        l->is_open = true;
        return 0;
}

int log_open(const LogOptions *options) {
        Log fresh;
        int r;

        r = log_init(&fresh, options);
        if (r < 0) {
                log_done(&fresh);
                return r;
        }

        log_close();
        the_log = fresh;
        return 0;
}

void log_close(void) {
        log_done(&the_log);
}

int log_reopen(void) {
        LogDestination *d = &the_log.file;

        if (!d->file)
                return 0;

        logfile_reopen(d->file);
        return -logfile_get_rotation_error(d->file);
}

int log_clear(void) {
        return the_log.file.file ? logfile_clear(the_log.file.file) : -ENOENT;
}

static void arm_timer(Log *l) {
        uint64_t next = USEC_INFINITY;

        if (l->file.file)
                next = MIN(next, logfile_get_retry_usec(l->file.file));
        if (l->console.file)
                next = MIN(next, logfile_get_retry_usec(l->console.file));
        if (next == l->armed_usec)
                return;

        l->armed_usec = next;
        timer_set_at(l->timer_fd, next);
}

static int send_to_journal(Log *l, const LogRecord *record) {
        const LogFields *f = record->fields;
        char priority[2] = { (char)('0' + log_level_to_priority(record->level)) };
        char pid[3 * sizeof(pid_t) + 1] = "";
        JournalField fields[] = {
                { "MESSAGE", record->text, record->size },
                { "PRIORITY", priority, 1 },
                { "SYSLOG_IDENTIFIER", l->identifier, strlen(l->identifier) },
                { "MESSAGE_ID", f ? f->message_id : NULL, 0 },
                { "SUPERVISOR_PROCESS", f ? f->process : NULL, 0 },
                { "SUPERVISOR_GROUP", f ? f->group : NULL, 0 },
                { "SUPERVISOR_PID", f && f->pid > 0 ? pid : NULL, 0 },
        };

        if (f && f->pid > 0)
                (void)snprintf(pid, sizeof(pid), "%d", (int)f->pid);
        for (size_t i = 3; i < ELEMENTSOF(fields); i++)
                fields[i].size = fields[i].value ? strlen(fields[i].value) : 0;

        return journal_send(&l->journal_socket, fields, ELEMENTSOF(fields));
}

static void send_to_console(Log *l, LogRecord *record) {
        const char *colour = log_level_to_colour(record->level);
        char prefix[8];

        if (!l->console_is_journal) {
                log_destination_report_lost(&l->console, &l->clock);
                log_destination_write(&l->console, record, l->coloured ? colour : "",
                                      l->coloured ? "\033[0m" : "");
                return;
        }

        if (send_to_journal(l, record) >= 0)
                return;

        /* The stream takes what the datagram socket did not; the time is the journal's affair. */
        (void)snprintf(prefix, sizeof(prefix), "<%d>", log_level_to_priority(record->level));
        record->stamp[0] = '\0';
        log_destination_write(&l->console, record, prefix, "");
}

static void send_to_syslog(Log *l, const LogRecord *record) {
        const SyslogTag tag = {
                .priority = LOG_USER | log_level_to_priority(record->level),
                .identifier = l->identifier,
                .pid = getpid(),
        };
        _cleanup_(freep) char *text = NULL;
        int n;

        n = asprintf(&text, "%s %.*s", log_level_to_word(record->level),
                     (int)MIN(record->size, (size_t)8192), record->text);
        if (n < 0) {
                text = NULL;
                l->dropped++;
                return;
        }

        if (syslog_send(&l->syslog_socket, &tag, text, (size_t)n) < 0)
                l->dropped++;
}

static void emit(Log *l, LogRecord *record) {
        log_record_stamp(record, &l->clock);

        if (l->file.file) {
                log_destination_report_lost(&l->file, &l->clock);
                log_destination_write(&l->file, record, "", "");
                log_destination_watch(&l->file, l->epoll_fd);
        }
        if (l->syslog)
                send_to_syslog(l, record);
        if (l->console.file) {
                send_to_console(l, record);
                log_destination_watch(&l->console, l->epoll_fd);
        }

        arm_timer(l);
}

static _printf_(3, 0) void log_valist(LogLevel level,
                                      const LogFields *fields,
                                      const char *format,
                                      va_list ap) {
        LogRecord record = { .level = level, .fields = fields };
        _cleanup_(freep) char *large = NULL;
        char small[512];
        int n, saved = errno;
        va_list again;

        va_copy(again, ap);
        n = vsnprintf(small, sizeof(small), format, ap);
        record.text = small;
        if (n < 0)
                n = 0; /* an unprintable wide character: the time and level still tell something */
        record.size = MIN((size_t)n, sizeof(small) - 1);

        errno = saved; /* for %m */
        if ((size_t)n >= sizeof(small) && vasprintf(&large, format, again) >= 0) {
                record.text = large;
                record.size = (size_t)n;
        }
        va_end(again);

        emit(&the_log, &record);
}

void log_event(LogLevel level, const LogFields *fields, const char *format, ...) {
        int saved = errno;
        va_list ap;

        if (!the_log.is_open || level < the_log.level)
                return;

        va_start(ap, format);
        log_valist(level, fields, format, ap);
        va_end(ap);
        errno = saved;
}

void log_message(LogLevel level, const char *format, ...) {
        int saved = errno;
        va_list ap;

        if (!the_log.is_open || level < the_log.level)
                return;

        va_start(ap, format);
        log_valist(level, NULL, format, ap);
        va_end(ap);
        errno = saved;
}

static void retry_destination(Log *l, LogDestination *d) {
        if (!d->file || logfile_get_error(d->file) == 0)
                return;

        log_destination_retry(d);
        log_destination_report_lost(d, &l->clock);
        log_destination_watch(d, l->epoll_fd);
}

void log_dispatch(void) {
        Log *l = &the_log;

        if (!l->is_open)
                return;

        l->armed_usec = 0; /* the timer may have run out: set it again in any case */
        retry_destination(l, &l->file);
        retry_destination(l, &l->console);
        arm_timer(l);
}

static void on_change(void *userdata) {
        LogDestination *d = userdata;
        int error = logfile_get_rotation_error(d->file);

        log_destination_report_lost(d, &the_log.clock);
        log_destination_watch(d, the_log.epoll_fd);
        arm_timer(&the_log);

        if (error != 0 && d->reported_error == 0)
                log_error("cannot open or rotate the log file, going on with the old one: %s",
                          strerror(error));
        d->reported_error = error;
}

static void attach(LogDestination *d, Writers *writers) {
        const LogFileOptions options = {
                .is_ordered = true,
                .on_change = on_change,
                .userdata = d,
        };

        if (d->file)
                logfile_attach(d->file, writers, &options);
}

void log_use_writers(Writers *writers) {
        attach(&the_log.file, writers);
        attach(&the_log.console, writers);
}
