/* Ladders, the delay before a shutdown and its hard end, and what is never killed. */
#include "engine-fixture.h"

TestSuite(engine_budget, .timeout = 10);

static void set_rules(Fixture *f, uint64_t drain_usec, uint64_t timeout_usec) {
        engine_set_rules(f->engine, &(const ShutdownRules){ .fast_usec = FAST_USEC,
                                                            .drain_usec = drain_usec,
                                                            .timeout_usec = timeout_usec });
}

static void set_ladder(Fixture *f, size_t i) {
        config_of(f, i)->settings->stop_ladder = (StopLadder){
                .steps = { { SIGQUIT, 5 * SEC },
                           { SIGINT, 2 * SEC },
                           { SIGTERM, STOP_WAIT_DEFAULT } },
                .n = 3,
        };
        config_of(f, i)->settings->stopsignal = SIGQUIT;
}

Test(engine_budget, a_ladder_gives_each_signal_its_time) {
        FIXTURE(f);

        add_all(&f, "1");
        set_ladder(&f, 0);
        run(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STOPPING, QUIT to leader of a");
        passes(&f, 5 * SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "INT to leader of a");
        passes(&f, 2 * SEC);
        EXPECT(f, "TERM to leader of a");
        passes(&f, 10 * SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
}

Test(engine_budget, a_fast_shutdown_cuts_a_ladder_as_a_whole) {
        FIXTURE(f);

        add_all(&f, "1");
        set_ladder(&f, 0);
        run(&f, 0);
        shut_down(&f, SHUTDOWN_FAST);
        EXPECT(f, "a STOPPING, QUIT to leader of a");
        passes(&f, FAST_USEC);
        EXPECT(f, "kill tree of a");
}

Test(engine_budget, leftovers_have_what_is_left_of_the_whole_ladder) {
        FIXTURE(f);

        add_all(&f, "1");
        set_ladder(&f, 0);
        run(&f, 0);
        stop(&f, 0);
        f.now += SEC;
        engine_exited(f.engine, 0, exit_done, /* leftovers= */ true, f.now);
        take_actions(&f);
        EXPECT(f, "a STOPPING, QUIT to leader of a, TERM to tree of a");
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 16 * SEC);
}

Test(engine_budget, one_that_is_never_killed_is_waited_for) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->send_sigkill = false;
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        passes(&f, 1000 * SEC);
        shut_down(&f, SHUTDOWN_FAST);
        passes(&f, 1000 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), USEC_INFINITY);
        shut_down(&f, SHUTDOWN_NOW);
        EXPECT(f, "kill tree of a");
}

Test(engine_budget, nobody_is_asked_before_the_drain_is_over) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        set_rules(&f, 3 * SEC, USEC_INFINITY);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "");
        cr_expect(engine_is_draining(f.engine));
        cr_expect_eq(engine_deadline(f.engine), f.now + 3 * SEC);
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), 13 * SEC);
        passes(&f, 3 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        cr_expect_not(engine_is_draining(f.engine));
}

Test(engine_budget, a_fast_shutdown_ends_the_drain) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        set_rules(&f, 3 * SEC, USEC_INFINITY);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        shut_down(&f, SHUTDOWN_FAST);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_budget, nothing_that_ends_meanwhile_is_started_again) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->autorestart = AUTORESTART_TRUE;
        run(&f, 0);
        set_rules(&f, 3 * SEC, USEC_INFINITY);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 0, exit_failed);
        passes(&f, 3 * SEC);
        EXPECT(f, "a EXITED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_budget, a_shutdown_of_stubborn_waves_ends_at_its_timeout) {
        uint64_t begin;
        FIXTURE(f);

        add_all(&f, "123456");
        for (size_t i = 0; i < 6; i++)
                run(&f, i);
        set_rules(&f, 0, 10 * SEC);
        begin = f.now;
        shut_down(&f, SHUTDOWN_GRACEFUL);
        for (size_t i = 6; i-- > 0;) {
                uint64_t deadline = engine_process_deadline(f.engine, i);

                cr_assert_gt(deadline, f.now, "each wave has time of its own");
                passes(&f, deadline - f.now);
                exits(&f, i, exit_kill);
        }
        cr_expect(engine_is_down(f.engine));
        cr_expect_leq(f.now, begin + 10 * SEC);
        cr_expect_gt(f.now, begin + 9900 * USEC_PER_MSEC);
        cr_expect(engine_get(f.engine, 0)->run.is_cut);
}

Test(engine_budget, what_a_wave_does_not_use_is_left_to_the_others) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        run(&f, 1);
        set_rules(&f, 0, 12 * SEC);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 1, exit_term);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 10 * SEC);
        cr_expect_not(engine_get(f.engine, 0)->run.is_cut);
}

/* The loop turns a little late, so that a plan which fits exactly lacks that little in the end. */
Test(engine_budget, a_grace_that_lacks_next_to_nothing_is_not_called_cut) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        set_rules(&f, 5 * SEC, 15 * SEC);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        f.now += 5 * SEC + 2 * USEC_PER_MSEC;
        engine_elapsed(f.engine, f.now);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 10 * SEC - 2 * USEC_PER_MSEC);
        cr_expect_not(engine_get(f.engine, 0)->run.is_cut);
}

Test(engine_budget, a_stop_that_runs_already_is_cut_too) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        set_rules(&f, 0, 2 * SEC);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 2 * SEC);
}

Test(engine_budget, a_oneshot_is_up_until_it_is_done_and_not_started_again) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        config_of(&f, 0)->settings->autorestart = AUTORESTART_TRUE;
        start(&f, 0);
        cr_expect_not(engine_is_settled(f.engine));
        passes(&f, 1000 * SEC);
        EXPECT(f, "a STARTING, spawn a");
        exits(&f, 0, exit_done);
        EXPECT(f, "a EXITED");
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_budget, a_oneshot_that_fails_is_tried_again_like_any_start) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        start(&f, 0);
        passes(&f, 1000 * SEC);
        exits(&f, 0, exit_failed);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_budget, of_one_that_gets_no_sigkill_is_endless_whatever_the_timeout) {
        FIXTURE(f);

        set_rules(&f, 0, 10 * SEC);
        add_all(&f, "1");
        config_of(&f, 0)->settings->send_sigkill = false;
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), USEC_INFINITY);
}
