/* Orders that cross each other or what a process does by itself: the last one is what holds. */
#include "engine-fixture.h"

TestSuite(engine_orders, .timeout = 10);

static ProcessConfig *new_config(const char *name, int64_t priority) {
        ProcessConfig *c = sample_config(name);

        c->priority = priority;
        return c;
}

/* "a" waits to stop for "b", which takes its time. */
static void run_two_waves(Fixture *f) {
        add_all(f, "12");
        run(f, 0);
        run(f, 1);
}

Test(engine_orders, start_takes_back_a_stop_whose_turn_has_not_come) {
        FIXTURE(f);

        run_two_waves(&f);
        stop(&f, 1);
        stop(&f, 0);
        start(&f, 0);
        exits(&f, 1, exit_term);
        EXPECT(f, "b STOPPING, TERM to leader of b, b STOPPED");
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        exits(&f, 0, exit_done);
        EXPECT(f, "a EXITED");
}

Test(engine_orders, start_does_not_take_back_a_restart) {
        FIXTURE(f);

        run_two_waves(&f);
        stop(&f, 1);
        restart(&f, 0);
        start(&f, 0);
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "b STOPPING, TERM to leader of b, b STOPPED, a STOPPING, TERM to leader of a, "
                  "a STOPPED, a STARTING, spawn a");
}

Test(engine_orders, start_does_not_take_back_a_replacement) {
        FIXTURE(f);

        run_two_waves(&f);
        stop(&f, 1);
        replace(&f, 0, new_config("c", 1));
        start(&f, 0);
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "b STOPPING, TERM to leader of b, b STOPPED, a STOPPING, TERM to leader of a, "
                  "c STOPPED, c STARTING, spawn c");
}

Test(engine_orders, stop_takes_back_a_start_that_waits) {
        FIXTURE(f);

        run_two_waves(&f);
        stop(&f, 1);
        exits(&f, 1, exit_term);
        restart(&f, 0);
        start(&f, 1);
        stop(&f, 1);
        exits(&f, 0, exit_term);
        EXPECT(f, "b STOPPING, TERM to leader of b, b STOPPED, a STOPPING, TERM to leader of a, "
                  "a STOPPED, a STARTING, spawn a");
}

Test(engine_orders, stop_takes_back_the_second_half_of_a_restart) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        restart(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED");
}

Test(engine_orders, start_while_stopping_brings_it_up_again) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        start(&f, 0);
        cr_expect_eq(engine_get(f.engine, 0)->goal, GOAL_UP);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a STARTING, spawn a");
}

Test(engine_orders, start_is_not_forgotten_while_leftovers_are_cleared) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        exits_leaving(&f, 0, exit_done);
        start(&f, 0);
        empties(&f, 0);
        EXPECT(f, "a STOPPING, TERM to tree of a, a EXITED, a STARTING, spawn a");
}

Test(engine_orders, start_is_not_forgotten_when_the_last_attempt_fails) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = 0;
        start(&f, 0);
        exits_leaving(&f, 0, exit_failed);
        start(&f, 0);
        empties(&f, 0);
        EXPECT(f,
               "a STARTING, spawn a, a STOPPING, TERM to tree of a, a EXITED, a STARTING, spawn a");
}

Test(engine_orders, restart_is_not_forgotten_if_it_ends_before_its_turn) {
        FIXTURE(f);

        run_two_waves(&f);
        config_of(&f, 0)->settings->autorestart = AUTORESTART_FALSE;
        stop(&f, 1);
        restart(&f, 0);
        exits(&f, 0, exit_done);
        EXPECT(f, "b STOPPING, TERM to leader of b, a EXITED, a STARTING, spawn a");
}

Test(engine_orders, replacement_starts_even_if_the_old_one_failed_before_its_turn) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 0)->settings->startretries = 0;
        run(&f, 1);
        start(&f, 0);
        stop(&f, 1);
        replace(&f, 0, new_config("c", 1));
        exits(&f, 0, exit_failed);
        EXPECT(f, "a STARTING, spawn a, b STOPPING, TERM to leader of b, c EXITED, c STARTING, "
                  "spawn c");
        cr_expect_eq(engine_get(f.engine, 0)->failures, 0);
}

Test(engine_orders, replacement_of_one_that_never_gives_up_is_counted_as_unsettled) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 0)->settings->startretries = -1;
        run(&f, 1);
        start(&f, 0);
        for (unsigned i = 1; i <= 3; i++) {
                exits(&f, 0, exit_failed);
                passes(&f, i * SEC);
        }
        stop(&f, 1);
        replace(&f, 0, new_config("c", 1));
        exits(&f, 0, exit_failed);
        cr_expect_not(engine_is_settled(f.engine));
        passes(&f, SEC);
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_orders, restart_of_a_removed_one_does_not_keep_it) {
        FIXTURE(f);

        run_two_waves(&f);
        stop(&f, 1);
        remove_it(&f, 0);
        restart(&f, 0);
        start(&f, 0);
        exits(&f, 0, exit_failed);
        EXPECT(f, "b STOPPING, TERM to leader of b, a EXITED, a removed");
}

Test(engine_orders, removed_one_that_fails_to_start_before_its_turn_leaves_no_deadline) {
        FIXTURE(f);

        add_all(&f, "12");
        config_of(&f, 1)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 1);
        start(&f, 0);
        stop(&f, 1);
        remove_it(&f, 0);
        restart(&f, 0);
        exits(&f, 0, exit_failed);
        EXPECT(f, "a STARTING, spawn a, b STOPPING, TERM to leader of b, a EXITED, a removed");
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine_orders, replacement_of_a_removed_one_that_still_stops_keeps_it) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        remove_it(&f, 0);
        replace(&f, 0, new_config("c", 1));
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, c STOPPED, c STARTING, spawn c");
        cr_expect_not(engine_get(f.engine, 0)->removed);
}

Test(engine_orders, replacement_of_a_removed_one_follows_autostart) {
        FIXTURE(f);
        ProcessConfig *c = new_config("c", 1);

        add_all(&f, "1");
        run(&f, 0);
        remove_it(&f, 0);
        c->settings->autostart = false;
        replace(&f, 0, c);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, c STOPPED");
}

Test(engine_orders, nothing_brings_anything_up_during_a_shutdown) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        start(&f, 0);
        restart(&f, 0);
        replace(&f, 0, new_config("c", 1));
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, c STOPPED");
        start(&f, 0);
        restart(&f, 0);
        EXPECT(f, "");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_orders, update_takes_over_without_a_restart) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("c");

        add_all(&f, "1");
        run(&f, 0);
        c->settings->stopwait_usec = 3 * SEC;
        engine_update(f.engine, 0, c, f.now);
        process_config_unref(c);
        stop(&f, 0);
        EXPECT(f, "c STOPPING, TERM to leader of c");
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 3 * SEC);
}

Test(engine_orders, update_changes_what_is_to_replace_it) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("d");

        run_two_waves(&f);
        stop(&f, 1);
        replace(&f, 0, new_config("c", 1));
        engine_update(f.engine, 0, c, f.now);
        process_config_unref(c);
        cr_expect_str_eq(config_of(&f, 0)->name, "a");
        exits(&f, 0, exit_done);
        EXPECT(f, "b STOPPING, TERM to leader of b, d EXITED, d STARTING, spawn d");
}

Test(engine_orders, update_to_autostart_starts_it_with_the_plan) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("c");

        add_all(&f, "1");
        config_of(&f, 0)->settings->autostart = false;
        engine_update(f.engine, 0, c, f.now);
        process_config_unref(c);
        EXPECT(f, "");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "c STARTING, spawn c");
}

Test(engine_orders, update_counts_anew_what_is_settled) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("c");

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = -1;
        start(&f, 0);
        for (unsigned n = 1; n <= 3; n++) {
                exits(&f, 0, exit_failed);
                passes(&f, n * SEC);
        }
        cr_expect(engine_is_settled(f.engine));
        engine_update(f.engine, 0, c, f.now);
        process_config_unref(c);
        cr_expect_not(engine_is_settled(f.engine));
        passes(&f, SEC);
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_orders, restart_of_one_that_is_being_removed_means_nothing) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        remove_it(&f, 0);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        restart(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a removed");
}

Test(engine_orders, retiring_twice_is_retiring_once) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        engine_retire(f.engine, 0, f.now);
        engine_retire(f.engine, 0, f.now);
        take_actions(&f);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a removed");
}

Test(engine_orders, start_of_a_new_entry_in_an_old_one_s_place_waits_for_the_plan) {
        ProcessConfig *c = sample_config("c");
        FIXTURE(f);

        add_all(&f, "11");
        engine_remove(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a removed");
        add(&f, c);
        start(&f, 0);
        start(&f, 1);
        EXPECT(f, "b STARTING, spawn b");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "c STARTING, spawn c");
}

Test(engine_orders, spare_may_go_before_there_is_a_plan_with_it) {
        ProcessConfig *c = sample_config("b");
        FIXTURE(f);

        add_all(&f, "1");
        add(&f, c);
        engine_set_spare(f.engine, 1, true);
        engine_retire(f.engine, 1, f.now);
        take_actions(&f);
        EXPECT(f, "b removed");
}

Test(engine_orders, one_that_is_only_held_up_waits_for_nobody) {
        size_t other;
        FIXTURE(f);

        add_all(&f, "12");
        engine_hold(f.engine);
        engine_start(f.engine, 0, f.now);
        cr_expect_not(engine_is_waiting(f.engine, 0, &other));
        engine_release(f.engine, f.now);
        take_actions(&f);
        engine_remove(f.engine, 1, f.now);
        take_actions(&f);
        cr_expect_not(engine_is_waiting(f.engine, 1, &other));
}

Test(engine_orders, one_that_may_run_as_long_as_it_likes_has_no_next_step) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);

        c->settings->type = PROCESS_TYPE_ONESHOT;
        add(&f, c);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        start(&f, 0);
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0);
}
