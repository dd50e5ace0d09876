/*
 * The inside of the writers, for the two files that implement writers.h: writers.c is the loop's
 * side, writers-thread.c the threads' and what both sides call. All members of Writers are touched
 * with the lock only, except for descriptors and where it is said.
 */
#pragma once

#include "log/writers.h"

/* Pieces of memory to keep: what is in use while one log is written at full speed. */
#define SPARE_MAX 10

typedef struct Worker {
        Writers *writers;
        Strand *strand;   /* at work on it, or NULL */
        uint64_t seen;    /* its progress at the last look */
        bool is_seen;     /* … there was one */
        bool is_replaced; /* another thread serves the rest: ends when it comes back */
        bool has_ended;
        pthread_t thread;
        LIST_ENTRY(Worker) workers;
} Worker;

struct Writers {
        pthread_mutex_t mutex;
        int work_fds[2];     /* a pipe: a byte for an idle thread when something is ready */
        pthread_cond_t idle; /* a thread has nothing to do, or has ended */

        TAILQ_HEAD(ReadyStrands, Strand)
        ready; /* by ready_stamp, but for those that had to wait again */
        TAILQ_HEAD(NewsStrands, Strand) news;
        LIST_HEAD(Workers, Worker) workers;
        unsigned n_workers, n_max;
        unsigned n_idle; /* wait for work … */
        bool is_woken;   /* … and one of them is on its way */
        bool is_awaited; /* by writers_wait() */
        bool is_stopping;
        uint64_t stamp;
        uint64_t pending_bytes;
        void *spare[SPARE_MAX];
        unsigned n_spare;

        /* the loop's */
        bool was_scheduled; /* since the last kick; with the lock */
        bool is_looking;    /* the timer runs */
        int epoll_fd, event_fd, timer_fd;
};

/* writers-thread.c: have @strand done after all that is queued now. With the lock. */
void writers_make_ready(Writers *writers, Strand *strand);

/*
 * writers-thread.c: let a thread that waits for work look for it. False if it cannot be told, as
 * the kernel has no memory for the pipe.
 */
bool writers_wake(Writers *writers);

/* writers-thread.c: what a thread runs, with its Worker; until it is not needed any more. */
void *writers_serve(void *userdata);
