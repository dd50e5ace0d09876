/*
 * What workers say of themselves: records at the end of one file, which the driver reads. An append
 * of this size is not torn, and nobody has to be awake for it. events.py knows the same layout.
 */
#pragma once

#include <stdint.h>

typedef enum EventKind {
        EVENT_STARTED = 1, /* the first instruction has run */
        EVENT_ASKED = 2,   /* SIGTERM has come */
        EVENT_DONE = 3,    /* all lines are written */
} EventKind;

typedef struct Event {
        uint64_t nsec; /* CLOCK_MONOTONIC */
        uint32_t pid;  /* as the worker sees it: in its own PID namespace */
        uint32_t index;
        uint32_t kind;
        uint32_t reserved;
} Event;

_Static_assert(sizeof(Event) == 24, "events.py reads it");
