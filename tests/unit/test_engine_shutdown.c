/* The end of everything: modes, deadlines, and how long it may take. */
#include "engine-fixture.h"

TestSuite(engine_shutdown, .timeout = 10);

static void run_all(Fixture *f, const char *priorities) {
        add_all(f, priorities);
        for (size_t i = 0; priorities[i]; i++)
                run(f, i);
}

static uint64_t remaining(const Fixture *f) {
        return engine_remaining_stop_usec(f->engine, f->now);
}

Test(engine_shutdown, is_over_at_once_with_nothing_running) {
        FIXTURE(f);

        add_all(&f, "1");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "");
        cr_expect(engine_is_down(f.engine));
        cr_expect_eq(engine_shutdown_mode(f.engine), SHUTDOWN_GRACEFUL);
}

Test(engine_shutdown, takes_starts_and_retries_back) {
        FIXTURE(f);

        add_all(&f, "123");
        run(&f, 0);
        start(&f, 1);
        exits(&f, 1, exit_failed);
        restart(&f, 0);
        start(&f, 2);
        EXPECT(f, "b STARTING, spawn b, b BACKOFF, a STOPPING, TERM to leader of a");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 0, exit_term);
        EXPECT(f, "b STOPPED, a STOPPED");
        cr_expect(engine_is_down(f.engine));
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine_shutdown, changes_nothing_when_it_is_ordered_again) {
        FIXTURE(f);

        run_all(&f, "12");
        shut_down(&f, SHUTDOWN_FAST);
        EXPECT(f, "b STOPPING, TERM to leader of b");
        f.now += SEC;
        shut_down(&f, SHUTDOWN_FAST);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "");
        cr_expect_eq(engine_shutdown_mode(f.engine), SHUTDOWN_FAST);
        cr_expect_eq(engine_process_deadline(f.engine, 1), f.now + FAST_USEC - SEC);
}

Test(engine_shutdown, does_not_restart_what_ends_by_itself) {
        FIXTURE(f);

        run_all(&f, "12");
        config_of(&f, 0)->settings->autorestart = AUTORESTART_TRUE;
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 0, exit_failed);
        EXPECT(f, "b STOPPING, TERM to leader of b, a EXITED");
        exits(&f, 1, exit_term);
        EXPECT(f, "b STOPPED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_shutdown, is_fast_for_graces_that_run_and_graces_to_come) {
        FIXTURE(f);

        run_all(&f, "12");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        passes(&f, 3 * SEC);
        shut_down(&f, SHUTDOWN_FAST);
        EXPECT(f, "b STOPPING, TERM to leader of b");
        cr_expect_eq(remaining(&f), 2 * FAST_USEC);
        passes(&f, FAST_USEC);
        EXPECT(f, "kill tree of b");
        exits(&f, 1, exit_kill);
        passes(&f, FAST_USEC - 1);
        EXPECT(f, "b STOPPED, a STOPPING, TERM to leader of a");
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
}

Test(engine_shutdown, is_as_fast_as_it_was_last_told_to_be) {
        FIXTURE(f);

        run_all(&f, "1");
        engine_set_rules(f.engine, &(const ShutdownRules){ .fast_usec = SEC / 2,
                                                           .timeout_usec = USEC_INFINITY });
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + SEC / 2);
}

Test(engine_shutdown, that_is_fast_lengthens_no_grace) {
        FIXTURE(f);

        add_all(&f, "11");
        config_of(&f, 0)->settings->stopwait_usec = SEC;
        run(&f, 0);
        run(&f, 1);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        passes(&f, 9 * SEC); /* "a" is killed, "b" has one second left */
        f.text[0] = '\0';
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(engine_process_deadline(f.engine, 1), f.now + SEC);
}

Test(engine_shutdown, that_is_fast_ends_an_infinite_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(remaining(&f), USEC_INFINITY);
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(remaining(&f), FAST_USEC);
        passes(&f, FAST_USEC);
        EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a");
}

Test(engine_shutdown, that_is_fast_shortens_the_clearing_of_leftovers) {
        FIXTURE(f);

        run_all(&f, "1");
        exits_leaving(&f, 0, exit_done);
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + FAST_USEC);
}

Test(engine_shutdown, kills_all_waves_at_once_when_it_cannot_wait) {
        FIXTURE(f);

        run_all(&f, "123");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        shut_down(&f, SHUTDOWN_NOW);
        EXPECT(f, "c STOPPING, TERM to leader of c, a STOPPING, kill tree of a, b STOPPING, "
                  "kill tree of b, kill tree of c");
        exits(&f, 0, exit_kill);
        exits_leaving(&f, 1, exit_kill);
        exits(&f, 2, exit_kill);
        cr_expect_not(engine_is_down(f.engine));
        empties(&f, 1);
        EXPECT(f, "a STOPPED, c STOPPED, b STOPPED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_shutdown, is_not_over_before_removed_ones_are_down) {
        FIXTURE(f);

        run_all(&f, "12");
        remove_it(&f, 1);
        exits(&f, 1, exit_term); /* an entry that is empty by then */
        f.text[0] = '\0';
        remove_it(&f, 0);
        remove_it(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(remaining(&f), 10 * SEC);
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0);
        cr_expect_not(engine_is_down(f.engine));
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a removed");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_shutdown, takes_at_most_the_longest_grace_of_each_wave) {
        FIXTURE(f);

        add_all(&f, "1223");
        config_of(&f, 0)->settings->stopwait_usec = 5 * SEC;
        config_of(&f, 1)->settings->stopwait_usec = 7 * SEC;
        config_of(&f, 2)->settings->stopwait_usec = 20 * SEC;
        config_of(&f, 3)->settings->stopwait_usec = 100 * SEC;
        cr_expect_eq(remaining(&f), 0);
        for (size_t i = 0; i < 3; i++)
                run(&f, i);
        cr_expect_eq(remaining(&f), 25 * SEC, "one that is down needs no time");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        passes(&f, 4 * SEC);
        cr_expect_eq(remaining(&f), 21 * SEC);
        exits(&f, 2, exit_term);
        cr_expect_eq(remaining(&f), 8 * SEC);
        exits(&f, 1, exit_term);
        cr_expect_eq(remaining(&f), 5 * SEC);
        exits(&f, 0, exit_term);
        cr_expect_eq(remaining(&f), 0);
}

Test(engine_shutdown, may_take_for_ever_if_one_has_an_infinite_grace) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 1)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 0);
        cr_expect_eq(remaining(&f), 10 * SEC);
        run(&f, 1);
        cr_expect_eq(remaining(&f), USEC_INFINITY);
}

Test(engine_shutdown, does_not_overflow_with_long_graces) {
        FIXTURE(f);

        add_all(&f, "123");
        for (size_t i = 0; i < 3; i++) {
                config_of(&f, i)->settings->stopwait_usec = INT64_MAX - 1;
                run(&f, i);
        }
        cr_expect_eq(remaining(&f), USEC_INFINITY);
}

Test(engine_shutdown, leaves_the_time_of_a_start_to_those_that_start) {
        FIXTURE(f);

        add_all(&f, "111");
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0);
        run(&f, 0);
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0);
        start(&f, 1);
        start(&f, 2);
        exits(&f, 2, exit_failed);
        f.now += SEC / 4;
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), SEC * 3 / 4);
        f.now += SEC;
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0, "overdue");
}
