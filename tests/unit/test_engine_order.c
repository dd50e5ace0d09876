/* Waves: whose turn it is. */
#include "engine-fixture.h"

TestSuite(engine_order, .timeout = 10);

static void run_all(Fixture *f, const char *priorities) {
        add_all(f, priorities);
        for (size_t i = 0; priorities[i]; i++)
                run(f, i);
}

/* In reverse order, as "stop all" and "restart all" give theirs. */
static void each_backwards(Fixture *f, void (*order)(Fixture *, size_t)) {
        for (size_t i = engine_size(f->engine); i-- > 0;)
                order(f, i);
}

Test(engine_order, starts_all_that_wait_for_the_plan_wave_by_wave) {
        FIXTURE(f);

        for (size_t i = 0; i < 3; i++) {
                ProcessConfig *c = sample_config((const char[]){ (char)('a' + i), '\0' });

                c->priority = 3 - (int64_t)i;
                add(&f, c);
                start(&f, i);
        }
        EXPECT(f, "");
        cr_expect_not(engine_is_settled(f.engine));
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "c STARTING, spawn c, b STARTING, spawn b, a STARTING, spawn a");
}

Test(engine_order, does_not_wait_for_lower_waves_to_be_up) {
        FIXTURE(f);

        add_all(&f, "12");
        start(&f, 0);
        start(&f, 1);
        EXPECT(f, "a STARTING, spawn a, b STARTING, spawn b");
}

Test(engine_order, stops_waves_in_reverse_and_each_when_the_one_above_is_down) {
        FIXTURE(f);

        run_all(&f, "123");
        each_backwards(&f, stop);
        EXPECT(f, "c STOPPING, TERM to leader of c");
        exits_leaving(&f, 2, exit_term);
        EXPECT(f, "TERM to tree of c");
        empties(&f, 2);
        EXPECT(f, "c STOPPED, b STOPPING, TERM to leader of b");
        exits(&f, 1, exit_term);
        EXPECT(f, "b STOPPED, a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED");
}

Test(engine_order, stops_the_members_of_a_wave_together) {
        FIXTURE(f);

        run_all(&f, "1222");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "b STOPPING, TERM to leader of b, c STOPPING, TERM to leader of c, "
                  "d STOPPING, TERM to leader of d");
        exits(&f, 2, exit_term);
        exits(&f, 1, exit_term);
        EXPECT(f, "c STOPPED, b STOPPED");
        exits(&f, 3, exit_term);
        EXPECT(f, "d STOPPED, a STOPPING, TERM to leader of a");
}

Test(engine_order, restarts_all_by_going_down_first_and_then_up) {
        FIXTURE(f);

        run_all(&f, "122");
        each_backwards(&f, restart);
        EXPECT(f, "c STOPPING, TERM to leader of c, b STOPPING, TERM to leader of b");
        exits(&f, 1, exit_term);
        EXPECT(f, "b STOPPED");
        exits(&f, 2, exit_term);
        EXPECT(f, "c STOPPED, a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a STARTING, spawn a, b STARTING, spawn b, c STARTING, spawn c");
}

Test(engine_order, starts_a_higher_wave_only_after_a_lower_one_that_restarts) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        restart(&f, 0);
        start(&f, 1);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a STARTING, spawn a, b STARTING, spawn b");
}

Test(engine_order, starts_a_higher_wave_at_once_if_a_lower_one_goes_down_for_good) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        stop(&f, 0);
        start(&f, 1);
        EXPECT(f, "a STOPPING, TERM to leader of a, b STARTING, spawn b");
}

Test(engine_order, retries_a_higher_wave_only_after_a_lower_one_that_restarts) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        start(&f, 1);
        exits(&f, 1, exit_failed);
        restart(&f, 0);
        passes(&f, SEC);
        EXPECT(f, "b STARTING, spawn b, b BACKOFF, a STOPPING, TERM to leader of a");
        cr_expect_not(engine_is_settled(f.engine));
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a STARTING, spawn a, b STARTING, spawn b");
}

Test(engine_order, does_not_hold_up_a_stop_for_an_exit_that_nobody_asked_for) {
        FIXTURE(f);

        run_all(&f, "12");
        exits_leaving(&f, 1, exit_done);
        stop(&f, 0);
        EXPECT(f, "b STOPPING, TERM to tree of b, a STOPPING, TERM to leader of a");
}

Test(engine_order, waits_for_leftovers_that_were_being_cleared_when_the_stop_came) {
        FIXTURE(f);

        run_all(&f, "12");
        exits_leaving(&f, 1, exit_done);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "b STOPPING, TERM to tree of b");
        empties(&f, 1);
        EXPECT(f, "b STOPPED, a STOPPING, TERM to leader of a");
}

Test(engine_order, passes_the_turn_on_when_a_waiting_one_ends_by_itself) {
        FIXTURE(f);

        run_all(&f, "123");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 1, exit_done);
        EXPECT(f, "c STOPPING, TERM to leader of c, b EXITED");
        exits(&f, 2, exit_term);
        EXPECT(f, "c STOPPED, a STOPPING, TERM to leader of a");
}

Test(engine_order, kills_one_without_its_turn) {
        FIXTURE(f);

        run_all(&f, "12");
        stop(&f, 1);
        kill_now(&f, 0);
        EXPECT(f, "b STOPPING, TERM to leader of b, a STOPPING, kill tree of a");
}

Test(engine_order, follows_a_new_plan_for_turns_that_still_wait) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("z");

        run_all(&f, "12");
        c->priority = 5;
        replace(&f, 0, c);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        stop(&f, 1);
        EXPECT(f, "");
        exits(&f, 0, exit_term);
        EXPECT(f, "z STOPPED, b STOPPING, TERM to leader of b, z STARTING, spawn z");
}

Test(engine_order, replaces_all_down_in_reverse_and_up_again) {
        FIXTURE(f);

        run_all(&f, "12");
        for (size_t i = 0; i < 2; i++) {
                ProcessConfig *c = sample_config(i == 0 ? "x" : "y");

                c->priority = 1 + (int64_t)i;
                engine_replace(f.engine, i, c, f.now);
                process_config_unref(c);
        }
        EXPECT(f, "");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "b STOPPING, TERM to leader of b");
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "y STOPPED, a STOPPING, TERM to leader of a, x STOPPED, x STARTING, spawn x, "
                  "y STARTING, spawn y");
}

Test(engine_order, uses_the_index_of_a_removed_one_again) {
        FIXTURE(f);
        size_t index = 42;
        ProcessConfig *c = sample_config("c");

        run_all(&f, "12");
        remove_it(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a removed");
        cr_expect_null(engine_get(f.engine, 0)->config);
        cr_expect_eq(engine_size(f.engine), 2);

        cr_assert_eq(engine_add(f.engine, c, &index), 0);
        process_config_unref(c);
        cr_expect_eq(index, 0);
        start(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL); /* before it is in any plan */
        EXPECT(f, "b STOPPING, TERM to leader of b");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        exits(&f, 1, exit_term);
        EXPECT(f, "b STOPPED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_order, removes_one_that_is_down_at_once) {
        FIXTURE(f);

        add_all(&f, "11");
        start(&f, 1);
        exits(&f, 1, exit_failed);
        remove_it(&f, 0);
        remove_it(&f, 1);
        EXPECT(f, "b STARTING, spawn b, b BACKOFF, a removed, b STOPPED, b removed");
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        cr_expect_eq(engine_plan(f.engine)->n_order, 0);
}

Test(engine_order, what_is_asked_for_during_a_hold_begins_together_in_the_plans_order) {
        FIXTURE(f);

        add_all(&f, "321");
        engine_hold(f.engine);
        for (size_t i = 0; i < 3; i++)
                engine_start(f.engine, i, f.now);
        engine_release(f.engine, f.now);
        take_actions(&f);
        EXPECT(f, "c STARTING, spawn c, b STARTING, spawn b, a STARTING, spawn a");

        passes(&f, SEC);
        for (size_t i = 0; i < 3; i++)
                cr_assert_eq(phase_of(&f, i), PHASE_RUNNING);
        f.text[0] = '\0';
        engine_hold(f.engine);
        for (size_t i = 3; i-- > 0;)
                engine_stop(f.engine, i, f.now);
        engine_release(f.engine, f.now);
        take_actions(&f);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_order, what_was_disabled_does_not_begin_on_its_own) {
        FIXTURE(f);
        ProcessConfig *before = sample_config("a"), *after = sample_config("a");

        before->settings->autostart = false;
        after->settings->autostart = true;
        add(&f, before);
        engine_set_disabled(f.engine, 0, true);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        engine_update(f.engine, 0, after, f.now);
        engine_replace(f.engine, 0, after, f.now);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "");
        process_config_unref(after);
}
