/*
 * Follows log files of the daemon's as they grow, through rotation and clearing.
 */
#pragma once

#include <stdbool.h>

#include "ctl/session.h"

/* Where a follower begins: at most so many bytes before the end. Python's logtail has as many. */
#define FOLLOW_BACK 1024

typedef struct Follower {
        Session *session;
        const char *name;   /* of the process; NULL: the daemon's own log */
        const char *stream; /* "stdout" or "stderr" */
        LogFile file;       /* fd -1: there is none at present */
        uint64_t offset;    /* read up to here */
        int watch_fd;       /* inotify(7), or -1: it cannot be watched */
        bool stale;         /* somebody moved or removed it: there is or will be a new one */
} Follower;

/* Open the log and go to @back bytes before its end. Returns 0 or -errno, as client_open_log(). */
int follower_open(Follower *f, uint64_t back);
void follower_done(Follower *f);

/*
 * Write what is new to standard output, and see whether it is still the same file. Returns 0, or
 * -errno when the daemon is gone or nothing can be written any more.
 */
int follower_step(Follower *f);

/*
 * Something in poll(2)'s sense to wait for: watch_fd for at most so many ms. -1: without end.
 */
int follower_patience(const Follower *f);
