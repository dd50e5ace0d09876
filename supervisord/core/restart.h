/*
 * What to do about a process that has ended, and how long to wait before the next attempt. Pure:
 * the same answers for the same arguments, randomness included.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include <stdint.h>

#include "config/model/config.h"
#include "core/lifecycle.h"

typedef enum _packed_ ExitKind {
        EXIT_NONE,         /* has not ended yet */
        EXIT_STATUS,       /* exited; value is 0..255 */
        EXIT_SIGNAL,       /* died by a signal; value is its number */
        EXIT_SPAWN_FAILED, /* never ran; value is an errno */
} ExitKind;

typedef struct ProcessExit {
        ExitKind kind;
        int16_t value; /* of the kinds above, none is larger */
        bool core_dumped;
} ProcessExit;

/* The end of one run, as far as the decision needs it. */
typedef struct RunEnd {
        ProcessExit exit;
        bool asked;        /* we had told it to stop, because somebody wanted it down or replaced */
        bool early;        /* it had not been up for startsecs, or was not up in time */
        bool failed;       /* it was found to have failed: its exit status does not matter */
        bool wanted;       /* the goal is still up */
        bool soon;         /* since its start less than restart_distance() has passed */
        unsigned failures; /* failed starts in a row before this one */
} RunEnd;

/* Did it exit with status 0? */
bool exit_is_success(const ProcessExit *exit);

/* Is the end @exit one that @config expects? A death by signal never is. */
bool exit_is_expected(const ProcessConfig *config, const ProcessExit *exit);

/* One of EVENT_ENDED_*: where the end of a run leads. */
LifecycleEvent restart_verdict(const ProcessConfig *config, const RunEnd *end);

/* Shall a process that is EXITED after @exit be started again? @failed as in RunEnd. */
bool restart_wanted(const ProcessConfig *config, const ProcessExit *exit, bool failed);

/*
 * The delay in µs before the start that follows the @failures-th failed one in a row (>= 1):
 * backoff_min times @failures with a backoff_factor of 0 (Python's 1, 2, 3 … s), else backoff_min x
 * factor^(failures-1); at most backoff_max; then lengthened by up to backoff_jitter of itself.
 * @random is uniform over 64 bits.
 */
uint64_t restart_delay(const ProcessConfig *config, unsigned failures, uint64_t random);

/*
 * How far apart two starts are at least, in µs, if the second one follows an exit by itself: what
 * exits at once must not be started all the time. As long as the first delay, without jitter.
 */
uint64_t restart_distance(const ProcessConfig *config);
