/* How the log and the reports put things: Python's supervisor's words where it has some. */
#pragma once

#include <stdint.h>

#include "core/restart.h"

/*
 * "exit status 3", "terminated by SIGSEGV (core dumped)", "not started: No such file or directory".
 * *ret is the caller's. Returns 0 or -ENOMEM.
 */
int words_exit(const ProcessExit *exit, char **ret);

/* "SIGTERM", "SIGRTMIN+3"; a constant, or "signal" for a number that is none. */
const char *words_signal(int signo);

/* "350 ms", "2.5 s", "1 min 40 s", "for ever" into @buffer, which is returned. */
#define WORDS_DURATION_MAX 48
const char *words_duration(uint64_t usec, char buffer[static WORDS_DURATION_MAX]);
