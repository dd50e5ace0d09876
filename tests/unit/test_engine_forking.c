#include "engine-fixture.h"

TestSuite(engine_forking, .timeout = 10);

/* "a" is of type forking with the default of 90 s to show its main process. */
#define FORKING_FIXTURE(f) \
        FIXTURE(f);        \
        add_all(&f, "1");  \
        config_of(&f, 0)->settings->type = PROCESS_TYPE_FORKING

static void starter_goes(Fixture *f) {
        engine_starter_gone(f->engine, 0);
        take_actions(f);
}

static void main_shows(Fixture *f) {
        engine_main_found(f->engine, 0, f->now);
        take_actions(f);
}

Test(engine_forking, counts_startsecs_from_the_main_process) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        passes(&f, 30 * SEC);
        starter_goes(&f);
        passes(&f, 30 * SEC);
        cr_expect_eq(phase_of(&f, 0), PHASE_STARTING);
        main_shows(&f);
        EXPECT(f, "a STARTING, spawn a");
        passes(&f, SEC - 1);
        EXPECT(f, "");
        passes(&f, 1);
        EXPECT(f, "a RUNNING");
}

Test(engine_forking, does_not_count_them_anew_for_a_main_process_that_is_known) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        main_shows(&f);
        passes(&f, SEC / 2);
        main_shows(&f);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + SEC / 2);
}

Test(engine_forking, that_shows_no_main_process_in_time_is_stopped_and_tried_again) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        passes(&f, 90 * SEC - 1);
        EXPECT(f, "a STARTING, spawn a");
        passes(&f, 1);
        EXPECT(f, "a STOPPING, TERM to tree of a");
        empties(&f, 0);
        EXPECT(f, "a BACKOFF");
        cr_expect_eq(engine_get(f.engine, 0)->failures, 1);
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_forking, whose_starter_never_ends_is_late_too) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        passes(&f, 90 * SEC);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a");
}

Test(engine_forking, whose_starter_fails_is_cleared_and_tried_again) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        exits_leaving(&f, 0, exit_failed);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to tree of a");
        empties(&f, 0);
        EXPECT(f, "a BACKOFF");
        cr_expect_eq(engine_get(f.engine, 0)->exit.value, 3);
}

Test(engine_forking, that_came_to_nothing_is_a_failed_start) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        empties(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
}

Test(engine_forking, that_came_to_nothing_shows_how_its_starter_ended) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        exits(&f, 0, exit_failed);
        passes(&f, SEC);
        starter_goes(&f);
        empties(&f, 0);
        cr_expect_eq(engine_get(f.engine, 0)->exit.kind, EXIT_STATUS);
        cr_expect_eq(engine_get(f.engine, 0)->exit.value, 0, "not the end of the run before");
}

Test(engine_forking, whose_main_process_ends_early_failed_to_start) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        main_shows(&f);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a BACKOFF");
}

Test(engine_forking, whose_main_process_ends_after_startsecs_has_exited) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        main_shows(&f);
        passes(&f, SEC);
        exits(&f, 0, exit_done);
        EXPECT(f, "a STARTING, spawn a, a RUNNING, a EXITED");
}

Test(engine_forking, is_told_to_stop_as_a_tree_while_its_main_process_is_unknown) {
        FORKING_FIXTURE(f);

        config_of(&f, 0)->settings->kill_mode = KILL_MODE_PROCESS;
        start(&f, 0);
        starter_goes(&f);
        stop(&f, 0);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to tree of a");
        passes(&f, 10 * SEC);
        EXPECT(f, "kill tree of a");
        empties(&f, 0);
        EXPECT(f, "a STOPPED");
}

Test(engine_forking, may_show_its_main_process_while_it_stops) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        stop(&f, 0);
        main_shows(&f);
        cr_expect_eq(engine_process_deadline(f.engine, 0), f.now + 10 * SEC);
        exits(&f, 0, exit_term);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to tree of a, a STOPPED");
}

Test(engine_forking, does_not_end_when_its_tree_is_empty_but_its_leader_is_not_reaped) {
        FORKING_FIXTURE(f);

        start(&f, 0);
        starter_goes(&f);
        main_shows(&f);
        empties(&f, 0);
        cr_expect_eq(phase_of(&f, 0), PHASE_STARTING);
}

Test(engine_forking, is_given_as_long_as_it_needs_with_an_infinite_timeout) {
        FORKING_FIXTURE(f);

        config_of(&f, 0)->settings->readiness_timeout_usec = DURATION_INFINITY;
        start(&f, 0);
        cr_expect_eq(engine_deadline(f.engine), USEC_INFINITY);
}

Test(engine_forking, kills_a_main_process_that_shows_itself_too_late) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_FORKING;
        config_of(&f, 0)->settings->kill_mode = KILL_MODE_PROCESS;
        start(&f, 0);
        kill_now(&f, 0);
        engine_starter_gone(f.engine, 0);
        f.text[0] = '\0';
        engine_main_found(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "kill leader of a");
}
