/*
 * Follows a log file that the daemon has opened as it grows, through rotation and clearing.
 */
#pragma once

#include <stdbool.h>

#include "ctl/client/answers.h"
#include "ctl/session/session.h"

/* How many bytes before the end a follower begins, as Python's logtail. */
#define FOLLOW_BACK 1024

typedef struct Follower {
        Session *session;
        const char *name;   /* of the process; NULL: the daemon's own log */
        const char *stream; /* "stdout" or "stderr" */
        OpenedLog file;     /* fd -1: there is none at present */
        uint64_t offset;    /* read up to here */
        int watch_fd;       /* inotify(7), or -1: it cannot be watched */
        bool stale;         /* the file was moved or removed: there is or will be a new one */
} Follower;

/* Open the log and go to @back bytes before its end. session, name and stream are set. Returns 0 or
 * -errno, as client_open_log(); follower_done() is right in both cases. */
int follower_open(Follower *f, uint64_t back);

/* Close it; may be used for `_cleanup_` once follower_open() was called. */
void follower_done(Follower *f);

/*
 * Write what is new to standard output, and go on with the next file if there is one. Returns 0, or
 * -errno when the daemon is gone or nothing can be written any more.
 */
int follower_step(Follower *f);

/* How many ms to wait for watch_fd with poll(2) before the next step; -1: without end. */
int follower_patience(const Follower *f);
