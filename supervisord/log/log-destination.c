#include "log/log-destination.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>

#include "base/clock.h"

void log_destination_write(LogDestination *d,
                           const LogRecord *record,
                           const char *before,
                           const char *after) {
        _cleanup_(freep) char *large = NULL;
        char small[1024], *line = small;
        size_t room = log_line_room(record, before, after);

        if (room > sizeof(small)) {
                line = large = malloc(room);
                if (!large) {
                        d->tally.dropped_lines++;
                        return;
                }
        }
        logfile_write(d->file, &d->tally, line, log_line_format(record, before, after, line));
}

void log_destination_report_lost(LogDestination *d, LogClock *clock) {
        LogRecord record = { .level = LOG_LEVEL_WARN };
        char text[80];
        uint64_t n = d->tally.dropped_lines - d->reported_lines;

        if (n == 0 || logfile_get_error(d->file) != 0)
                return;

        d->reported_lines = d->tally.dropped_lines;
        record.size = (size_t)snprintf(text, sizeof(text),
                                       "%" PRIu64 " lines of this log were lost here", n);
        record.text = text;
        log_record_stamp(&record, clock);
        log_destination_write(d, &record, "", "");
}

void log_destination_watch(LogDestination *d, int epoll_fd) {
        struct epoll_event event = { .events = EPOLLOUT };
        int wanted;

        wanted = logfile_get_error(d->file) == EAGAIN && !logfile_is_retrying(d->file)
                         ? logfile_get_fd(d->file)
                         : -1;
        if (wanted == d->watched_fd)
                return;

        if (d->watched_fd >= 0)
                (void)epoll_ctl(epoll_fd, EPOLL_CTL_DEL, d->watched_fd, NULL); /* may be gone */
        if (wanted >= 0 && epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wanted, &event) < 0)
                wanted = -1; /* the next message tries again */
        d->watched_fd = wanted;
}

void log_destination_retry(const LogDestination *d) {
        int error = logfile_get_error(d->file);

        if (logfile_is_retrying(d->file))
                return;
        if (error == EAGAIN || logfile_get_retry_usec(d->file) <= now_usec())
                logfile_retry(d->file);
}
