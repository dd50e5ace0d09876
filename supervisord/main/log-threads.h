/*
 * The threads that write the main log and the log files of programs, for as long as the daemon
 * supervises; a disk that hangs does not hold up the loop. How they work is log/writers.h.
 */
#pragma once

#include "log/writers.h"

/*
 * Start them and give them the main log. The log is open, and the daemon has its final process id
 * and user, as threads do not survive a fork(2). Returns NULL after a warning if there can be no
 * thread: the loop itself writes the files then.
 */
Writers *log_threads_begin(void);

/*
 * At the end: wait for what is queued, but only a few seconds for a disk that hangs, and close the
 * main log. What is lost is told. Frees @writers, which may be NULL.
 */
void log_threads_end(Writers *writers);
