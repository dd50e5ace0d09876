/*
 * One message of the main log on its way, and the line that it becomes. Nothing here knows where
 * lines go.
 */
#pragma once

#include <time.h>

#include "log/log.h"

/* Knows the date and the time of the last second that was asked for: they are worked out once for
 * all lines of it. Start with one that is all zero. */
typedef struct LogClock {
        time_t second;                                 /* that @text is of, unless that is empty */
        char text[sizeof("2026-01-31 12:00:00") + 40]; /* years may be long, says the compiler */
} LogClock;

typedef struct LogRecord {
        LogLevel level;
        const LogFields *fields; /* or NULL; borrowed, as is the text */
        const char *text;
        size_t size;
        char stamp[sizeof(((LogClock *)NULL)->text) + sizeof(",123")]; /* "": the line has none */
} LogRecord;

/* Stamp @record with the time of now. */
void log_record_stamp(LogRecord *record, LogClock *clock);

/* The line of @record, with @before and @after around its level, is written to @line, with a
 * newline and no NUL; returns its size. log_line_room() tells how much room that takes at most. */
size_t log_line_room(const LogRecord *record, const char *before, const char *after);
size_t log_line_format(const LogRecord *record, const char *before, const char *after, char *line);
