/* Actions that are taken late, with other things happening in between. */
#include "engine-fixture.h"

TestSuite(engine_actions, .timeout = 10);

/* The calls of the engine itself: nothing takes actions but the test. */
static void begin(Fixture *f, size_t i) {
        engine_start(f->engine, i, f->now);
}

static void end(Fixture *f, size_t i, ProcessExit exit, bool leftovers) {
        engine_exited(f->engine, i, exit, leftovers, f->now);
}

static void expect_next(Fixture *f, ActionKind kind) {
        Action a;

        cr_assert(engine_next_action(f->engine, f->now, &a));
        cr_expect_eq(a.kind, kind);
}

Test(engine_actions, come_in_the_order_of_their_decisions) {
        FIXTURE(f);

        add_all(&f, "1");
        begin(&f, 0);
        expect_next(&f, ACTION_CHANGED);
        expect_next(&f, ACTION_SPAWN);
        cr_expect_not(engine_next_action(f.engine, f.now, &(Action){}));
}

Test(engine_actions, do_not_spawn_what_a_shutdown_has_overtaken) {
        FIXTURE(f);

        add_all(&f, "11");
        begin(&f, 0);
        begin(&f, 1);
        engine_shutdown(f.engine, SHUTDOWN_GRACEFUL, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, b STARTING, a STOPPING, b STOPPING, a STOPPED, b STOPPED");
        cr_expect(engine_is_down(f.engine));
        cr_expect_eq(engine_get(f.engine, 0)->spawned_usec, 0, "it was never started");
        cr_expect_eq(engine_get(f.engine, 0)->exit.kind, EXIT_NONE);
        cr_expect_not(engine_get(f.engine, 0)->run.killed);
}

Test(engine_actions, do_not_spawn_what_a_stop_has_overtaken_before_its_turn) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 1);
        begin(&f, 0);
        engine_stop(f.engine, 1, f.now);
        engine_stop(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, b STOPPING, TERM to leader of b, a STOPPED");
}

Test(engine_actions, pass_the_turn_to_stop_on_from_what_was_not_spawned) {
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        begin(&f, 1);
        engine_shutdown(f.engine, SHUTDOWN_GRACEFUL, f.now);
        take_actions(&f);
        EXPECT(f, "b STARTING, b STOPPING, b STOPPED, a STOPPING, TERM to leader of a");
}

Test(engine_actions, spawn_once_for_a_restart_that_overtakes_the_spawn) {
        FIXTURE(f);

        add_all(&f, "1");
        begin(&f, 0);
        engine_restart(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, a STOPPING, a STOPPED, a STARTING, spawn a");
}

Test(engine_actions, spawn_with_the_configuration_that_has_overtaken) {
        FIXTURE(f);

        add_all(&f, "1");
        begin(&f, 0);
        replace(&f, 0, sample_config("c"));
        EXPECT(f, "a STARTING, c STOPPING, c STOPPED, c STARTING, spawn c");
}

Test(engine_actions, kill_nobody_who_was_not_spawned) {
        FIXTURE(f);

        add_all(&f, "1");
        begin(&f, 0);
        engine_kill(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, a STOPPING, a STOPPED");
}

Test(engine_actions, count_startsecs_from_the_spawn_that_was_taken) {
        FIXTURE(f);

        add_all(&f, "1");
        begin(&f, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        f.now += 7 * SEC;
        take_actions(&f);
        cr_expect_eq(engine_get(f.engine, 0)->spawned_usec, f.now);
        cr_expect_eq(engine_deadline(f.engine), f.now + SEC);
}

Test(engine_actions, show_nothing_running_that_was_not_spawned) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        begin(&f, 0);
        engine_elapsed(f.engine, f.now);
        cr_expect_eq(phase_of(&f, 0), PHASE_STARTING);
        take_actions(&f);
        spawn_fails(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
}

Test(engine_actions, signal_nobody_who_has_ended) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        engine_stop(f.engine, 0, f.now);
        end(&f, 0, exit_done, /* leftovers= */ false);
        take_actions(&f);
        EXPECT(f, "a STOPPING, a STOPPED");
}

Test(engine_actions, signal_no_leader_that_is_reaped) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        engine_stop(f.engine, 0, f.now);
        end(&f, 0, exit_done, /* leftovers= */ true);
        take_actions(&f);
        EXPECT(f, "a STOPPING, TERM to tree of a");
}

Test(engine_actions, kill_once_however_often_it_was_asked_for) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        for (unsigned i = 0; i < 1000; i++)
                engine_kill(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STOPPING, kill tree of a");
        engine_kill(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "kill tree of a");
}

Test(engine_actions, do_not_remove_what_was_replaced_meanwhile) {
        FIXTURE(f);
        ProcessConfig *c = sample_config("c");

        add_all(&f, "1");
        for (unsigned i = 0; i < 50; i++) {
                engine_remove(f.engine, 0, f.now);
                engine_replace(f.engine, 0, c, f.now);
        }
        process_config_unref(c);
        take_actions(&f);
        EXPECT(f, "");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        engine_remove(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "c STARTING, c STOPPED, c removed");
}

/* The longest ways that a process can go without an action being taken, at the first and at every
 * later place in the ring. */
Test(engine_actions, fit_into_their_queue_on_the_longest_way) {
        FIXTURE(f);

        add_all(&f, "1");
        for (unsigned round = 0; round < 30; round++) {
                start(&f, 0);
                f.now += SEC;
                engine_elapsed(f.engine, f.now); /* RUNNING */
                engine_restart(f.engine, 0, f.now);
                end(&f, 0, exit_done, /* leftovers= */ true);
                engine_kill(f.engine, 0, f.now);
                engine_start(f.engine, 0, f.now);
                engine_emptied(f.engine, 0, f.now);
                engine_kill(f.engine, 0, f.now);
                engine_start(f.engine, 0, f.now);
                for (unsigned i = 0; i < 50; i++) {
                        engine_stop(f.engine, 0, f.now);
                        engine_start(f.engine, 0, f.now);
                        engine_restart(f.engine, 0, f.now);
                        engine_kill(f.engine, 0, f.now);
                        f.now += 10 * SEC;
                        engine_elapsed(f.engine, f.now);
                }
                take_actions(&f);
                EXPECT(f, "a STARTING, spawn a, a RUNNING, a STOPPING, a STOPPED, a STARTING, "
                          "a STOPPING, a STOPPED");
        }
}

Test(engine_actions, remove_nobody_who_came_back_and_is_to_go_again) {
        FIXTURE(f);

        add_all(&f, "1");
        engine_remove(f.engine, 0, f.now);
        engine_replace(f.engine, 0, config_of(&f, 0), f.now);
        engine_start(f.engine, 0, f.now);
        engine_remove(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, a STOPPED, a removed");
}
