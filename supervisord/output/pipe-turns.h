/*
 * Which pipes are read in one turn of the event loop, how much of each, and when the next turn is.
 * What is done with the bytes is not decided here: see pipe.h.
 */
#pragma once

#include "output/pipe.h"

typedef struct PipeTurns {
        PipeSet set;
        int outer_epoll_fd;   /* borrowed: what the event loop sees */
        int rest_fd;          /* timer: the rest is over */
        unsigned brisk_turns; /* to come: there was more than a little, so rests are short */
} PipeTurns;

/* data.u64 of all that this puts into the outer epoll. */
#define PIPE_TURNS_EVENT UINT64_C(1)

/* Closed, and safe for pipe_turns_done(). */
#define PIPE_TURNS_INIT \
        { .set.epoll_fd = -1, .outer_epoll_fd = -1, .rest_fd = -1 }

/*
 * Make the descriptors and the buffer (which @writers may keep spare ones of; NULL: none), and put
 * them into @outer_epoll_fd: the epoll of pipes with EPOLLONESHOT, so that it can rest. Returns 0
 * or -errno; in both cases pipe_turns_done() is to follow some day.
 */
int pipe_turns_open(PipeTurns *turns, int outer_epoll_fd, Writers *writers);
void pipe_turns_done(PipeTurns *turns); /* no pipe may be left */

/* Read a bounded amount, about a millisecond's, and have the loop told when to go on. To be called
 * when the outer epoll has told PIPE_TURNS_EVENT. Returns 0 or -errno, which is a bug. */
int pipe_turns_take(PipeTurns *turns);
