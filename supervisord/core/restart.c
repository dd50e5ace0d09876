#include "core/restart.h"

#include <assert.h>

#include "base/macro.h"

bool exit_is_success(const ProcessExit *exit) {
        return exit->kind == EXIT_STATUS && exit->value == 0;
}

bool exit_is_expected(const ProcessConfig *config, const ProcessExit *exit) {
        return exit->kind == EXIT_STATUS && process_config_expects(config, exit->value);
}

/* It had been up, or nobody wants it any more. */
static LifecycleEvent verdict_exited(const ProcessConfig *config, const RunEnd *end) {
        return end->wanted && end->soon && restart_wanted(config, &end->exit, end->failed)
                       ? EVENT_ENDED_PAUSE
                       : EVENT_ENDED_EXITED;
}

LifecycleEvent restart_verdict(const ProcessConfig *config, const RunEnd *end) {
        bool done = config->settings->type == PROCESS_TYPE_ONESHOT && !end->failed &&
                    exit_is_expected(config, &end->exit);
        bool failed = (end->early && !done) || end->exit.kind == EXIT_SPAWN_FAILED;

        if (end->asked)
                return EVENT_ENDED_STOPPED;
        if (!failed || !end->wanted)
                return verdict_exited(config, end);
        if (config->settings->startretries == -1)
                return EVENT_ENDED_RETRY;

        return (int64_t)end->failures + 1 > config->settings->startretries ? EVENT_ENDED_FATAL
                                                                           : EVENT_ENDED_RETRY;
}

bool restart_wanted(const ProcessConfig *config, const ProcessExit *exit, bool failed) {
        if (config->settings->type == PROCESS_TYPE_ONESHOT)
                return false; /* a failure is a failed start, with its own rules */
        switch (config->settings->autorestart) {
        case AUTORESTART_FALSE:
                return false;
        case AUTORESTART_UNEXPECTED:
                return failed || !exit_is_expected(config, exit);
        default:
                assert(config->settings->autorestart == AUTORESTART_TRUE);
                return true;
        }
}

uint64_t restart_delay(const ProcessConfig *config, unsigned failures, uint64_t random) {
        double max = (double)config->settings->backoff_max_usec;
        double delay = (double)config->settings->backoff_min_usec;

        if (delay <= 0 || max <= 0)
                return 0;

        if (config->settings->backoff_factor <= 0)
                delay *= failures;
        else
                for (unsigned i = 1; i < failures && delay < max; i++) {
                        double next = delay * config->settings->backoff_factor;

                        if (next == delay)
                                break;
                        delay = next;
                }

        if (delay > max)
                delay = max;
        delay += delay * config->settings->backoff_jitter *
                 ((double)(random >> 11) / (double)(UINT64_C(1) << 53));

        /* Beyond this the addition to "now" could overflow; it is 146,000 years. */
        return (uint64_t)MIN(delay, (double)(UINT64_MAX / 4));
}

uint64_t restart_distance(const ProcessConfig *config) {
        return restart_delay(config, /* failures= */ 1, /* random= */ 0);
}
