/*
 * A ProcessConfig with the documented defaults, for tests of the core: whatever a test does not set
 * is what an empty section would give.
 */
#pragma once

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "config/model/config.h"

/* Call the program of @c @name and put it into @group. */
static inline void sample_set_group(ProcessConfig *c, const char *name, const char *group) {
        int r = process_config_set_names(c, &(ProcessNames){ .name = name,
                                                             .group = group,
                                                             .program = name });

        assert(r == 0);
}

/* One reference, the caller's. */
static inline ProcessConfig *sample_config(const char *name) {
        ProcessConfig *c = calloc(1, sizeof(*c));
        ProcessSettings *settings = calloc(1, sizeof(*settings));

        assert(c && settings);
        *settings = (ProcessSettings){
                .n_ref = 1,
                .umask = -1,
                .autostart = true,
                .autorestart = AUTORESTART_UNEXPECTED,
                .startsecs_usec = USEC_PER_SEC,
                .startretries = 3,
                .exitcodes = { .expected = { 1 } }, /* status 0 */
                .backoff_min_usec = USEC_PER_SEC,
                .backoff_max_usec = DURATION_INFINITY,
                .hook_timeout_usec = 60 * USEC_PER_SEC,
                .readiness_timeout_usec = 90 * USEC_PER_SEC,
                .stopsignal = SIGTERM,
                .stopwait_usec = 10 * USEC_PER_SEC,
                .send_sigkill = true,
        };
        *c = (ProcessConfig){
                .n_ref = 1,
                .settings = settings,
                .group_priority = 999,
                .priority = 999,
        };
        sample_set_group(c, name, name);
        return c;
}

/* xorshift64*: tests and simulations have to be the same on every machine. *@state is not 0. */
static inline uint64_t sample_random(uint64_t *state) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * UINT64_C(2685821657736338717);
}
