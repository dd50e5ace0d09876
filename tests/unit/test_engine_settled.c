#include "engine-fixture.h"

TestSuite(engine_settled, .timeout = 10);

static bool is_settled(const Fixture *f) {
        return engine_is_settled(f->engine);
}

Test(engine_settled, is_settled_and_down_with_nothing_to_do) {
        FIXTURE(f);

        cr_expect(is_settled(&f));
        cr_expect(engine_is_down(f.engine));
        add_all(&f, "1");
        cr_expect(is_settled(&f));
        cr_expect(engine_is_down(f.engine));
}

Test(engine_settled, waits_for_a_start_to_stay_up) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        cr_expect_not(is_settled(&f));
        cr_expect_not(engine_is_down(f.engine));
        passes(&f, SEC);
        cr_expect(is_settled(&f));
}

Test(engine_settled, waits_for_a_retry_until_it_is_given_up) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = 1;
        start(&f, 0);
        exits(&f, 0, exit_failed);
        cr_expect_not(is_settled(&f));
        cr_expect(engine_is_down(f.engine));
        passes(&f, SEC);
        exits(&f, 0, exit_failed);
        cr_expect_eq(phase_of(&f, 0), PHASE_FATAL);
        cr_expect(is_settled(&f));
}

Test(engine_settled, does_not_wait_for_ever_for_what_is_never_given_up) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startretries = -1;
        start(&f, 0);
        for (unsigned failures = 1; failures <= 5; failures++) {
                exits(&f, 0, exit_failed);
                cr_expect_eq(is_settled(&f), failures >= 3, "after %u failures", failures);
                passes(&f, failures * SEC);
                cr_expect_eq(phase_of(&f, 0), PHASE_STARTING);
                cr_expect_eq(is_settled(&f), failures >= 3, "after %u failures", failures);
        }
}

Test(engine_settled, waits_for_a_failed_start_to_leave_nothing_behind) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        exits_leaving(&f, 0, exit_failed);
        cr_expect_eq(phase_of(&f, 0), PHASE_CLEARING);
        cr_expect_not(is_settled(&f));
}

Test(engine_settled, waits_for_the_end_of_a_start_that_took_too_long) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->type = PROCESS_TYPE_FORKING;
        start(&f, 0);
        passes(&f, 90 * SEC);
        cr_expect_eq(phase_of(&f, 0), PHASE_STOPPING);
        cr_expect_not(is_settled(&f));
}

Test(engine_settled, waits_for_both_halves_of_a_restart) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        restart(&f, 0);
        cr_expect_not(is_settled(&f));
        exits(&f, 0, exit_term);
        cr_expect_not(is_settled(&f));
        passes(&f, SEC);
        cr_expect(is_settled(&f));
}

Test(engine_settled, does_not_wait_for_what_is_to_be_down) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        stop(&f, 0);
        cr_expect(is_settled(&f));
        cr_expect_not(engine_is_down(f.engine));
        exits(&f, 0, exit_term);
        cr_expect(engine_is_down(f.engine));
}

Test(engine_settled, takes_an_exit_that_is_not_restarted_as_settled) {
        FIXTURE(f);

        add_all(&f, "1");
        run(&f, 0);
        exits(&f, 0, exit_done);
        cr_expect_eq(phase_of(&f, 0), PHASE_EXITED);
        cr_expect(is_settled(&f));
}

Test(engine_settled, takes_one_that_was_up_as_settled_while_its_restart_waits) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        start(&f, 0);
        exits(&f, 0, exit_failed);
        cr_expect_eq(phase_of(&f, 0), PHASE_PAUSING);
        cr_expect(is_settled(&f), "a program that exits at once must not hold up a start for ever");
        cr_expect_not(engine_is_ready(f.engine));
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 0);
}

Test(engine_settled, waits_for_a_restart_of_one_that_was_never_ready) {
        FIXTURE(f);

        add_all(&f, "1");
        config_of(&f, 0)->settings->startsecs_usec = 0;
        config_of(&f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        start(&f, 0);
        passes(&f, SEC / 4);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        exits(&f, 0, exit_failed);
        cr_expect_eq(phase_of(&f, 0), PHASE_PAUSING);
        cr_expect_not(is_settled(&f));
        cr_expect_not(engine_is_ready(f.engine));
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), SEC - SEC / 4);
        stop(&f, 0);
        cr_expect(is_settled(&f));
        cr_expect(engine_is_ready(f.engine));
}
