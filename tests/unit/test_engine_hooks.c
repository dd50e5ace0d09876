/* The commands before a start, before a stop and after the end. */
#include "config/keys/value-command.h"
#include "engine-fixture.h"

TestSuite(engine_hooks, .timeout = 10);

static void give(CommandLine *command) {
        char *why = NULL;

        cr_assert_eq(command_parse("hook", command, &why), 0);
}

Test(engine_hooks, start_the_program_when_the_first_has_succeeded) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        start(&f, 0);
        EXPECT(f, "a STARTING, pre-start of a");
        hook_ends(&f, 0, 0);
        EXPECT(f, "spawn a");
        passes(&f, SEC);
        EXPECT(f, "a RUNNING");
}

Test(engine_hooks, that_fail_before_a_start_are_failed_starts) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        config_of(&f, 0)->settings->startretries = 1;
        start(&f, 0);
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STARTING, pre-start of a, a BACKOFF");
        passes(&f, SEC);
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STARTING, pre-start of a, a FATAL");
}

Test(engine_hooks, that_take_too_long_before_a_start_are_ended) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        start(&f, 0);
        passes(&f, 60 * SEC);
        EXPECT(f, "a STARTING, pre-start of a, a STOPPING, TERM to hook of a");
        passes(&f, 10 * SEC);
        EXPECT(f, "KILL to hook of a");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a BACKOFF");
}

Test(engine_hooks, before_a_start_are_killed_even_if_the_program_never_is) {
        FIXTURE(f);

        add_all(&f, "12");
        for (size_t i = 0; i < 2; i++)
                give(&config_of(&f, i)->settings->pre_start);
        config_of(&f, 0)->settings->send_sigkill = false;
        config_of(&f, 1)->settings->stopwait_usec = DURATION_INFINITY;
        start(&f, 0);
        start(&f, 1);
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), 10 * SEC);
        f.text[0] = '\0';
        stop(&f, 0);
        stop(&f, 1);
        passes(&f, 5 * SEC - 1);
        EXPECT(f, "a STOPPING, TERM to hook of a, b STOPPING, TERM to hook of b");
        passes(&f, 1);
        EXPECT(f, "KILL to hook of a, KILL to hook of b");
}

Test(engine_hooks, before_a_stop_count_inside_the_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        run(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STOPPING, pre-stop of a");
        passes(&f, 4 * SEC);
        hook_ends(&f, 0, 0);
        EXPECT(f, "TERM to leader of a");
        passes(&f, 6 * SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
}

Test(engine_hooks, before_a_stop_that_use_up_the_grace_are_killed_with_the_program) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        run(&f, 0);
        stop(&f, 0);
        passes(&f, 10 * SEC);
        EXPECT(f, "a STOPPING, pre-stop of a, KILL to hook of a, kill tree of a");
        exits(&f, 0, exit_kill);
        EXPECT(f, "");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STOPPED");
}

Test(engine_hooks, before_a_stop_end_with_hook_timeout_and_the_program_is_asked) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        config_of(&f, 0)->settings->hook_timeout_usec = 3 * SEC;
        run(&f, 0);
        stop(&f, 0);
        passes(&f, 3 * SEC);
        EXPECT(f, "a STOPPING, pre-stop of a, KILL to hook of a, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STOPPED");
}

Test(engine_hooks, before_a_stop_end_with_hook_timeout_also_when_the_program_has_left_something) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        config_of(&f, 0)->settings->hook_timeout_usec = 3 * SEC;
        config_of(&f, 0)->settings->stopwait_usec = DURATION_INFINITY;
        run(&f, 0);
        stop(&f, 0);
        exits_leaving(&f, 0, exit_done);
        EXPECT(f, "a STOPPING, pre-stop of a, TERM to tree of a");
        passes(&f, 3 * SEC - 1);
        EXPECT(f, "");
        cr_expect_eq(engine_extend(f.engine, 0, 60 * SEC, f.now), 0, "it has all the time");
        passes(&f, 1);
        EXPECT(f, "KILL to hook of a");
        cr_expect_eq(engine_process_deadline(f.engine, 0), USEC_INFINITY);
}

Test(engine_hooks, before_a_stop_leave_the_leftovers_of_the_program_their_grace) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        config_of(&f, 0)->settings->hook_timeout_usec = 3 * SEC;
        run(&f, 0);
        stop(&f, 0);
        exits_leaving(&f, 0, exit_done);
        cr_expect_eq(engine_extend(f.engine, 0, 20 * SEC, f.now), f.now + 20 * SEC);
        passes(&f, 3 * SEC);
        EXPECT(f, "a STOPPING, pre-stop of a, TERM to tree of a, KILL to hook of a");
        passes(&f, 17 * SEC);
        EXPECT(f, "kill tree of a");
}

Test(engine_hooks, before_a_stop_that_are_done_leave_the_leftovers_their_grace_too) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        config_of(&f, 0)->settings->hook_timeout_usec = 3 * SEC;
        run(&f, 0);
        stop(&f, 0);
        exits_leaving(&f, 0, exit_done);
        hook_ends(&f, 0, 0);
        passes(&f, 10 * SEC - 1);
        EXPECT(f, "a STOPPING, pre-stop of a, TERM to tree of a");
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
}

Test(engine_hooks, before_a_stop_may_finish_when_the_program_has_gone) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        run(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_done);
        passes(&f, 9 * SEC);
        EXPECT(f, "a STOPPING, pre-stop of a");
        passes(&f, SEC);
        EXPECT(f, "KILL to hook of a");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STOPPED");
}

Test(engine_hooks, before_a_stop_do_not_run_for_what_is_not_up) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        start(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a");
}

Test(engine_hooks, before_a_stop_are_all_that_is_killed_when_the_program_has_gone) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        run(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_done);
        kill_now(&f, 0);
        kill_now(&f, 0);
        EXPECT(f, "a STOPPING, pre-stop of a, KILL to hook of a");
}

Test(engine_hooks, after_a_crash_run_before_the_restart) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->post_stop);
        run(&f, 0);
        exits(&f, 0, exit_failed);
        EXPECT(f, "a STOPPING, post-stop of a");
        hook_ends(&f, 0, 0);
        EXPECT(f, "a EXITED, a STARTING, spawn a");
}

Test(engine_hooks, after_a_stop_have_their_time_even_if_the_grace_is_used_up) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->post_stop);
        run(&f, 0);
        stop(&f, 0);
        passes(&f, 10 * SEC);
        exits(&f, 0, exit_kill);
        EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a, post-stop of a");
        passes(&f, 5 * SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "KILL to hook of a");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "a STOPPED");
}

Test(engine_hooks, after_a_stop_are_ended_also_if_the_one_before_it_outlived_the_program) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_stop);
        give(&config_of(&f, 0)->settings->post_stop);
        run(&f, 0);
        stop(&f, 0);
        exits(&f, 0, exit_done);
        hook_ends(&f, 0, 0);
        EXPECT(f, "a STOPPING, pre-stop of a, post-stop of a");
        passes(&f, 10 * SEC);
        EXPECT(f, "KILL to hook of a");
}

Test(engine_hooks, after_the_end_run_also_for_a_start_that_was_only_prepared) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        give(&config_of(&f, 0)->settings->post_stop);
        start(&f, 0);
        stop(&f, 0);
        EXPECT(f, "a STARTING, pre-start of a, a STOPPING, TERM to hook of a");
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "post-stop of a");
        hook_ends(&f, 0, 0);
        EXPECT(f, "a STOPPED");
}

Test(engine_hooks, do_not_begin_when_everything_is_killed) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->post_stop);
        run(&f, 0);
        shut_down(&f, SHUTDOWN_NOW);
        exits(&f, 0, exit_kill);
        EXPECT(f, "a STOPPING, kill tree of a, a STOPPED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_hooks, after_a_kill_have_no_grace_left_to_use_up) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->post_stop);
        config_of(&f, 0)->settings->stopwait_usec = 30 * SEC;
        run(&f, 0);
        kill_now(&f, 0);
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), 10 * SEC);
        exits(&f, 0, exit_kill);
        passes(&f, 5 * SEC);
        EXPECT(f, "a STOPPING, kill tree of a, post-stop of a, KILL to hook of a");
}

Test(engine_hooks, end_with_the_whole_shutdown) {
        FIXTURE(f);
        ShutdownRules rules = { .fast_usec = FAST_USEC, .timeout_usec = 12 * SEC };

        engine_set_rules(f.engine, &rules);
        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->post_stop);
        run(&f, 0);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        cr_expect_eq(engine_remaining_stop_usec(f.engine, f.now), 12 * SEC);
        passes(&f, 7 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a, kill tree of a");
        exits(&f, 0, exit_kill);
        passes(&f, 5 * SEC);
        EXPECT(f, "post-stop of a, KILL to hook of a");
}

Test(engine_hooks, are_hurried_by_a_fast_shutdown) {
        FIXTURE(f);

        add_all(&f, "11");
        give(&config_of(&f, 0)->settings->post_stop);
        give(&config_of(&f, 1)->settings->pre_stop);
        run(&f, 0);
        run(&f, 1);
        exits(&f, 0, exit_done);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        f.text[0] = '\0';
        shut_down(&f, SHUTDOWN_FAST);
        passes(&f, FAST_USEC);
        EXPECT(f, "KILL to hook of a, KILL to hook of b, kill tree of b");
}

/* Decided, but not performed yet, when things change. */
static bool next(Fixture *f, ActionKind kind) {
        Action a;

        return engine_next_action(f->engine, f->now, &a) && a.kind == kind;
}

Test(engine_hooks, that_were_not_begun_are_never_begun_after_a_stop) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        engine_start(f.engine, 0, f.now);
        engine_stop(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, a STOPPING, a STOPPED");
}

Test(engine_hooks, count_their_time_from_when_they_are_begun) {
        FIXTURE(f);

        add_all(&f, "1");
        give(&config_of(&f, 0)->settings->pre_start);
        engine_start(f.engine, 0, f.now);
        cr_assert(next(&f, ACTION_CHANGED));
        f.now += 100 * SEC;
        engine_elapsed(f.engine, f.now);
        cr_assert(next(&f, ACTION_HOOK));
        passes(&f, 60 * SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "a STOPPING, TERM to hook of a");
}

Test(engine_hooks, lengthen_the_longest_time_a_stop_can_take) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = sample_config("a");

        cr_expect_eq(process_config_worst_stop_usec(c), 10 * SEC);
        give(&c->settings->post_stop);
        cr_expect_eq(process_config_worst_stop_usec(c), 15 * SEC);
        c->settings->hook_timeout_usec = 2 * SEC;
        cr_expect_eq(process_config_worst_stop_usec(c), 12 * SEC);
        c->settings->send_sigkill = false;
        cr_expect_eq(process_config_worst_stop_usec(c), DURATION_INFINITY);
}

Test(engine_hooks, end_of_one_that_does_not_run_means_nothing) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        hook_ends(&f, 0, ECANCELED);
        EXPECT(f, "");
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
}
