/*
 * The signals by which the daemon is told what to do.
 */
#pragma once

typedef struct Supervisor Supervisor;

/* Serve them from now on. Returns 0 or -errno, which is logged. */
int supervisor_watch_signals(Supervisor *s);

/* SIGUSR2: open the main log and all log files of programs anew, under their names. */
void supervisor_reopen_logs(Supervisor *s);
