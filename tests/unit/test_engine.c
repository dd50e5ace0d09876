/* One process by itself: starts, retries, exits, signals and their deadlines. */
#include "engine-fixture.h"

TestSuite(engine, .timeout = 10);

static uint64_t deadline(const Fixture *f) {
        return engine_process_deadline(f->engine, 0);
}

Test(engine, is_stopped_and_never_started_when_it_is_added) {
        FIXTURE(f);

        add_all(&f, "1");
        cr_expect_eq(phase_of(&f, 0), PHASE_STOPPED);
        cr_expect_eq(engine_get(f.engine, 0)->spawned_usec, 0);
        cr_expect_eq(engine_get(f.engine, 0)->ended_usec, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        EXPECT(f, "");
}

Test(engine, is_running_after_startsecs) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        EXPECT(f, "a STARTING, spawn a");
        passes(&f, SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "a RUNNING");
        cr_expect_eq(engine_get(f.engine, 0)->changed_usec, f.now);
        cr_expect_eq(engine_get(f.engine, 0)->spawned_usec, f.now - SEC);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
}

Test(engine, is_running_at_once_with_startsecs_of_zero_or_less) {
        for (int64_t startsecs = -1; startsecs <= 0; startsecs++) {
                FIXTURE(f);

                add_all(&f, "1");
                config_of(&f, 0)->settings->startsecs_usec = startsecs;
                start(&f, 0);
                passes(&f, 0);
                EXPECT(f, "a STARTING, spawn a, a RUNNING");
        }
}

Test(engine, has_exited_not_failed_with_startsecs_of_zero) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        start(&f, 0);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a EXITED");
}

Test(engine, has_been_up_if_it_exits_at_the_instant_of_startsecs) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        f.now += SEC;
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a EXITED");
}

Test(engine, failed_to_start_if_it_exits_one_microsecond_before) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        f.now += SEC - 1;
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
}

Test(engine, is_never_running_with_startsecs_infinity) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = DURATION_INFINITY;
        start(&f, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        f.now += 1000000 * SEC;
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
}

Test(engine, retries_after_one_two_three_seconds_and_gives_up) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        EXPECT(f, "a STARTING, spawn a");
        for (unsigned n = 1; n <= 3; n++) {
                exits(&f, 0, exit_failed);
                EXPECT(f, "a BACKOFF");
                cr_expect_eq(engine_get(f.engine, 0)->failures, n);
                passes(&f, n * SEC - 1);
                EXPECT(f, "");
                passes(&f, 1);
                EXPECT(f, "a STARTING, spawn a");
        }
        exits(&f, 0, exit_failed);
        EXPECT(f, "a FATAL");
        cr_expect_eq(engine_get(f.engine, 0)->failures, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine, counts_failed_spawns_like_early_exits) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = 1;
        start(&f, 0);
        spawn_fails(&f, 0);
        passes(&f, SEC);
        spawn_fails(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF, a STARTING, spawn a, a FATAL");
        cr_expect_eq(engine_get(f.engine, 0)->exit.kind, EXIT_SPAWN_FAILED);
        cr_expect_eq(engine_get(f.engine, 0)->exit.value, ENOENT);
}

Test(engine, has_all_its_retries_again_once_it_was_running) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        exits(&f, 0, exit_failed);
        passes(&f, SEC);
        passes(&f, SEC);
        exits(&f, 0, exit_failed);
        cr_expect_eq(engine_get(f.engine, 0)->failures, 0);
        exits(&f, 0, exit_failed);
        cr_expect_eq(engine_get(f.engine, 0)->failures, 1);
}

Test(engine, keeps_the_count_of_failures_over_a_stop_in_backoff) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        exits(&f, 0, exit_failed);
        stop(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF, a STOPPED");
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        cr_expect_eq(engine_get(f.engine, 0)->failures, 1);
}

Test(engine, restarts_at_once_after_an_exit_that_it_has_to_come_back_from) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        exits(&f, 0, exit_failed);
        EXPECT(f, "a EXITED, a STARTING, spawn a");
}

Test(engine, waits_with_jitter_within_its_bounds) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->backoff_jitter = 0.5;
        config_of(&f, 0)->settings->startretries = -1;
        config_of(&f, 0)->settings->startsecs_usec = DURATION_INFINITY;
        start(&f, 0);
        for (unsigned n = 1; n < 20; n++) {
                exits(&f, 0, exit_failed);
                cr_expect_geq(deadline(&f), f.now + n * SEC);
                cr_expect_leq(deadline(&f), f.now + n * SEC * 3 / 2);
                passes(&f, n * SEC * 3 / 2);
                cr_assert_eq(phase_of(&f, 0), PHASE_STARTING);
        }
}

Test(engine, asks_then_waits_out_the_grace_then_kills_and_kills_again) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        cr_expect_eq(engine_get(f.engine, 0)->run.asked_usec, f.now);
        passes(&f, 10 * SEC - 1);
        EXPECT(f, "");
        cr_expect_not(engine_get(f.engine, 0)->run.killed);
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
        cr_expect(engine_get(f.engine, 0)->run.killed);
        passes(&f, KILL_AGAIN_USEC);
        EXPECT(f, "kill tree of a");
        exits(&f, 0, exit_kill);
        EXPECT(f, "a STOPPED");
        cr_expect_eq(engine_get(f.engine, 0)->ended_usec, f.now);
}

Test(engine, gives_leftovers_what_is_left_of_the_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        passes(&f, 4 * SEC);
        exits_leaving(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, TERM to tree of a");
        cr_expect_eq(deadline(&f), f.now + 6 * SEC);
        passes(&f, 6 * SEC);
        EXPECT(f, "kill tree of a");
        empties(&f, 0);
        EXPECT(f, "a STOPPED");
}

Test(engine, gives_leftovers_of_an_exit_a_whole_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        exits_leaving(&f, 0, exit_done);
        cr_expect_eq(deadline(&f), f.now + 10 * SEC);
        empties(&f, 0);
        EXPECT(f, "a STOPPING, TERM to tree of a, a EXITED");
}

Test(engine, leaves_leftovers_alone_with_kill_mode_process) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->kill_mode = KILL_MODE_PROCESS;
        run(&f, 0);
        exits_leaving(&f, 0, exit_done);
        EXPECT(f, "a EXITED");
}

Test(engine, sends_its_signals_as_far_as_its_kill_mode_says) {
        static const struct {
                KillMode mode;
                bool stopasgroup, killasgroup;
                const char *asks, *kills;
        } cases[] = {
                { KILL_MODE_MIXED, false, false, "leader", "tree" },
                { KILL_MODE_MIXED, true, true, "group", "tree" },
                { KILL_MODE_MIXED, false, true, "leader", "tree" },
                { KILL_MODE_CONTROL_GROUP, false, false, "tree", "tree" },
                { KILL_MODE_CONTROL_GROUP, true, true, "tree", "tree" },
                { KILL_MODE_PROCESS, false, false, "leader", "leader" },
                { KILL_MODE_PROCESS, false, true, "leader", "group" },
                { KILL_MODE_PROCESS, true, true, "group", "group" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                FIXTURE(f);
                char text[100];

                add_all(&f, "1");
                config_of(&f, 0)->settings->kill_mode = cases[i].mode;
                config_of(&f, 0)->settings->stopasgroup = cases[i].stopasgroup;
                config_of(&f, 0)->settings->killasgroup = cases[i].killasgroup;
                config_of(&f, 0)->settings->stopsignal = SIGQUIT;
                run(&f, 0);
                stop(&f, 0);
                passes(&f, 10 * SEC);
                snprintf(text, sizeof(text), "a STOPPING, QUIT to %s of a, kill %s of a",
                         cases[i].asks, cases[i].kills);
                EXPECT(f, text);
        }
}

Test(engine, kills_at_once_after_a_grace_of_zero_or_less) {
        for (int64_t grace = -1; grace <= 0; grace++) {
                FIXTURE(f);

                add_all(&f, "1");
                config_of(&f, 0)->settings->stopwait_usec = grace;
                run(&f, 0);
                stop(&f, 0);
                passes(&f, 0);
                EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a");
        }
}

Test(engine, never_kills_with_an_infinite_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 0);
        stop(&f, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        kill_now(&f, 0);
        EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a");
}

Test(engine, asks_with_signal_zero_by_waiting) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->stopsignal = 0;
        run(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STOPPING, 0 to leader of a");
}

Test(engine, adds_the_longest_durations_to_the_latest_times) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = INT64_MAX - 1;
        config_of(&f, 0)->settings->stopwait_usec = INT64_MAX - 1;
        f.now = UINT64_MAX - 10;
        start(&f, 0);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
        stop(&f, 0);
        cr_expect_eq(deadline(&f), USEC_INFINITY);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a, a STOPPED");
}

Test(engine, is_told_when_it_has_to_be_called_next) {
        FIXTURE(f);

        add_all(&f, "11");
        start(&f, 0);
        f.now += SEC / 2;
        start(&f, 1);
        cr_expect_eq(engine_deadline(f.engine), f.now + SEC / 2);
        passes(&f, SEC / 2);
        cr_expect_eq(engine_deadline(f.engine), f.now + SEC / 2);
        passes(&f, SEC / 2);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine, ignores_news_of_a_process_that_is_down) {
        FIXTURE(f);

        add_all(&f, "1");
        exits(&f, 0, exit_done);
        empties(&f, 0);
        spawn_fails(&f, 0);
        EXPECT(f, "");
        cr_expect_eq(engine_get(f.engine, 0)->exit.kind, EXIT_NONE);
}

Test(engine, remembers_what_the_last_run_was_like) {
        FIXTURE(f);
        const Process *p;

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        p = engine_get(f.engine, 0);
        cr_expect_eq(p->exit.kind, EXIT_SIGNAL);
        cr_expect_eq(p->exit.value, SIGTERM);
        cr_expect(p->run.was_up);
        start(&f, 0);
        p = engine_get(f.engine, 0);
        cr_expect_eq(p->exit.kind, EXIT_SIGNAL, "until the present run ends");
        cr_expect_not(p->run.was_up);
        cr_expect_eq(p->run.asked_usec, 0);
}
