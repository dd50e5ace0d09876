#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <math.h>

#include "core/restart.h"
#include "sample-config.h"

TestSuite(restart, .timeout = 10);

#define SEC ((int64_t)USEC_PER_SEC)

static const ProcessExit done = { .kind = EXIT_STATUS, .value = 0 };
static const ProcessExit failed = { .kind = EXIT_STATUS, .value = 3 };
static const ProcessExit crashed = { .kind = EXIT_SIGNAL, .value = SIGSEGV, .core_dumped = true };
static const ProcessExit unborn = { .kind = EXIT_SPAWN_FAILED, .value = ENOENT };

/* Uniform over [0, 1] are 0 and this. */
#define RANDOM_MOST UINT64_MAX

static LifecycleEvent verdict(int64_t startretries, RunEnd end) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->startretries = startretries;
        return restart_verdict(c, &end);
}

Test(restart, takes_an_end_that_was_asked_for_as_a_stop_whatever_it_was) {
        cr_expect_eq(verdict(3, (RunEnd){ .exit = failed, .asked = true, .wanted = true }),
                     EVENT_ENDED_STOPPED);
        cr_expect_eq(verdict(3, (RunEnd){ .exit = unborn, .asked = true, .early = true }),
                     EVENT_ENDED_STOPPED);
        cr_expect_eq(verdict(0, (RunEnd){ .exit = crashed, .asked = true, .failures = 9 }),
                     EVENT_ENDED_STOPPED);
}

Test(restart, takes_an_end_after_running_as_exited_whatever_its_status) {
        cr_expect_eq(verdict(3, (RunEnd){ .exit = done, .wanted = true }), EVENT_ENDED_EXITED);
        cr_expect_eq(verdict(3, (RunEnd){ .exit = failed, .wanted = true }), EVENT_ENDED_EXITED);
        cr_expect_eq(verdict(3, (RunEnd){ .exit = crashed, .wanted = true }), EVENT_ENDED_EXITED);
}

Test(restart, retries_an_early_end_even_with_an_expected_status) {
        cr_expect_eq(verdict(3, (RunEnd){ .exit = done, .early = true, .wanted = true }),
                     EVENT_ENDED_RETRY);
}

Test(restart, counts_a_failed_spawn_as_a_failed_start) {
        cr_expect_eq(verdict(3, (RunEnd){ .exit = unborn, .wanted = true }), EVENT_ENDED_RETRY);
}

Test(restart, tries_once_more_than_startretries) {
        RunEnd end = { .exit = failed, .early = true, .wanted = true };

        for (int64_t retries = 0; retries < 5; retries++) {
                for (end.failures = 0; end.failures < retries; end.failures++)
                        cr_expect_eq(verdict(retries, end), EVENT_ENDED_RETRY);
                cr_expect_eq(verdict(retries, end), EVENT_ENDED_FATAL);
        }
}

Test(restart, never_gives_up_with_startretries_minus_one) {
        RunEnd end = { .exit = failed, .early = true, .wanted = true, .failures = UINT_MAX };

        cr_expect_eq(verdict(-1, end), EVENT_ENDED_RETRY);
        cr_expect_eq(verdict(INT64_MAX, end), EVENT_ENDED_RETRY);
}

Test(restart, gives_up_at_once_with_other_negative_retries) {
        RunEnd end = { .exit = failed, .early = true, .wanted = true };

        cr_expect_eq(verdict(-2, end), EVENT_ENDED_FATAL);
        cr_expect_eq(verdict(INT64_MIN, end), EVENT_ENDED_FATAL);
}

Test(restart, does_not_retry_what_is_no_longer_wanted) {
        cr_expect_eq(verdict(3, (RunEnd){ .exit = failed, .early = true }), EVENT_ENDED_EXITED);
        cr_expect_eq(verdict(-1, (RunEnd){ .exit = unborn }), EVENT_ENDED_EXITED);
}

Test(restart, expects_the_configured_statuses_and_never_a_signal) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->exitcodes.expected[0] = 1 | UINT64_C(1) << SIGSEGV;
        c->settings->exitcodes.expected[3] = UINT64_C(1) << 63;
        cr_expect(exit_is_expected(c, &done));
        cr_expect_not(exit_is_expected(c, &failed));
        cr_expect(exit_is_expected(c, &(ProcessExit){ .kind = EXIT_STATUS, .value = 255 }));
        cr_expect(exit_is_expected(c, &(ProcessExit){ .kind = EXIT_STATUS, .value = SIGSEGV }));
        cr_expect_not(exit_is_expected(c, &crashed));
        cr_expect_not(exit_is_expected(c, &(ProcessExit){ .kind = EXIT_SPAWN_FAILED }));
        cr_expect_not(exit_is_expected(c, &(ProcessExit){ .kind = EXIT_NONE }));
}

Test(restart, follows_autorestart_after_an_exit) {
        static const struct {
                AutoRestart autorestart;
                bool after_done, after_failed, after_crash;
        } cases[] = {
                { AUTORESTART_FALSE, false, false, false },
                { AUTORESTART_UNEXPECTED, false, true, true },
                { AUTORESTART_TRUE, true, true, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

                c->settings->autorestart = cases[i].autorestart;
                cr_expect_eq(restart_wanted(c, &done, false), cases[i].after_done);
                cr_expect_eq(restart_wanted(c, &failed, false), cases[i].after_failed);
                cr_expect_eq(restart_wanted(c, &crashed, false), cases[i].after_crash);
                cr_expect_eq(restart_wanted(c, &done, true), cases[i].after_crash);
        }
}

Test(restart, pauses_only_before_a_restart_that_would_come_too_soon) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");
        const RunEnd soon = { .exit = failed, .wanted = true, .soon = true };
        RunEnd end = soon;

        cr_expect_eq(restart_verdict(c, &soon), EVENT_ENDED_PAUSE);
        end.soon = false;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_EXITED);
        end = soon;
        end.wanted = false;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_EXITED);
        end = soon;
        end.asked = true;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_STOPPED);
        end = soon;
        end.early = true;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_RETRY);
}

Test(restart, pauses_only_before_a_restart_that_autorestart_wants) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");
        RunEnd end = { .exit = done, .wanted = true, .soon = true };

        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_EXITED);
        end.failed = true;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_PAUSE);
        c->settings->autorestart = AUTORESTART_FALSE;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_EXITED);
        end.failed = false;
        c->settings->autorestart = AUTORESTART_TRUE;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_PAUSE);
        c->settings->type = PROCESS_TYPE_ONESHOT;
        cr_expect_eq(restart_verdict(c, &end), EVENT_ENDED_EXITED);
}

Test(restart, keeps_the_lesser_of_backoff_min_and_max_between_two_starts) {
        static const struct {
                int64_t min, max;
                uint64_t distance;
        } cases[] = {
                { SEC, DURATION_INFINITY, USEC_PER_SEC },
                { 3 * SEC, 2 * SEC, 2 * USEC_PER_SEC },
                { SEC / 10, SEC, USEC_PER_SEC / 10 },
                { 0, SEC, 0 },
                { SEC, 0, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

                c->settings->backoff_min_usec = cases[i].min;
                c->settings->backoff_max_usec = cases[i].max;
                c->settings->backoff_jitter = 1;
                for (int factor = 0; factor < 3; factor++) {
                        c->settings->backoff_factor = factor;
                        cr_expect_eq(restart_distance(c), cases[i].distance, "case %zu", i);
                }
        }
}

Test(restart, waits_one_two_three_seconds_by_default) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        for (unsigned n = 1; n < 100; n++)
                cr_expect_eq(restart_delay(c, n, RANDOM_MOST), n * USEC_PER_SEC);
}

Test(restart, multiplies_the_delay_by_its_factor_up_to_the_most) {
        static const int64_t delays[] = { 1, 2, 4, 8, 16, 20, 20, 20 };
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->backoff_factor = 2;
        c->settings->backoff_max_usec = 20 * SEC;
        for (unsigned n = 1; n <= ELEMENTSOF(delays); n++)
                cr_expect_eq(restart_delay(c, n, 0), (uint64_t)delays[n - 1] * USEC_PER_SEC);
        cr_expect_eq(restart_delay(c, UINT_MAX, 0), 20 * USEC_PER_SEC);
}

Test(restart, limits_the_growing_delay_too) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->backoff_max_usec = 5 * SEC / 2;
        cr_expect_eq(restart_delay(c, 2, 0), 2 * USEC_PER_SEC);
        cr_expect_eq(restart_delay(c, 3, 0), 5 * USEC_PER_SEC / 2);
}

Test(restart, keeps_the_same_delay_with_factor_one) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->backoff_factor = 1;
        cr_expect_eq(restart_delay(c, 1, 0), USEC_PER_SEC);
        cr_expect_eq(restart_delay(c, UINT_MAX, 0), USEC_PER_SEC);
}

Test(restart, comes_to_an_end_with_a_factor_below_one) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        c->settings->backoff_factor = 0.5;
        cr_expect_eq(restart_delay(c, 2, 0), USEC_PER_SEC / 2);
        cr_expect_eq(restart_delay(c, UINT_MAX, 0), 0);
}

Test(restart, lengthens_by_jitter_within_its_bounds) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");
        uint64_t random = 7, least = UINT64_MAX, most = 0;

        c->settings->backoff_jitter = 0.25;
        for (unsigned i = 0; i < 10000; i++) {
                uint64_t delay = restart_delay(c, 4, sample_random(&random));

                least = MIN(least, delay);
                most = MAX(most, delay);
        }
        cr_expect_geq(least, 4 * USEC_PER_SEC);
        cr_expect_lt(most, 5 * USEC_PER_SEC);
        cr_expect_lt(least, 4 * USEC_PER_SEC + 10 * USEC_PER_MSEC, "the lower end is reached");
        cr_expect_gt(most, 5 * USEC_PER_SEC - 10 * USEC_PER_MSEC, "the upper end is reached");
        cr_expect_eq(restart_delay(c, 4, 0), 4 * USEC_PER_SEC);
        cr_expect_eq(restart_delay(c, 4, 99), restart_delay(c, 4, 99));
}

Test(restart, does_not_wait_with_a_delay_of_zero_or_less) {
        static const int64_t delays[] = { 0, -1, -SEC, INT64_MIN };

        for (size_t i = 0; i < ELEMENTSOF(delays); i++) {
                _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

                c->settings->backoff_jitter = 1;
                c->settings->backoff_min_usec = delays[i];
                cr_expect_eq(restart_delay(c, 3, RANDOM_MOST), 0);
                c->settings->backoff_min_usec = SEC;
                c->settings->backoff_max_usec = delays[i];
                cr_expect_eq(restart_delay(c, 3, RANDOM_MOST), 0);
        }
}

Test(restart, survives_the_largest_of_everything) {
        static const double factors[] = { 0, 1, 1.5, 1e300, INFINITY };

        for (size_t i = 0; i < ELEMENTSOF(factors); i++) {
                _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");
                uint64_t delay;

                c->settings->backoff_min_usec = DURATION_INFINITY;
                c->settings->backoff_factor = factors[i];
                c->settings->backoff_jitter = 1;
                delay = restart_delay(c, UINT_MAX, RANDOM_MOST);
                cr_expect_geq(delay, UINT64_MAX / 8);
                cr_expect_leq(delay, UINT64_MAX / 4 + 1, "room for the sum with any clock is left");
        }
}

Test(restart, calls_only_exit_status_0_a_success) {
        cr_expect(exit_is_success(&done));
        cr_expect_not(exit_is_success(&failed));
        cr_expect_not(exit_is_success(&crashed));
}
