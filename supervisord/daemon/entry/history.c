/*
 * What has happened to a process lately, and why, for those who ask afterwards. It is not the log:
 * it is small, in memory, and forgets.
 */
#include "daemon/entry/history.h"

#include <errno.h>
#include <string.h>

#include "daemon/entry/wording.h"

void history_done(History *h) {
        free(h->changes);
        *h = (History){ 0 };
}

/* Room for one more, as long as more are allowed. */
static void grow(History *h) {
        unsigned n = MIN(MAX(2U * h->n_allocated, 2U), (unsigned)HISTORY_MAX);
        StateChange *changes;

        if (h->n < h->n_allocated || h->n_allocated >= HISTORY_MAX)
                return;
        changes =
                reallocarray(h->changes, n, sizeof(*changes)); /* not wrapped: it was never full */
        if (!changes)
                return;
        h->changes = changes;
        h->n_allocated = (uint8_t)n;
}

void history_add(History *h, const StateChange *change) {
        grow(h);
        if (h->n_allocated == 0)
                return;
        if (h->n < h->n_allocated) {
                h->changes[h->n++] = *change;
                return;
        }
        if (h->n_allocated < HISTORY_MAX) {
                h->changes[h->n - 1] = *change;
                return;
        }
        h->changes[h->first] = *change;
        h->first = (uint8_t)((h->first + 1) % h->n_allocated);
}

const StateChange *history_get(const History *h, size_t i) {
        return &h->changes[(h->first + i) % h->n_allocated];
}

/* ---------------------------------------------------------------- causes */

static Cause cause_of_end(const ProcessExit *exit) {
        switch (exit->kind) {
        case EXIT_SIGNAL:
                return CAUSE_SIGNALLED;
        case EXIT_SPAWN_FAILED:
                return CAUSE_SPAWN_FAILED;
        case EXIT_STATUS:
        case EXIT_NONE:
                break;
        }
        return CAUSE_EXITED;
}

static Cause cause_of_start(const Process *p, ProcessState from, const Origin *origin) {
        if (from == STATE_BACKOFF && origin->cause == CAUSE_NONE)
                return CAUSE_RETRY;
        if (origin->cause != CAUSE_NONE)
                return origin->cause;
        return p->ended_usec == 0 ? CAUSE_AUTOSTART : CAUSE_AUTORESTART;
}

static Cause cause_of_stop(const Process *p, const Origin *origin, bool shutting_down) {
        if (p->asked && shutting_down)
                return CAUSE_SHUTDOWN;
        if (p->asked)
                return origin->cause != CAUSE_NONE ? origin->cause : CAUSE_CONFIGURATION;
        return p->run.leader_gone ? CAUSE_LEFTOVERS : CAUSE_NOT_READY;
}

Cause cause_of(const Process *p,
               ProcessState from,
               ProcessState to,
               const Origin *origin,
               bool shutting_down) {
        switch (to) {
        case STATE_STARTING:
                return cause_of_start(p, from, origin);
        case STATE_RUNNING:
                return CAUSE_UP;
        case STATE_STOPPING:
                return cause_of_stop(p, origin, shutting_down);
        case STATE_STOPPED:
                return CAUSE_STOPPED;
        case STATE_BACKOFF:
        case STATE_EXITED:
        case STATE_FATAL:
                return cause_of_end(&p->exit);
        case _STATE_MAX:
                break;
        }
        return CAUSE_NONE;
}

const char *cause_to_string(Cause cause) {
        static const char *const names[_CAUSE_MAX] = {
                [CAUSE_NONE] = "",
                [CAUSE_COMMAND] = "command",
                [CAUSE_AUTOSTART] = "autostart",
                [CAUSE_AUTORESTART] = "autorestart",
                [CAUSE_RETRY] = "retry",
                [CAUSE_CONFIGURATION] = "configuration",
                [CAUSE_DEPENDENCY] = "dependency",
                [CAUSE_SHUTDOWN] = "shutdown",
                [CAUSE_UP] = "up",
                [CAUSE_EXITED] = "exited",
                [CAUSE_SIGNALLED] = "signalled",
                [CAUSE_SPAWN_FAILED] = "spawn-failed",
                [CAUSE_NOT_READY] = "not-ready",
                [CAUSE_LEFTOVERS] = "leftovers",
                [CAUSE_STOPPED] = "stopped",
        };

        return names[cause];
}

static int describe_asker(const StateChange *change, char **ret) {
        if (asprintf(ret, "asked for by uid %u (pid %d)", (unsigned)change->by_uid,
                     (int)change->by_pid) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

int change_describe(const StateChange *change, char **ret) {
        if (change->cause == CAUSE_COMMAND && change->by_pid > 0)
                return describe_asker(change, ret);
        switch (change->to) {
        case STATE_STOPPED:
        case STATE_BACKOFF:
        case STATE_EXITED:
        case STATE_FATAL:
                if (change->exit.kind != EXIT_NONE)
                        return words_exit(&change->exit, ret);
                break;
        default:
                break;
        }
        *ret = strdup("");
        return *ret ? 0 : -ENOMEM;
}
