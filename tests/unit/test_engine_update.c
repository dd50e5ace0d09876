/* A configuration that changes in what a running process can take over. */
#include "config/keys/value-command.h"
#include "engine-fixture.h"

TestSuite(engine_update, .timeout = 10);

static void update(Fixture *f, size_t i, ProcessConfig *config) {
        engine_update(f->engine, i, config, f->now);
        process_config_unref(config);
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
        take_actions(f);
}

Test(engine_update, disturbs_nobody_and_counts_from_the_next_stop) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        c->settings->stopsignal = SIGQUIT;
        c->settings->stopwait_usec = 3 * SEC;
        update(&f, 0, c);
        EXPECT(f, "");

        stop(&f, 0);
        EXPECT(f, "a STOPPING, QUIT to leader of a");
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 3 * SEC);
}

Test(engine_update, leaves_a_grace_that_runs_as_it_is) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);
        uint64_t deadline;

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        deadline = engine_process_deadline(f.engine, 0);
        c->settings->stopwait_usec = SEC;
        update(&f, 0, c);
        cr_expect_eq(engine_process_deadline(f.engine, 0), deadline);
}

Test(engine_update, moves_a_process_to_another_wave) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);

        add_all(&f, "12");
        run(&f, 0);
        run(&f, 1);
        c->priority = 3;
        update(&f, 0, c);
        EXPECT(f, "");
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "a STOPPING, TERM to leader of a");
}

Test(engine_update, starts_what_is_to_start_by_itself_from_now_on) {
        ProcessConfig *c = sample_config("a"), *later = sample_config("a");
        FIXTURE(f);

        c->settings->autostart = false;
        add(&f, c);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        update(&f, 0, later);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_update, of_one_that_is_being_replaced_is_for_its_successor) {
        ProcessConfig *next = sample_config("a"), *newest = sample_config("a");
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        engine_replace(f.engine, 0, next, f.now);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        newest->settings->stopsignal = SIGINT;
        update(&f, 0, newest);
        process_config_unref(next);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPING, TERM to leader of a, a STOPPED, a STARTING, spawn a");
        cr_expect_eq(config_of(&f, 0)->settings->stopsignal, SIGINT);
}

Test(engine_update, that_shortens_a_ladder_leaves_the_grace_of_a_stop_that_is_on_it) {
        ProcessConfig *c = sample_config("a"), *shorter = sample_config("a");
        FIXTURE(f);

        c->settings->stop_ladder =
                (StopLadder){ .steps = { { SIGQUIT, 2 * SEC }, { SIGTERM, 5 * SEC } }, .n = 2 };
        add(&f, c);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        run(&f, 0);
        stop(&f, 0);
        update(&f, 0, shorter);
        passes(&f, 7 * SEC - 1);
        EXPECT(f, "a STOPPING, QUIT to leader of a");
        passes(&f, 1);
        EXPECT(f, "kill tree of a");
}

Test(engine_update, that_forbids_sigkill_does_not_spare_a_hook) {
        ProcessConfig *c = sample_config("a"), *lenient = sample_config("a");
        FIXTURE(f);
        char *why;

        cr_assert_eq(command_parse("hook", &c->settings->pre_stop, &why), 0);
        add(&f, c);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        run(&f, 0);
        stop(&f, 0);
        exits_leaving(&f, 0, exit_done);
        lenient->settings->send_sigkill = false;
        update(&f, 0, lenient);
        f.text[0] = '\0';
        passes(&f, 10 * SEC);
        EXPECT(f, "KILL to hook of a");
}

Test(engine_update, that_covers_the_whole_tree_kills_what_a_narrower_sigkill_has_left) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);

        c->settings->kill_mode = KILL_MODE_PROCESS;
        add(&f, c);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        run(&f, 0);
        kill_now(&f, 0);
        EXPECT(f, "a STOPPING, kill leader of a");
        update(&f, 0, sample_config("a"));
        exits_leaving(&f, 0, exit_kill);
        EXPECT(f, "kill tree of a");
        empties(&f, 0);
        EXPECT(f, "a STOPPED");
}

Test(engine_update, that_allows_sigkill_again_takes_up_a_grace_that_ran_out) {
        ProcessConfig *lenient = sample_config("a");
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        stop(&f, 0);
        lenient->settings->send_sigkill = false;
        update(&f, 0, lenient);
        passes(&f, 20 * SEC);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        update(&f, 0, sample_config("a"));
        passes(&f, 0);
        EXPECT(f, "kill tree of a");
}

/* Bring "a" to where its restart waits, with the configuration that it is given now. */
static void pause_it(Fixture *f) {
        add_all(f, "1");
        config_of(f, 0)->settings->startsecs_usec = 0;
        start(f, 0);
        exits(f, 0, exit_failed);
        cr_assert_eq(phase_of(f, 0), PHASE_PAUSING);
        f->text[0] = '\0';
}

Test(engine_update, leaves_a_restart_that_waits_as_it_is) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);
        uint64_t deadline;

        pause_it(&f);
        deadline = engine_process_deadline(f.engine, 0);
        c->settings->backoff_min_usec = 60 * SEC;
        update(&f, 0, c);
        cr_expect_eq(engine_process_deadline(f.engine, 0), deadline);
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_update, calls_off_a_restart_that_is_not_wanted_any_more) {
        ProcessConfig *c = sample_config("a");
        FIXTURE(f);

        pause_it(&f);
        c->settings->autorestart = AUTORESTART_FALSE;
        update(&f, 0, c);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
        cr_expect_eq(phase_of(&f, 0), PHASE_EXITED);
        passes(&f, 60 * SEC);
        EXPECT(f, "");
}
