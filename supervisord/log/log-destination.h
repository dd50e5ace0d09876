/*
 * One place that the lines of the main log go to: the file, or the console. It knows what did not
 * get there, and says so there once it takes lines again. Syslog and the journal, which take
 * messages and not lines, are none.
 */
#pragma once

#include "log/log-line.h"
#include "log/logfile.h"

typedef struct LogDestination {
        LogFile *file; /* NULL: there is no such destination, and none of the below may be called */
        LogTally tally;
        uint64_t reported_lines; /* of tally.dropped_lines */
        int reported_error;      /* of rotating or opening it again */
        int watched_fd;          /* in the epoll for EPOLLOUT, or -1 */
} LogDestination;

/* Write the line of @record, as log_line_format(). Without memory it is counted as lost. */
void log_destination_write(LogDestination *destination,
                           const LogRecord *record,
                           const char *before,
                           const char *after);

/* Say in the destination itself how much is missing there, if it takes lines again. */
void log_destination_report_lost(LogDestination *destination, LogClock *clock);

/* Have @epoll_fd tell when a slow reader takes lines again. */
void log_destination_watch(LogDestination *destination, int epoll_fd);

/* Writing fails: try again to write what was kept, if it is time. */
void log_destination_retry(const LogDestination *destination);
