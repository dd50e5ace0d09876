/* What exits by itself soon after its start is not started again at once. */
#include "engine-fixture.h"

TestSuite(engine_pause, .timeout = 10);

/* "a" is up at once, and is started again whatever its exit is. */
static void add_hasty(Fixture *f) {
        add_all(f, "1");
        config_of(f, 0)->settings->startsecs_usec = 0;
        config_of(f, 0)->settings->autorestart = AUTORESTART_TRUE;
}

/* It was started @ran_usec ago, and has just ended. */
static void ends_after(Fixture *f, uint64_t ran_usec) {
        start(f, 0);
        passes(f, ran_usec);
        exits(f, 0, exit_done);
        EXPECT(*f, "a STARTING, spawn a, a RUNNING, a EXITED");
}

Test(engine_pause, keeps_two_starts_a_second_apart) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, SEC / 4);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + SEC - SEC / 4);
        passes(&f, SEC - SEC / 4 - 1);
        EXPECT(f, "");
        cr_expect_eq(phase_to_state(phase_of(&f, 0)), STATE_EXITED);
        cr_expect_eq(engine_get(f.engine, 0)->goal, GOAL_UP);
        passes(&f, 1);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
}

Test(engine_pause, comes_again_and_again_for_one_that_exits_at_once) {
        FIXTURE(f);

        add_hasty(&f);
        start(&f, 0);
        for (unsigned n = 1; n <= 20; n++) {
                uint64_t spawned = engine_get(f.engine, 0)->spawned_usec;

                cr_expect_eq(engine_get(f.engine, 0)->n_runs, n);
                exits(&f, 0, exit_done);
                passes(&f, SEC);
                cr_expect_eq(engine_get(f.engine, 0)->spawned_usec - spawned, SEC);
                cr_expect_eq(engine_get(f.engine, 0)->failures, 0);
        }
}

Test(engine_pause, does_not_come_when_it_ran_for_long_enough) {
        FIXTURE(f);

        add_hasty(&f);
        start(&f, 0);
        passes(&f, SEC);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a EXITED, a STARTING, spawn a");
}

Test(engine_pause, does_not_come_without_a_backoff) {
        FIXTURE(f);

        add_hasty(&f);
        config_of(&f, 0)->settings->backoff_min_usec = 0;
        start(&f, 0);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a EXITED, a STARTING, spawn a");
}

Test(engine_pause, lasts_no_longer_than_backoff_max_and_has_no_jitter) {
        FIXTURE(f);

        add_hasty(&f);
        config_of(&f, 0)->settings->backoff_max_usec = SEC / 5;
        config_of(&f, 0)->settings->backoff_jitter = 1;
        start(&f, 0);
        exits(&f, 0, exit_done);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + SEC / 5);
}

Test(engine_pause, comes_beyond_startsecs_too_if_the_backoff_is_longer) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->backoff_min_usec = 5 * SEC;
        run(&f, 0);
        passes(&f, SEC);
        exits(&f, 0, exit_failed);
        EXPECT(f, "a EXITED");
        passes(&f, 3 * SEC);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_pause, comes_after_what_was_found_to_have_failed) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        start(&f, 0);
        passes(&f, 0);
        cr_assert(engine_fail(f.engine, 0, FAILURE_UNHEALTHY, f.now));
        take_actions(&f);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a STOPPING, TERM to leader of a, a EXITED");
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
}

Test(engine_pause, counts_as_missing_until_it_is_ready_again) {
        FIXTURE(f);

        add_hasty(&f);
        start(&f, 0);
        passes(&f, 0);
        cr_expect(engine_is_ready(f.engine));
        exits(&f, 0, exit_done);
        cr_expect(process_is_missing(engine_get(f.engine, 0)), "though it has ended well");
        cr_expect_not(engine_is_ready(f.engine));
        cr_expect(engine_is_down(f.engine));
        passes(&f, SEC);
        cr_expect(engine_is_ready(f.engine));
}

Test(engine_pause, ends_with_a_stop_for_good) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, 0);
        stop(&f, 0);
        cr_expect_eq(engine_get(f.engine, 0)->goal, GOAL_DOWN);
        cr_expect_eq(phase_of(&f, 0), PHASE_EXITED);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        cr_expect(engine_is_ready(f.engine));
        passes(&f, 60 * SEC);
        EXPECT(f, "");
}

Test(engine_pause, ends_with_a_start_at_once_and_the_next_counts_from_there) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, SEC / 2);
        start(&f, 0);
        passes(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
        exits(&f, 0, exit_done);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + SEC);
}

Test(engine_pause, ends_with_a_restart_at_once) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, 0);
        restart(&f, 0);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_pause, does_not_delay_a_restart_by_command_of_what_runs) {
        FIXTURE(f);

        add_hasty(&f);
        start(&f, 0);
        passes(&f, 0);
        f.text[0] = '\0';
        restart(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a STARTING, spawn a");
}

Test(engine_pause, does_not_delay_one_that_ends_before_its_turn_to_be_restarted) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        config_of(&f, 1)->settings->startsecs_usec = 0;
        start(&f, 0);
        start(&f, 1);
        passes(&f, 0);
        f.text[0] = '\0';
        engine_hold(f.engine);
        engine_restart(f.engine, 0, f.now);
        engine_restart(f.engine, 1, f.now);
        engine_release(f.engine, f.now);
        take_actions(&f);
        EXPECT(f, "b STOPPING, TERM to leader of b");
        exits(&f, 0, exit_failed);
        EXPECT(f, "a EXITED, a STARTING, spawn a");
}

Test(engine_pause, does_not_delay_a_reload) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, 0);
        replace(&f, 0, sample_config("a"));
        EXPECT(f, "a STARTING, spawn a");
        start(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        f.text[0] = '\0';
        passes(&f, 60 * SEC);
        EXPECT(f, "");
}

Test(engine_pause, leaves_nothing_behind_when_it_is_removed) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, 0);
        remove_it(&f, 0);
        EXPECT(f, "a removed");
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine_pause, ends_with_a_shutdown) {
        FIXTURE(f);

        add_hasty(&f);
        ends_after(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "");
        cr_expect(engine_is_down(f.engine));
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine_pause, gives_way_to_a_lower_wave_that_restarts) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        config_of(&f, 1)->settings->startsecs_usec = 0;
        start(&f, 1);
        exits(&f, 1, exit_failed);
        restart(&f, 0);
        f.text[0] = '\0';
        passes(&f, SEC);
        EXPECT(f, "");
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a STARTING, spawn a, b STARTING, spawn b");
}
