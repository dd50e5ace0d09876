/*
 * Threads for what may block for as long as a disk likes: everything that is done to log files, and
 * errands (see errand.h). The event loop queues the work and goes on.
 *
 * A Strand is a line of work that is done in order and by one thread at a time, such as all that
 * happens to one file. One thread serves all strands. Only if it hangs in one of them, a second one
 * is started for the others, and so on up to a bound: whoever writes to a healthy disk is not held
 * up by a dead one. A strand that has made no progress for about a second is told to be stuck, and
 * told again when it moves.
 *
 * While nothing is written there is no timer and no wake-up.
 *
 * Who may touch what: the loop calls everything here that is not marked "in a thread", and
 * on_news() runs in the loop. work() runs in a thread, for one strand in one thread at a time; it
 * may touch what is the strand's own without a lock, what strand and loop share only with
 * writers_lock(), and nothing else of the daemon: it must not log. No thread holds the lock while
 * it does what may block.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/macro.h"

typedef struct Writers Writers;
typedef struct Strand Strand;

typedef enum StrandResult {
        STRAND_DONE, /* nothing is left to do now */
        STRAND_MORE, /* call again, after the others */
        STRAND_OVER, /* done for ever: on_news() is called, with is_over set, and may free it */
        STRAND_GONE, /* the strand has been freed */
} StrandResult;

typedef struct StrandCalls {
        /*
         * In a thread: do what is queued. An ordered strand leaves what was stamped @until or
         * later.
         */
        StrandResult (*work)(Strand *strand, uint64_t until);

        /* In the loop, after strand_tell(), or when is_stuck has changed. May free the strand. */
        void (*on_news)(Strand *strand);
} StrandCalls;

/* Embedded in its owner. All members are read and written with the lock only, except for calls,
 * writers and is_ordered, which do not change once there is a thread. */
struct Strand {
        const StrandCalls *calls;
        Writers *writers;
        bool is_ordered; /* never overtakes what was queued before in strands that are not */

        bool is_stuck; /* to be read by the owner */
        bool is_over;  /* likewise: no thread touches it any more */

        /* for writers.c and writers-thread.c */
        bool is_ready, is_running, is_again, has_news, is_forgotten;
        uint64_t ready_stamp;
        uint64_t progress;
        TAILQ_ENTRY(Strand) ready;
        TAILQ_ENTRY(Strand) news;
};

/*
 * Start with one thread, which has all signals blocked; at most @n_max (> 0) are started later. To
 * be called after the daemon has its final process id, user and limits. Returns 0, or -errno, as
 * -EAGAIN when the user may not have another thread.
 */
int writers_new(unsigned n_max, Writers **ret);

/* No strand may be left, except for stuck ones: if there are any, all stays in memory for the
 * threads that may come back to it. */
Writers *writers_free(Writers *writers);
DEFINE_CLEANUP(Writers, writers_free);

/* Readable (EPOLLIN) when writers_dispatch() is to be called, which calls on_news(). */
int writers_get_fd(const Writers *writers);
void writers_dispatch(Writers *writers);

/*
 * Let the threads begin with what was queued since the last call. To be called when the loop is
 * about to sleep: one wake-up for all that one turn has queued.
 */
void writers_kick(Writers *writers);

/*
 * Wait until all that was queued is done. Returns 0, or -ETIMEDOUT when nothing has moved for
 * @patience_usec (rounded up to seconds): what is left then hangs.
 */
int writers_wait(Writers *writers, uint64_t patience_usec);

/* The lock of all that the loop and the threads share; held for a moment only. */
void writers_lock(Writers *writers);
void writers_unlock(Writers *writers);

/* With the lock, in the loop: a number for a piece of work that is queued now in @strand, and have
 * it done. Numbers never fall. */
uint64_t strand_stamp(Strand *strand);
void strand_schedule(Strand *strand);

/* With the lock, in a thread or in the loop: have on_news() called. */
void strand_tell(Strand *strand);

/* With the lock, in a thread: something was done. Saves the strand from being taken for stuck. */
void strand_progress(Strand *strand);

/* With the lock, in the loop: the owner goes. on_news() is not called any more; work() still is. */
void strand_forget(Strand *strand);

/* With the lock, in a thread, inside work(): the strand is about to be freed. It is not looked at
 * any more, nor waited for: nothing that may block is left to do. */
void strand_end(Strand *strand);

/* With the lock: memory that is needed again and again, of one size only. writers_keep() returns
 * false when there is enough of it, writers_take() NULL when there is none. */
bool writers_keep(Writers *writers, void *memory);
void *writers_take(Writers *writers);

/* With the lock: so many bytes have come (> 0) or have been written (< 0). writers_get_pending() is
 * the sum over all strands, those included that were given up as they were freed. */
void strand_account(Strand *strand, int64_t n_bytes);
uint64_t writers_get_pending(Writers *writers);
