/*
 * What has happened to a process lately and why: its last changes of state, for people who ask
 * "why?" later. Plain values; words are made when somebody reads them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "core/engine.h"

#define HISTORY_MAX 16 /* changes kept for each process */

typedef enum _packed_ Cause {
        CAUSE_NONE,
        CAUSE_COMMAND, /* somebody asked for it */
        CAUSE_AUTOSTART,
        CAUSE_AUTORESTART,
        CAUSE_RETRY,
        CAUSE_CONFIGURATION, /* a reload has changed it */
        CAUSE_DEPENDENCY,    /* another that it depends on */
        CAUSE_SHUTDOWN,
        CAUSE_UP, /* stayed up for startsecs */
        CAUSE_EXITED,
        CAUSE_SIGNALLED,
        CAUSE_SPAWN_FAILED,
        CAUSE_NOT_READY,
        CAUSE_LEFTOVERS, /* its main process is gone, others of its tree are not */
        CAUSE_STOPPED,   /* as it was told */
        _CAUSE_MAX,
} Cause;

/* Who last wanted something of a process, until that has begun. */
typedef struct Origin {
        Cause cause; /* CAUSE_NONE: nobody */
        uid_t uid;   /* of CAUSE_COMMAND */
        pid_t pid;
} Origin;

typedef struct StateChange {
        uint64_t sequence;
        uint64_t usec; /* of CLOCK_REALTIME */
        ProcessState from, to;
        Cause cause;
        pid_t pid; /* of the main process of the present or last run, 0: none yet */
        ProcessExit exit;
        uid_t by_uid; /* of CAUSE_COMMAND: who asked */
        pid_t by_pid;
} StateChange;

typedef struct History { /* a ring; start with one that is all zero */
        StateChange *changes;
        uint8_t first, n, n_allocated;
} History;

void history_done(History *h);

/* Append @change; the oldest is forgotten. Without memory it replaces the last. */
void history_add(History *h, const StateChange *change);

/* The @i-th, the oldest first; @i < h->n. */
const StateChange *history_get(const History *h, size_t i);

/* Why @p went from @from to @to, wanted by @origin if by anybody, while the whole is
 * @shutting_down. */
Cause cause_of(const Process *p,
               ProcessState from,
               ProcessState to,
               const Origin *origin,
               bool shutting_down);

/* "command", "spawn-failed" … as clients see them. */
const char *cause_to_string(Cause cause);

/* For people: "exit status 3", "asked for by uid 0 (pid 77)", or "". *ret is the caller's. Returns
 * 0 or -ENOMEM. */
int change_describe(const StateChange *change, char **ret);
