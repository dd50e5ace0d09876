/* What results of health checks mean. */
#include <criterion/criterion.h>

#include "core/health.h"
#include "sample-config.h"

TestSuite(health, .timeout = 10);

#define SEC USEC_PER_SEC
#define SPAWNED (100 * SEC)

static ProcessConfig *checked_config(void) {
        ProcessConfig *c = sample_config("a");

        c->settings->healthcheck_interval_usec = 30 * SEC;
        c->settings->healthcheck_timeout_usec = 5 * SEC;
        c->settings->healthcheck_retries = 3;
        return c;
}

#define CONFIG(c) _cleanup_(process_config_unrefp) ProcessConfig *c = checked_config()

Test(health, is_checked_an_interval_after_it_is_ready_and_after_each_check) {
        CONFIG(c);
        Health h;

        health_begin(&h, c, SPAWNED, SPAWNED + 7 * SEC);
        cr_expect_eq(h.state, HEALTH_UNKNOWN);
        cr_expect_eq(h.next_usec, SPAWNED + 37 * SEC);
        cr_expect_eq(health_checked(&h, c, true, SPAWNED + 40 * SEC), HEALTH_GOOD);
        cr_expect_eq(h.next_usec, SPAWNED + 70 * SEC);
}

Test(health, is_bad_after_so_many_failures_in_a_row) {
        CONFIG(c);
        Health h;

        health_begin(&h, c, SPAWNED, SPAWNED);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_FAILING);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_FAILING);
        cr_expect_eq(health_checked(&h, c, true, SPAWNED), HEALTH_GOOD);
        cr_expect_eq(h.failures, 0);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_FAILING);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_FAILING);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_BAD);
        cr_expect_eq(h.next_usec, USEC_INFINITY);
}

Test(health, is_bad_at_once_with_one_retry) {
        CONFIG(c);
        Health h;

        c->settings->healthcheck_retries = 1;
        health_begin(&h, c, SPAWNED, SPAWNED);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED), HEALTH_BAD);
}

Test(health, failures_of_the_start_period_do_not_count) {
        CONFIG(c);
        Health h;

        c->settings->healthcheck_start_period_usec = 60 * SEC;
        c->settings->healthcheck_retries = 1;
        health_begin(&h, c, SPAWNED, SPAWNED + 5 * SEC);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED + 59 * SEC), HEALTH_UNKNOWN);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED + 60 * SEC), HEALTH_BAD);
}

Test(health, a_success_ends_the_start_period) {
        CONFIG(c);
        Health h;

        c->settings->healthcheck_start_period_usec = DURATION_INFINITY;
        c->settings->healthcheck_retries = 1;
        health_begin(&h, c, SPAWNED, SPAWNED);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED + 1000 * SEC), HEALTH_UNKNOWN);
        cr_expect_eq(health_checked(&h, c, true, SPAWNED + 1001 * SEC), HEALTH_GOOD);
        cr_expect_eq(health_checked(&h, c, false, SPAWNED + 1002 * SEC), HEALTH_BAD);
}

Test(health, intervals_that_would_never_end_or_rest_are_bounded) {
        CONFIG(c);
        Health h;

        c->settings->healthcheck_interval_usec = 0;
        health_begin(&h, c, SPAWNED, SPAWNED);
        cr_expect_eq(h.next_usec, SPAWNED + HEALTH_INTERVAL_MIN_USEC);
        c->settings->healthcheck_interval_usec = DURATION_INFINITY;
        health_checked(&h, c, true, SPAWNED);
        cr_expect_eq(h.next_usec, USEC_INFINITY);
        c->settings->healthcheck_timeout_usec = -5;
        cr_expect_eq(health_timeout_usec(c), 0);
        c->settings->healthcheck_timeout_usec = DURATION_INFINITY;
        cr_expect_eq(health_timeout_usec(c), USEC_INFINITY);
}

Test(health, differs_by_what_is_checked_and_how_often) {
        CONFIG(a);
        CONFIG(b);

        cr_expect_not(health_differs(a, b));
        b->settings->healthcheck_interval_usec++;
        cr_expect(health_differs(a, b));
        b->settings->healthcheck_interval_usec--;
        b->settings->healthcheck.text = strdup("tcp:127.0.0.1:80");
        cr_expect(health_differs(a, b));
        cr_expect(health_differs(b, a));
}

Test(health, has_a_word_for_each_state) {
        cr_expect_str_eq(health_to_string(HEALTH_UNKNOWN), "unknown");
        cr_expect_str_eq(health_to_string(HEALTH_GOOD), "healthy");
        cr_expect_str_eq(health_to_string(HEALTH_FAILING), "failing");
        cr_expect_str_eq(health_to_string(HEALTH_BAD), "unhealthy");
}
