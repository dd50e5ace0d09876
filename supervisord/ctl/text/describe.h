/*
 * What people are told about a process, in Python's words.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ctl/client/answers.h"

/* Python's number for the name of a state: 20 for "RUNNING"; 1000 (UNKNOWN) if it has none. */
int state_code(const char *state);

/* Is @state one of a process that is not there and is not about to be started? */
bool state_is_down(const char *state);

/*
 * The text behind the state in `status`: "pid 12, uptime 0:00:07", why it failed, when it stopped.
 * @now is the daemon's clock. *ret is the caller's. Returns 0 or -ENOMEM.
 */
int describe_process(const ProcessInfo *p, uint64_t now, char **ret);

/* "1 day, 2:03:04" into @buffer, which is returned. */
#define DESCRIBE_UPTIME_MAX 48
const char *describe_uptime(uint64_t usec, char buffer[static DESCRIBE_UPTIME_MAX]);

/* "350 ms", "2.5 s", "1 min 40 s", "for ever" (UINT64_MAX) into @buffer, which is returned. */
#define DESCRIBE_DURATION_MAX 48
const char *describe_duration(uint64_t usec, char buffer[static DESCRIBE_DURATION_MAX]);

/* How the last run ended: "exit status 3", "SIGSEGV (core dumped)", "No such file or directory"; a
 * constant or in @buffer. NULL if the process has never run. */
#define DESCRIBE_EXIT_MAX 64
const char *describe_exit(const ProcessInfo *p, char buffer[static DESCRIBE_EXIT_MAX]);

typedef enum TimeStyle {
        TIME_PYTHON,   /* "Nov 22 04:52 PM" */
        TIME_SHORT,    /* "Nov 22 16:52:07" */
        TIME_COMPLETE, /* "2026-11-22 16:52:07" */
} TimeStyle;

/* Local time into @buffer, which is returned. */
#define DESCRIBE_TIME_MAX 64
const char *describe_time(uint64_t usec, TimeStyle style, char buffer[static DESCRIBE_TIME_MAX]);
