/*
 * How a line of output looks when it is marked with where it came from:
 *
 *         2026-01-31 12:00:00,123 web: the line
 *         {"time":"2026-01-31T12:00:00.123456+01:00","process":"web","group":"site","stream":"stdout",
 *          "pid":4711,"message":"the line"}
 *
 * (the latter in one line, with "partial":true before the message of what is continued).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "config/model/config.h"
#include "output/linebuf.h"

typedef struct LineOrigin {
        const char *process;
        const char *group;
        const char *stream;
        pid_t pid;            /* left out if 0 */
        struct timespec when; /* CLOCK_REALTIME */
} LineOrigin;

/* What stands before each line of one origin: made once, used for many lines. */
typedef struct LineHead {
        LogFormat format;
        size_t size;
        char text[1024];
} LineHead;

/* Names that do not fit are cut. @format is PREFIX or JSON. */
void lineformat_head(LogFormat format, const LineOrigin *origin, LineHead *ret);

/* No line of LINEBUF_MAX bytes becomes longer than this. */
#define LINEFORMAT_MAX (6 * (size_t)LINEBUF_MAX + sizeof(LineHead) + 64)

/*
 * Write one line, with its newline, to @out, which has room for LINEFORMAT_MAX bytes; returns the
 * size. Bytes that are not UTF-8 become U+FFFD in JSON.
 */
size_t lineformat_line(const LineHead *head, const char *line, size_t size, bool whole, char *out);
