/* Processes that tell how they are while they live, and what follows from it. */
#include "config/keys/value-command.h"
#include "engine-fixture.h"

TestSuite(engine_life, .timeout = 10);

static const Process *process(const Fixture *f) {
        return engine_get(f->engine, 0);
}

static uint64_t deadline(const Fixture *f) {
        return engine_process_deadline(f->engine, 0);
}

static void says_ready(Fixture *f) {
        engine_ready(f->engine, 0, f->now);
        take_actions(f);
}

static void fails(Fixture *f, Failure why) {
        cr_expect(engine_fail(f->engine, 0, why, f->now));
        take_actions(f);
}

static uint64_t extends(Fixture *f, uint64_t usec) {
        uint64_t until = engine_extend(f->engine, 0, usec, f->now);

        take_actions(f);
        return until;
}

/* ---------------------------------------------------------------- watchdog */

static void run_watched(Fixture *f) {
        add_all(f, "1");
        config_of(f, 0)->settings->watchdog_usec = 5 * SEC;
        run(f, 0);
}

Test(engine_life, silence_beyond_the_watchdog_is_a_failure) {
        FIXTURE(f);

        run_watched(&f);
        passes(&f, 4 * SEC);
        EXPECT(f, "");
        passes(&f, SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        cr_expect_eq(process(&f)->run.failure, FAILURE_WATCHDOG);
        exits(&f, 0, exit_done); /* an exit status that is expected else */
        EXPECT(f, "a EXITED, a STARTING, spawn a");
        cr_expect_eq(process(&f)->run.failure, FAILURE_NONE);
        cr_expect_not(process_ended_well(process(&f)), "the last run had failed");
}

Test(engine_life, signs_of_life_keep_it_up) {
        FIXTURE(f);

        run_watched(&f);
        for (int i = 0; i < 10; i++) {
                passes(&f, 4 * SEC);
                engine_alive(f.engine, 0, f.now);
        }
        cr_expect_eq(deadline(&f), f.now + 5 * SEC);
        EXPECT(f, "");
}

Test(engine_life, is_watched_from_the_moment_when_it_is_ready) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->watchdog_usec = 5 * SEC;
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        run(&f, 0);
        passes(&f, 60 * SEC);
        EXPECT(f, "");
        says_ready(&f);
        cr_expect_eq(deadline(&f), f.now + 5 * SEC);
}

Test(engine_life, ready_before_startsecs_is_watched_only_after_them) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->watchdog_usec = SEC / 2;
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        start(&f, 0);
        says_ready(&f);
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
        passes(&f, SEC / 2);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_life, watchdog_can_be_changed_by_the_process) {
        FIXTURE(f);

        run_watched(&f);
        passes(&f, SEC);
        engine_set_watchdog(f.engine, 0, 20 * SEC, f.now);
        cr_expect_eq(deadline(&f), f.now + 20 * SEC);
        engine_set_watchdog(f.engine, 0, 0, f.now);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
        restart(&f, 0);
        exits(&f, 0, exit_term);
        passes(&f, SEC);
        cr_expect_eq(deadline(&f), f.now + 5 * SEC, "the next run has the configured one");
}

Test(engine_life, infinite_watchdog_is_none) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->watchdog_usec = DURATION_INFINITY;
        run(&f, 0);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
}

/* ---------------------------------------------------------------- failures */

Test(engine_life, failed_process_is_not_started_again_with_autorestart_false) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->autorestart = AUTORESTART_FALSE;
        run(&f, 0);
        fails(&f, FAILURE_UNHEALTHY);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STOPPING, TERM to leader of a, a EXITED");
        cr_expect_not(process_ended_well(process(&f)));
}

Test(engine_life, failed_process_is_killed_after_its_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        fails(&f, FAILURE_UNHEALTHY);
        passes(&f, 10 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a");
}

Test(engine_life, failure_before_it_is_up_is_a_failed_start) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        fails(&f, FAILURE_TRIGGERED);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a, a BACKOFF");
}

Test(engine_life, failed_oneshot_has_not_done_its_work_whatever_its_status) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        config_of(&f, 0)->settings->startretries = 0;
        start(&f, 0);
        fails(&f, FAILURE_TRIGGERED);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a, a FATAL");
}

Test(engine_life, failure_of_one_that_stops_or_is_down_means_nothing) {
        FIXTURE(f);

        add_all(&f, "1");
        cr_expect_not(engine_fail(f.engine, 0, FAILURE_UNHEALTHY, f.now));
        run(&f, 0);
        stop(&f, 0);
        cr_expect_not(engine_fail(f.engine, 0, FAILURE_UNHEALTHY, f.now));
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED");
}

Test(engine_life, stop_of_a_failed_process_leaves_it_down) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        fails(&f, FAILURE_UNHEALTHY);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED");
}

/* ---------------------------------------------------------------- an end of its own */

Test(engine_life, leaving_process_is_not_ready_and_its_exit_its_own) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        cr_expect(engine_is_ready(f.engine));
        cr_expect(engine_leaving(f.engine, 0, f.now));
        cr_expect_not(process(&f)->run.ready);
        cr_expect_not(engine_is_ready(f.engine));
        says_ready(&f);
        cr_expect_not(process(&f)->run.ready, "it cannot be taken back");
        exits(&f, 0, exit_done);
        EXPECT(f, "a EXITED");
        cr_expect(engine_is_ready(f.engine), "an expected end is none that is missed");
}

Test(engine_life, leaving_process_that_does_not_end_is_stopped) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        engine_leaving(f.engine, 0, f.now);
        passes(&f, 8 * SEC);
        cr_expect_eq(extends(&f, 7 * SEC), f.now + 7 * SEC);
        passes(&f, 7 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        cr_expect_eq(process(&f)->run.failure, FAILURE_LINGERING);
}

Test(engine_life, leaving_before_it_is_up_does_not_make_it_ready) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        engine_leaving(f.engine, 0, f.now);
        passes(&f, SEC);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        cr_expect_not(process(&f)->run.ready);
}

Test(engine_life, reloading_process_stays_ready) {
        FIXTURE(f);

        add_all(&f, "1");
        cr_expect_not(engine_reloading(f.engine, 0));
        run(&f, 0);
        cr_expect(engine_reloading(f.engine, 0));
        cr_expect(process(&f)->run.ready);
        cr_expect(engine_is_ready(f.engine));
        says_ready(&f);
        cr_expect_not(process(&f)->run.reloading);
}

/* ---------------------------------------------------------------- more time */

Test(engine_life, start_is_extended_as_long_as_that_is_repeated) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        config_of(&f, 0)->settings->readiness_timeout_usec = 10 * SEC;
        start(&f, 0);
        cr_expect_eq(extends(&f, 5 * SEC), 0, "it has more already");
        cr_expect_eq(extends(&f, 12 * SEC), f.now + 12 * SEC);
        passes(&f, SEC);
        passes(&f, 10 * SEC);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
        cr_expect_eq(extends(&f, 12 * SEC), f.now + 12 * SEC);
        passes(&f, 12 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_life, extension_never_shortens_what_it_has) {
        FIXTURE(f);
        ProcessConfig *shorter = sample_config("a");

        add_all(&f, "1");
        config_of(&f, 0)->settings->readiness.kind = shorter->settings->readiness.kind =
                READINESS_NOTIFY;
        shorter->settings->readiness_timeout_usec = 2 * SEC;
        start(&f, 0);
        passes(&f, SEC);
        engine_update(f.engine, 0, shorter, f.now);
        process_config_unref(shorter);
        cr_expect_eq(extends(&f, 5 * SEC), 0, "what has begun keeps its length");
        engine_alive(f.engine, 0, f.now);
        cr_expect_eq(deadline(&f), f.now + 89 * SEC);
}

Test(engine_life, one_that_is_ready_has_no_time_to_extend) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        cr_expect_eq(extends(&f, 100 * SEC), 0);
        passes(&f, SEC);
        cr_expect_eq(extends(&f, 100 * SEC), 0);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        cr_expect_eq(extends(&f, 100 * SEC), 0);
}

Test(engine_life, forking_program_may_take_longer_to_show_its_main_process) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_FORKING;
        config_of(&f, 0)->settings->readiness_timeout_usec = 2 * SEC;
        start(&f, 0);
        cr_expect_eq(extends(&f, 5 * SEC), f.now + 5 * SEC);
        passes(&f, 4 * SEC);
        EXPECT(f, "a STARTING, spawn a");
        passes(&f, SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_life, stop_is_extended_as_long_as_that_is_repeated) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        for (int i = 0; i < 5; i++) {
                passes(&f, 9 * SEC);
                cr_expect_eq(extends(&f, 10 * SEC), f.now + 10 * SEC);
        }
        EXPECT(f, "");
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), 10 * SEC);
        passes(&f, 10 * SEC);
        EXPECT(f, "kill tree of a");
        cr_expect_eq(extends(&f, 10 * SEC), 0);
}

Test(engine_life, extension_of_a_ladder_s_step_puts_off_those_that_follow) {
        FIXTURE(f);
        static const StopLadder ladder = {
                .steps = { { SIGQUIT, 20 * SEC }, { SIGTERM, 10 * SEC } }, .n = 2
        };

        add_all(&f, "1");
        config_of(&f, 0)->settings->stop_ladder = ladder;
        run(&f, 0);
        stop(&f, 0);
        cr_expect_eq(extends(&f, 25 * SEC), f.now + 25 * SEC);
        passes(&f, 24 * SEC);
        EXPECT(f, "a STOPPING, QUIT to leader of a");
        passes(&f, SEC);
        EXPECT(f, "TERM to leader of a");
        passes(&f, 10 * SEC);
        EXPECT(f, "kill tree of a");
}

Test(engine_life, leftovers_may_be_given_more_time) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        exits_leaving(&f, 0, exit_term);
        cr_expect_eq(extends(&f, 30 * SEC), f.now + 30 * SEC);
        passes(&f, 29 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a, TERM to tree of a");
        passes(&f, SEC);
        EXPECT(f, "kill tree of a");
}

Test(engine_life, extension_while_pre_stop_command_runs_is_for_what_follows) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->pre_stop.text = strdup("x");
        config_of(&f, 0)->settings->pre_stop.argv = calloc(2, sizeof(char *));
        config_of(&f, 0)->settings->pre_stop.argv[0] = strdup("x");
        config_of(&f, 0)->settings->hook_timeout_usec = 5 * SEC;
        run(&f, 0);
        stop(&f, 0);
        cr_assert_eq(phase_of(&f, 0), PHASE_DRAINING);
        cr_expect_eq(extends(&f, 30 * SEC), f.now + 30 * SEC);
        f.text[0] = '\0';
        engine_hook_ended(f.engine, 0, 0, f.now);
        take_actions(&f);
        EXPECT(f, "TERM to leader of a");
        passes(&f, 29 * SEC);
        EXPECT(f, "");
        passes(&f, SEC);
        EXPECT(f, "kill tree of a");
}

Test(engine_life, stop_is_not_extended_beyond_what_shutdown_timeout_leaves) {
        FIXTURE(f);
        ShutdownRules rules = { .fast_usec = FAST_USEC, .timeout_usec = 30 * SEC };
        uint64_t end;

        add_all(&f, "12");
        engine_set_rules(f.engine, &rules);
        run(&f, 0);
        run(&f, 1);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        end = f.now + 30 * SEC;
        cr_expect_eq(engine_extend(f.engine, 1, 100 * SEC, f.now), end - 10 * SEC,
                     "the first wave's own grace stays untouched");
        passes(&f, 20 * SEC);
        exits(&f, 1, exit_kill);
        cr_expect_eq(extends(&f, 100 * SEC), 0);
        cr_expect_eq(deadline(&f), end);
}

Test(engine_life, stop_is_not_extended_in_a_fast_shutdown) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        extends(&f, 100 * SEC);
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(deadline(&f), f.now + FAST_USEC);
        cr_expect_eq(extends(&f, 100 * SEC), 0);
        cr_expect_eq(deadline(&f), f.now + FAST_USEC);
}

/* ---------------------------------------------------------------- all ready */

Test(engine_life, all_is_ready_only_while_each_that_should_be_up_is) {
        FIXTURE(f);

        cr_expect(engine_is_ready(f.engine), "nobody is missing");
        add_all(&f, "11");
        cr_expect(engine_is_ready(f.engine), "nobody is wanted");
        start(&f, 0);
        cr_expect_not(engine_is_ready(f.engine));
        passes(&f, SEC);
        cr_expect(engine_is_ready(f.engine));
        exits(&f, 0, exit_failed);
        cr_expect_not(engine_is_ready(f.engine));
        passes(&f, SEC);
        cr_expect(engine_is_ready(f.engine));
        stop(&f, 0);
        cr_expect(engine_is_ready(f.engine), "it shall not be up");
        start(&f, 1);
        cr_expect_not(engine_is_ready(f.engine));
}

Test(engine_life, one_that_has_given_up_is_missing_though_settled) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = 0;
        start(&f, 0);
        exits(&f, 0, exit_failed);
        cr_expect(engine_is_settled(f.engine));
        cr_expect_not(engine_is_ready(f.engine));
        remove_it(&f, 0);
        cr_expect(engine_is_ready(f.engine));
}

Test(engine_life, nothing_is_ready_once_a_shutdown_has_begun) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_not(engine_is_ready(f.engine));
        exits(&f, 0, exit_term);
        cr_expect_not(engine_is_ready(f.engine));
}

static void end_within(Fixture *f, uint64_t timeout_usec) {
        engine_set_rules(f->engine, &(const ShutdownRules){ .fast_usec = FAST_USEC,
                                                            .timeout_usec = timeout_usec });
}

Test(engine_life, stop_is_not_extended_before_waves_that_take_all_there_is) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 0)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 0);
        run(&f, 1);
        end_within(&f, 20 * SEC);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(engine_extend(f.engine, 1, 15 * SEC, f.now), 0);
}

Test(engine_life, extension_of_a_step_before_an_endless_one_leaves_that_endless) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->stop_ladder =
                (StopLadder){ .steps = { { SIGQUIT, 2 * SEC }, { SIGTERM, DURATION_INFINITY } },
                              .n = 2 };
        run(&f, 0);
        stop(&f, 0);
        cr_expect_eq(engine_extend(f.engine, 0, 5 * SEC, f.now), f.now + 5 * SEC);
        cr_expect_eq(engine_get(f.engine, 0)->run.grace_end_usec, USEC_INFINITY);
}

Test(engine_life, extension_while_pre_stop_command_runs_keeps_to_the_end_of_the_shutdown) {
        FIXTURE(f);
        char *why;

        add_all(&f, "1");
        cr_assert_eq(command_parse("hook", &config_of(&f, 0)->settings->pre_stop, &why), 0);
        run(&f, 0);
        end_within(&f, 15 * SEC);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(engine_extend(f.engine, 0, 60 * SEC, f.now), f.now + 15 * SEC);
        shut_down(&f, SHUTDOWN_FAST);
        cr_expect_eq(engine_extend(f.engine, 0, 60 * SEC, f.now), 0);
}

Test(engine_life, one_that_is_gone_before_its_pre_stop_command_gets_no_more_time) {
        FIXTURE(f);
        char *why;

        add_all(&f, "1");
        cr_assert_eq(command_parse("hook", &config_of(&f, 0)->settings->pre_stop, &why), 0);
        run(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_done);
        cr_assert_eq(phase_of(&f, 0), PHASE_DRAINING);
        cr_expect_eq(engine_extend(f.engine, 0, 60 * SEC, f.now), 0);
}

Test(engine_life, one_whose_spawn_was_not_taken_yet_says_nothing) {
        FIXTURE(f);

        add_all(&f, "1");
        engine_start(f.engine, 0, f.now);
        cr_expect_not(engine_fail(f.engine, 0, FAILURE_TRIGGERED, f.now));
        cr_expect_not(engine_leaving(f.engine, 0, f.now));
}
