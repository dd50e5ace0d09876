/*
 * Something that is done once, in a thread, because it may block: opening a file, say. Each is a
 * strand of its own (see writers.h), so that one on a disk that hangs holds up no other.
 */
#pragma once

#include "log/writers.h"

typedef struct ErrandCalls {
        void (*run)(void *data);  /* in a thread: may touch nothing but @data, and not log */
        void (*done)(void *data); /* in the loop, after it; @data is its own to free */
} ErrandCalls;

/*
 * Begin. @calls outlives it; @data is the errand's from now on. There is no way back: who may lose
 * interest leaves a mark in @data for done(). Without @writers (NULL) all is done before it
 * returns. Returns 0, or -ENOMEM with @data still the caller's.
 */
int errand_begin(Writers *writers, const ErrandCalls *calls, void *data);
