/*
 * Something that is done once, in a thread, because it may block: opening a file, say. Each is a
 * strand of its own (see writers.h), so that one on a disk that hangs holds up no other.
 *
 * Threads: errand_begin() and done() are the loop's; run() is a thread's. Between them @data is the
 * thread's alone, without a lock; the loop must not look at it.
 */
#pragma once

#include "log/writers.h"

typedef struct ErrandCalls {
        void (*run)(void *data);  /* in a thread: may touch nothing but @data, and not log */
        void (*done)(void *data); /* in the loop, after it; @data is its own to free */
} ErrandCalls;

/*
 * Begin. @calls outlives the errand; @data is the errand's from now on. An errand cannot be called
 * off: a caller that may lose interest points from @data to something of the loop's that done()
 * asks. Without @writers (NULL) all is done before this returns. Returns 0, or -ENOMEM with @data
 * still the caller's.
 */
int errand_begin(Writers *writers, const ErrandCalls *calls, void *data);
