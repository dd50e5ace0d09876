/* Processes that say themselves when they can do their work. */
#include "engine-fixture.h"

TestSuite(engine_readiness, .timeout = 10);

static void add_notifier(Fixture *f) {
        add_all(f, "1");
        config_of(f, 0)->settings->readiness.kind = READINESS_NOTIFY;
        config_of(f, 0)->settings->readiness_timeout_usec = 10 * SEC;
}

static void says_ready(Fixture *f) {
        engine_ready(f->engine, 0, f->now);
        take_actions(f);
}

Test(engine_readiness, without_it_comes_with_running) {
        FIXTURE(f);

        add_all(&f, "1");
        start(&f, 0);
        cr_expect_not(engine_get(f.engine, 0)->run.ready);
        passes(&f, SEC);
        cr_expect(engine_get(f.engine, 0)->run.ready);
        cr_expect_eq(engine_process_deadline(f.engine, 0), USEC_INFINITY);
}

Test(engine_readiness, is_waited_for_while_running) {
        FIXTURE(f);

        add_notifier(&f);
        start(&f, 0);
        passes(&f, SEC);
        EXPECT(f, "a STARTING, spawn a, a RUNNING");
        cr_expect_not(engine_is_settled(f.engine));
        cr_expect_eq(engine_remaining_start_usec(f.engine, f.now), 9 * SEC);
        says_ready(&f);
        cr_expect(engine_is_settled(f.engine));
        passes(&f, 1000 * SEC);
        EXPECT(f, "");
}

Test(engine_readiness, may_come_before_startsecs_are_over) {
        FIXTURE(f);

        add_notifier(&f);
        start(&f, 0);
        says_ready(&f);
        cr_expect_eq(phase_of(&f, 0), PHASE_STARTING);
        passes(&f, SEC);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_readiness, that_does_not_come_in_time_is_a_failed_start) {
        FIXTURE(f);

        add_notifier(&f);
        for (unsigned i = 0; i < 4; i++) {
                if (i == 0)
                        start(&f, 0);
                else
                        passes(&f, i * SEC);
                passes(&f, SEC);
                passes(&f, 9 * SEC);
                exits(&f, 0, exit_term);
                EXPECT(f,
                       i < 3 ? "a STARTING, spawn a, a RUNNING, a STOPPING, TERM to leader of a, "
                               "a BACKOFF"
                             : "a STARTING, spawn a, a RUNNING, a STOPPING, TERM to leader of a, "
                               "a FATAL");
        }
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_readiness, that_cannot_come_any_more_is_a_failed_start) {
        FIXTURE(f);

        add_notifier(&f);
        start(&f, 0);
        engine_not_ready(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, spawn a, a STOPPING, TERM to leader of a");
        exits(&f, 0, exit_term);
        EXPECT(f, "a BACKOFF");
}

Test(engine_readiness, that_was_shown_is_not_taken_back) {
        FIXTURE(f);

        add_notifier(&f);
        start(&f, 0);
        says_ready(&f);
        engine_not_ready(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "a STARTING, spawn a");
}

Test(engine_readiness, is_asked_anew_of_each_run) {
        FIXTURE(f);

        add_notifier(&f);
        start(&f, 0);
        says_ready(&f);
        passes(&f, SEC);
        restart(&f, 0);
        says_ready(&f); /* too late, it is on its way out */
        exits(&f, 0, exit_term);
        cr_expect_not(engine_get(f.engine, 0)->run.ready);
        cr_expect_not(engine_is_settled(f.engine));
}
