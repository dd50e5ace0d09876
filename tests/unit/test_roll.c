/* Rolling restarts. */
#include "core/roll.h"
#include "engine-fixture.h"

TestSuite(roll, .timeout = 10);

/* Perform all steps that are due, as the daemon would. Gives the last one's kind. */
static RollStepKind advance(Fixture *f, Roll *roll) {
        for (;;) {
                RollStep step = roll_next(roll, f->engine);
                size_t spare;

                switch (step.kind) {
                case ROLL_WAIT:
                case ROLL_OVER:
                        return step.kind;
                case ROLL_RESTART:
                        engine_restart(f->engine, step.process, f->now);
                        break;
                case ROLL_ADD_SPARE:
                        cr_assert_eq(engine_add(f->engine, config_of(f, step.process), &spare), 0);
                        engine_set_spare(f->engine, spare, true);
                        cr_assert_eq(engine_commit(f->engine, f->now), 0);
                        engine_start(f->engine, spare, f->now);
                        roll_spare_added(roll, step.process, spare);
                        break;
                case ROLL_RETIRE:
                        engine_set_spare(f->engine, step.spare, false);
                        engine_retire(f->engine, step.process, f->now);
                        break;
                case ROLL_DROP_SPARE:
                        engine_retire(f->engine, step.spare, f->now);
                        break;
                }
                take_actions(f);
        }
}

static Roll *roll_all(Fixture *f, size_t n, size_t parallel) {
        size_t members[8];
        Roll *roll;

        for (size_t i = 0; i < n; i++) {
                members[i] = i;
                if (phase_of(f, i) == PHASE_STOPPED)
                        run(f, i);
        }
        f->now += SEC;
        cr_assert_eq(roll_new(members, n, parallel, &roll), 0);
        return roll;
}

Test(roll, restarts_one_when_the_one_before_is_ready) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a STOPPED, a STARTING, spawn a");
        passes(&f, SEC);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a RUNNING, b STOPPING, TERM to leader of b");
        exits(&f, 1, exit_term);
        passes(&f, SEC);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_not(roll_failed(roll));
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_RESTARTED);
        cr_expect_eq(roll_fate(roll, 1), ROLL_FATE_RESTARTED);
}

Test(roll, restarts_as_many_at_a_time_as_allowed) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "111");
        roll = roll_all(&f, 3, 2);
        (void)advance(&f, roll);
        EXPECT(f, "a STOPPING, TERM to leader of a, b STOPPING, TERM to leader of b");
        exits(&f, 1, exit_term);
        passes(&f, SEC);
        f.text[0] = '\0';
        (void)advance(&f, roll);
        EXPECT(f, "c STOPPING, TERM to leader of c");
}

Test(roll, stops_at_the_first_failure_and_leaves_the_rest_alone) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        exits(&f, 0, exit_term);
        exits(&f, 0, exit_failed);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect(roll_failed(roll));
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_FAILED);
        cr_expect_eq(roll_fate(roll, 1), ROLL_FATE_UNTOUCHED);
        cr_expect_eq(phase_of(&f, 1), PHASE_RUNNING);
}

Test(roll, takes_one_that_exits_at_once_and_waits_for_its_restart_for_failed) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        exits(&f, 0, exit_term);
        exits(&f, 0, exit_failed);
        cr_assert_eq(phase_of(&f, 0), PHASE_PAUSING);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_FAILED);
        cr_expect_eq(roll_fate(roll, 1), ROLL_FATE_UNTOUCHED);
}

Test(roll, does_not_wait_with_one_whose_restart_waits) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        start(&f, 0);
        exits(&f, 0, exit_failed);
        cr_assert_eq(phase_of(&f, 0), PHASE_PAUSING);
        f.text[0] = '\0';
        roll = roll_all(&f, 1, 1);
        (void)advance(&f, roll);
        EXPECT(f, "a STARTING, spawn a");
}

Test(roll, leaves_out_what_is_stopped) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        f.text[0] = '\0';
        (void)advance(&f, roll);
        EXPECT(f, "b STOPPING, TERM to leader of b");
}

Test(roll, fails_when_somebody_stops_what_it_restarts) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        stop(&f, 0);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect(roll_failed(roll));
}

Test(roll, finishes_what_is_under_way_when_it_is_cancelled) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        roll_cancel(roll);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        exits(&f, 0, exit_term);
        passes(&f, SEC);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_RESTARTED);
        cr_expect_eq(roll_fate(roll, 1), ROLL_FATE_UNTOUCHED);
        cr_expect(roll_failed(roll));
}

Test(roll, starts_the_new_one_first_with_surge) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        EXPECT(f, "a STARTING, spawn a");
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        passes(&f, SEC);
        (void)advance(&f, roll);
        EXPECT(f, "a RUNNING, a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "a STOPPED, a removed");
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "");
        roll_forget(roll, 0);
        (void)advance(&f, roll);
        EXPECT(f, "b STOPPING, TERM to leader of b");
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_RESTARTED);
        cr_expect_eq(phase_of(&f, 2), PHASE_RUNNING);
        cr_expect_not(engine_get(f.engine, 2)->spare);
}

Test(roll, keeps_the_old_one_when_the_new_one_fails) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "11");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        exits(&f, 2, exit_failed);
        f.text[0] = '\0';
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a STOPPED, a removed");
        roll_forget(roll, 2);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_FAILED);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        cr_expect_eq(phase_of(&f, 1), PHASE_RUNNING);
}

Test(roll, touches_nobody_else_from_the_moment_when_a_new_one_fails) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "111");
        roll = roll_all(&f, 3, 2);
        config_of(&f, 0)->settings->surge = true;
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        (void)advance(&f, roll);
        exits(&f, 1, exit_term);
        passes(&f, SEC);
        engine_not_ready(f.engine, 3, f.now);
        take_actions(&f);
        exits(&f, 3, exit_term);
        EXPECT(f, "a STARTING, spawn a, b STOPPING, TERM to leader of b, b STOPPED, b STARTING, "
                  "spawn b, b RUNNING, a RUNNING, a STOPPING, TERM to leader of a, a BACKOFF");
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a STOPPED, a removed");
        cr_expect(roll_failed(roll));
}

Test(roll, drops_a_new_one_that_is_not_ready_when_it_is_cancelled) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "1");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 1, 1);
        (void)advance(&f, roll);
        f.text[0] = '\0';
        roll_cancel(roll);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        EXPECT(f, "a STOPPING, TERM to leader of a");
        exits(&f, 1, exit_term);
        roll_forget(roll, 1);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
}

Test(roll, starts_no_new_one_by_a_configuration_that_was_replaced) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;
        ProcessConfig *next = sample_config("a");

        add_all(&f, "12");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 1, 1);
        run(&f, 1);
        stop(&f, 1); /* and before it "a" is not stopped */
        f.text[0] = '\0';
        engine_replace(f.engine, 0, next, f.now);
        cr_assert_eq(phase_of(&f, 0), PHASE_RUNNING);
        cr_expect_eq(advance(&f, roll), ROLL_WAIT);
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "b STOPPED, a STOPPING, TERM to leader of a, a STOPPED, a STARTING, spawn a");
        cr_expect_eq(config_of(&f, 0), next);
        process_config_unref(next);
}

Test(roll, tells_runs_apart_that_began_at_one_time) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        run(&f, 0);
        roll = roll_all(&f, 1, 1);
        f.now = engine_get(f.engine, 0)->spawned_usec;
        (void)advance(&f, roll);
        exits(&f, 0, exit_term);
        engine_elapsed(f.engine, f.now);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_RESTARTED);
}

Test(roll, fails_where_there_can_be_no_new_one) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;
        RollStep step;

        add_all(&f, "1");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 1, 1);
        step = roll_next(roll, f.engine);
        cr_assert_eq(step.kind, ROLL_ADD_SPARE);
        roll_spare_added(roll, 0, SIZE_MAX);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect(roll_failed(roll));
}

Test(roll, is_under_way_until_the_new_one_is_ready) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "1");
        roll = roll_all(&f, 1, 1);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_UNTOUCHED);
        (void)advance(&f, roll);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_UNDER_WAY);
}

Test(roll, fails_for_a_spare_that_is_gone) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL;

        add_all(&f, "1");
        config_of(&f, 0)->settings->surge = true;
        roll = roll_all(&f, 1, 1);
        (void)advance(&f, roll);
        roll_forget(roll, 1);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_FAILED);
}

Test(roll, fails_for_one_that_is_removed_and_passes_over_the_next) {
        FIXTURE(f);
        _cleanup_(roll_freep) Roll *roll = NULL, *second = NULL;

        add_all(&f, "11");
        roll = roll_all(&f, 2, 1);
        (void)advance(&f, roll);
        engine_remove(f.engine, 0, f.now);
        cr_expect_eq(advance(&f, roll), ROLL_OVER);
        cr_expect_eq(roll_fate(roll, 0), ROLL_FATE_FAILED);
        cr_assert_eq(roll_new((const size_t[]){ 0 }, 1, 1, &second), 0);
        cr_expect_eq(advance(&f, second), ROLL_OVER);
        cr_expect_eq(roll_fate(second, 0), ROLL_FATE_UNTOUCHED);
}
