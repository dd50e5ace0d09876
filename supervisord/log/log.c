#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <syslog.h>
#include <time.h>

#include "base/clock.h"
#include "log/console.h"
#include "log/log-level.h"
#include "log/log.h"
#include "log/logfile.h"
#include "log/syslog.h"

/* Somewhere lines go: the file or the console. */
typedef struct Destination {
        LogFile *file; /* or NULL */
        LogTally tally;
        uint64_t reported_lines; /* of tally.dropped_lines */
        int reported_error;      /* of rotating or opening it again */
        int watched_fd;          /* in the epoll for EPOLLOUT, or -1 */
} Destination;

typedef struct Log {
        bool is_open;
        LogLevel level;
        char *identifier;

        Destination file;
        Destination console;
        bool console_is_journal;
        bool coloured;

        bool syslog;
        LogSocket syslog_socket;
        LogSocket journal_socket;
        uint64_t dropped; /* of syslog's */

        int epoll_fd;
        int timer_fd; /* until the next attempt to write what failed */
        uint64_t armed_usec;

        time_t second; /* that second_text is of, unless that is empty */
        char second_text[sizeof("2026-01-31 12:00:00") +
                         40]; /* years may be long, says the compiler */
} Log;

#define LOG_INIT                                                                      \
        {                                                                             \
                .level = LOG_LEVEL_INFO, .file = { .watched_fd = -1 },                \
                .console = { .watched_fd = -1 }, .syslog_socket = LOG_SOCKET_SYSLOG,  \
                .journal_socket = LOG_SOCKET_JOURNAL, .epoll_fd = -1, .timer_fd = -1, \
                .armed_usec = USEC_INFINITY,                                          \
        }

static Log the_log = LOG_INIT;

/* One message on its way. */
typedef struct Record {
        LogLevel level;
        const LogFields *fields;
        const char *text;
        size_t size;
        char stamp[sizeof(((Log *)NULL)->second_text) + sizeof(",123")];
} Record;

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
        Destination *d = &the_log.file;

        if (!d->file)
                return 0;

        logfile_reopen(d->file);
        return -logfile_get_rotation_error(d->file);
}

int log_clear(void) {
        return the_log.file.file ? logfile_clear(the_log.file.file) : -ENOENT;
}

/* Have the event loop told when @d can be written again. */
static void watch_destination(Log *l, Destination *d) {
        struct epoll_event event = { .events = EPOLLOUT };
        int wanted;

        wanted = logfile_get_error(d->file) == EAGAIN && !logfile_is_retrying(d->file)
                         ? logfile_get_fd(d->file)
                         : -1;
        if (wanted == d->watched_fd)
                return;

        if (d->watched_fd >= 0)
                (void)epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, d->watched_fd, NULL); /* may be gone */
        if (wanted >= 0 && epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, wanted, &event) < 0)
                wanted = -1; /* the next message tries again */
        d->watched_fd = wanted;
}

static void arm_timer(Log *l) {
        uint64_t next = USEC_INFINITY;
        struct itimerspec when = {};

        if (l->file.file)
                next = MIN(next, logfile_get_retry_usec(l->file.file));
        if (l->console.file)
                next = MIN(next, logfile_get_retry_usec(l->console.file));

        if (next == l->armed_usec)
                return;

        l->armed_usec = next;
        if (next != USEC_INFINITY) {
                when.it_value.tv_sec = (time_t)(next / USEC_PER_SEC);
                when.it_value.tv_nsec = (long)(next % USEC_PER_SEC * NSEC_PER_USEC);
        }
        (void)timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL); /* times are valid */
}

/* The date and the time of second @sec, which is worked out once for all lines of it. */
static const char *second_text(Log *l, time_t sec) {
        struct tm tm;

        if (l->second == sec && *l->second_text)
                return l->second_text;
        if (!localtime_r(&sec, &tm))
                tm = (struct tm){ .tm_mday = 1 };
        (void)strftime(l->second_text, sizeof(l->second_text), "%Y-%m-%d %H:%M:%S", &tm);
        l->second = sec;
        return l->second_text;
}

static void make_stamp(Log *l, Record *record) {
        struct timespec now;
        unsigned ms;
        char *end;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        ms = (unsigned)(now.tv_nsec / 1000000);
        end = stpcpy(record->stamp, second_text(l, now.tv_sec));
        *end++ = ',';
        *end++ = (char)('0' + ms / 100);
        *end++ = (char)('0' + ms / 10 % 10);
        *end++ = (char)('0' + ms % 10);
        *end = '\0';
}

static void
write_line(Destination *d, const Record *record, const char *before, const char *after) {
        _cleanup_(freep) char *large = NULL;
        char small[1024], *line = small, *end;
        const char *word = log_level_to_word(record->level);
        size_t size;

        size = strlen(record->stamp) + strlen(before) + strlen(word) + strlen(after) +
               record->size + sizeof("  \n");
        if (size > sizeof(small)) {
                large = malloc(size);
                if (!large) {
                        d->tally.dropped_lines++;
                        return;
                }
                line = large;
        }

        end = stpcpy(line, record->stamp);
        if (end > line)
                *end++ = ' ';
        end = stpcpy(stpcpy(stpcpy(end, before), word), after);
        *end++ = ' ';
        end = mempcpy(end, record->text, record->size);
        *end++ = '\n';
        logfile_write(d->file, &d->tally, line, (size_t)(end - line));
}

/* Say in @d itself how much is missing there, once it takes messages again. */
static void report_dropped(Log *l, Destination *d) {
        Record record = { .level = LOG_LEVEL_WARN };
        char text[80];
        uint64_t n = d->tally.dropped_lines - d->reported_lines;

        if (n == 0 || logfile_get_error(d->file) != 0)
                return;

        d->reported_lines = d->tally.dropped_lines;
        record.size = (size_t)snprintf(text, sizeof(text), "%llu lines of this log were lost here",
                                       (unsigned long long)n);
        record.text = text;
        make_stamp(l, &record);
        write_line(d, &record, "", "");
}

static int send_to_journal(Log *l, const Record *record) {
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

static void send_to_console(Log *l, Record *record) {
        const char *colour = log_level_to_colour(record->level);
        char prefix[8];

        if (!l->console_is_journal) {
                report_dropped(l, &l->console);
                write_line(&l->console, record, l->coloured ? colour : "",
                           l->coloured ? "\033[0m" : "");
                return;
        }

        if (send_to_journal(l, record) >= 0)
                return;

        /* The stream takes what the datagram socket did not; the time is the journal's affair. */
        (void)snprintf(prefix, sizeof(prefix), "<%d>", log_level_to_priority(record->level));
        record->stamp[0] = '\0';
        write_line(&l->console, record, prefix, "");
}

static void send_to_syslog(Log *l, const Record *record) {
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

static void emit(Log *l, Record *record) {
        make_stamp(l, record);

        if (l->file.file) {
                report_dropped(l, &l->file);
                write_line(&l->file, record, "", "");
                watch_destination(l, &l->file);
        }
        if (l->syslog)
                send_to_syslog(l, record);
        if (l->console.file) {
                send_to_console(l, record);
                watch_destination(l, &l->console);
        }

        arm_timer(l);
}

static _printf_(3, 0) void log_valist(LogLevel level,
                                      const LogFields *fields,
                                      const char *format,
                                      va_list ap) {
        Record record = { .level = level, .fields = fields };
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

static void retry_destination(Log *l, Destination *d) {
        if (!d->file || logfile_get_error(d->file) == 0)
                return;

        if (!logfile_is_retrying(d->file) &&
            (logfile_get_error(d->file) == EAGAIN || logfile_get_retry_usec(d->file) <= now_usec()))
                logfile_retry(d->file);
        report_dropped(l, d);
        watch_destination(l, d);
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
        Destination *d = userdata;
        int error = logfile_get_rotation_error(d->file);

        report_dropped(&the_log, d);
        watch_destination(&the_log, d);
        arm_timer(&the_log);

        if (error != 0 && d->reported_error == 0)
                log_error("cannot open or rotate the log file, going on with the old one: %s",
                          strerror(error));
        d->reported_error = error;
}

static void attach(Destination *d, Writers *writers) {
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
