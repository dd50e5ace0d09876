/* Who waits for whom, and who follows whom down. */
#include "config/keys/value-dependencies.h"
#include "engine-fixture.h"

TestSuite(engine_dependencies, .timeout = 10);

typedef struct Sample {
        const char *name;
        const char *depends_on; /* or NULL */
        DependencyFailure failure;
        int64_t priority;
} Sample;

static void add_sample(Fixture *f, const Sample *s) {
        ProcessConfig *c = sample_config(s->name);
        char *why = NULL;

        if (s->depends_on)
                cr_assert_eq(dependencies_parse(s->depends_on, &c->depends_on, &why), 0);
        c->settings->on_dependency_failure = s->failure;
        c->priority = s->priority;
        add(f, c);
}

/* The table of these, planned. */
#define SAMPLES(f, ...)                                              \
        do {                                                         \
                const Sample samples_[] = { __VA_ARGS__ };           \
                for (size_t i_ = 0; i_ < ELEMENTSOF(samples_); i_++) \
                        add_sample(&(f), &samples_[i_]);             \
                cr_assert_eq(engine_commit((f).engine, (f).now), 0); \
                take_actions(&(f));                                  \
        } while (0)

static void becomes_ready(Fixture *f, size_t i) {
        engine_ready(f->engine, i, f->now);
        take_actions(f);
}

static void notifies(Fixture *f, size_t i) {
        config_of(f, i)->settings->readiness.kind = READINESS_NOTIFY;
        config_of(f, i)->settings->readiness_timeout_usec = DURATION_INFINITY;
}

static void never_restarts(Fixture *f, size_t i) {
        config_of(f, i)->settings->autorestart = AUTORESTART_FALSE;
}

Test(engine_dependencies, wait_until_what_they_need_is_ready) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        notifies(&f, 0);
        start(&f, 0);
        start(&f, 1);
        EXPECT(f, "db STARTING, spawn db, web waits");
        passes(&f, SEC);
        EXPECT(f, "db RUNNING");
        cr_expect(engine_is_waiting(f.engine, 1, NULL));
        cr_expect_not(engine_is_settled(f.engine));
        becomes_ready(&f, 0);
        EXPECT(f, "web STARTING, spawn web");
        cr_expect_not(engine_is_waiting(f.engine, 1, NULL));
}

Test(engine_dependencies, with_started_wait_for_the_program_to_run_only) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db:started" });
        engine_start(f.engine, 1, f.now);
        take_actions(&f);
        EXPECT(f, "web waits, db STARTING, spawn db, web STARTING, spawn web");
}

Test(engine_dependencies, with_started_wait_on_when_no_child_could_be_made) {
        FIXTURE(f);
        Action a;

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db:started" });
        engine_start(f.engine, 1, f.now);
        while (engine_next_action(f.engine, f.now, &a) && a.kind != ACTION_SPAWN)
                ;
        cr_assert_eq(a.process, 0);
        spawn_fails(&f, 0);
        EXPECT(f, "db BACKOFF");
        cr_expect(engine_is_waiting(f.engine, 1, NULL));
}

Test(engine_dependencies, with_exited_wait_for_the_end_as_expected) {
        FIXTURE(f);

        SAMPLES(f, { .name = "job" }, { .name = "web", .depends_on = "job:exited" });
        never_restarts(&f, 0);
        start(&f, 1);
        passes(&f, SEC);
        exits(&f, 0, exit_failed);
        EXPECT(f, "web waits, job STARTING, spawn job, job RUNNING, job EXITED");
        cr_expect(engine_is_settled(f.engine), "nothing comes by itself any more");
        start(&f, 0);
        passes(&f, SEC);
        exits(&f, 0, exit_done);
        EXPECT(f, "job STARTING, spawn job, job RUNNING, job EXITED, web STARTING, spawn web");
}

Test(engine_dependencies, are_ready_when_a_oneshot_has_done_its_work) {
        FIXTURE(f);

        SAMPLES(f, { .name = "job" }, { .name = "web", .depends_on = "job" });
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        start(&f, 1);
        passes(&f, SEC);
        EXPECT(f, "web waits, job STARTING, spawn job");
        exits(&f, 0, exit_done);
        EXPECT(f, "job EXITED, web STARTING, spawn web");
        stop(&f, 1);
        exits(&f, 1, exit_term);
        start(&f, 1);
        EXPECT(f, "web STOPPING, TERM to leader of web, web STOPPED, web STARTING, spawn web");
}

Test(engine_dependencies, are_started_along_all_the_way_down) {
        FIXTURE(f);

        SAMPLES(f, { .name = "a" }, { .name = "b", .depends_on = "a" },
                { .name = "c", .depends_on = "b" });
        start(&f, 2);
        EXPECT(f, "c waits, b waits, a STARTING, spawn a");
        passes(&f, SEC);
        EXPECT(f, "a RUNNING, b STARTING, spawn b");
        passes(&f, SEC);
        EXPECT(f, "b RUNNING, c STARTING, spawn c");
}

Test(engine_dependencies, are_started_along_also_before_there_is_a_plan) {
        FIXTURE(f);

        add_sample(&f, &(Sample){ .name = "db" });
        add_sample(&f, &(Sample){ .name = "web", .depends_on = "db" });
        start(&f, 1);
        EXPECT(f, "");
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        EXPECT(f, "web waits, db STARTING, spawn db");
}

Test(engine_dependencies,
     leave_a_process_waiting_when_they_give_up_and_start_it_when_they_recover) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        config_of(&f, 0)->settings->startretries = 0;
        start(&f, 1);
        exits(&f, 0, exit_failed);
        EXPECT(f, "web waits, db STARTING, spawn db, db FATAL");
        cr_expect(engine_is_settled(f.engine));
        cr_expect_eq(phase_of(&f, 1), PHASE_STOPPED);
        start(&f, 0);
        cr_expect_not(engine_is_settled(f.engine));
        passes(&f, SEC);
        EXPECT(f, "db STARTING, spawn db, db RUNNING, web STARTING, spawn web");
}

Test(engine_dependencies, wait_no_more_when_they_are_stopped) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        start(&f, 1);
        stop(&f, 1);
        passes(&f, SEC);
        EXPECT(f, "web waits, db STARTING, spawn db, db RUNNING");
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_dependencies, that_do_not_exist_are_waited_for_in_vain) {
        FIXTURE(f);
        size_t other = 0;

        SAMPLES(f, { .name = "web", .depends_on = "nobody" });
        start(&f, 0);
        EXPECT(f, "web waits");
        cr_expect(engine_is_waiting(f.engine, 0, &other));
        cr_expect_eq(other, DEPENDENCY_MISSING);
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_dependencies, stop_before_what_they_need_whatever_the_priorities_are) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db", .priority = 5 },
                { .name = "web", .depends_on = "db", .priority = 1 });
        run(&f, 0);
        run(&f, 1);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "web STOPPING, TERM to leader of web");
        exits(&f, 1, exit_term);
        EXPECT(f, "web STOPPED, db STOPPING, TERM to leader of db");
}

Test(engine_dependencies, go_on_by_default_when_what_they_need_ends) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        run(&f, 0);
        run(&f, 1);
        exits(&f, 0, exit_failed);
        EXPECT(f, "db EXITED, db STARTING, spawn db");
}

Test(engine_dependencies, with_stop_are_stopped_when_what_they_need_ends) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" },
                { .name = "web", .depends_on = "db", .failure = DEPENDENCY_FAILURE_STOP });
        run(&f, 0);
        run(&f, 1);
        exits(&f, 0, exit_failed);
        EXPECT(f, "db EXITED, web follows, web STOPPING, TERM to leader of web, db STARTING, "
                  "spawn db");
        exits(&f, 1, exit_term);
        passes(&f, SEC);
        EXPECT(f, "web STOPPED, db RUNNING");
}

Test(engine_dependencies, with_restart_come_back_when_what_they_need_is_ready_again) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" },
                { .name = "web", .depends_on = "db", .failure = DEPENDENCY_FAILURE_RESTART });
        run(&f, 0);
        run(&f, 1);
        exits(&f, 0, exit_failed);
        exits(&f, 1, exit_term);
        EXPECT(f, "db EXITED, web follows, web STOPPING, TERM to leader of web, db STARTING, "
                  "spawn db, web STOPPED, web waits");
        passes(&f, SEC);
        EXPECT(f, "db RUNNING, web STARTING, spawn web");
}

Test(engine_dependencies, with_restart_go_down_first_and_come_back_after_a_restart) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" },
                { .name = "cache", .depends_on = "db", .failure = DEPENDENCY_FAILURE_RESTART },
                { .name = "web", .depends_on = "cache", .failure = DEPENDENCY_FAILURE_RESTART });
        run(&f, 0);
        run(&f, 1);
        run(&f, 2);
        restart(&f, 0);
        EXPECT(f, "cache follows, web follows, web STOPPING, TERM to leader of web");
        exits(&f, 2, exit_term);
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "web STOPPED, web waits, cache STOPPING, TERM to leader of cache, cache STOPPED, "
                  "cache waits, db STOPPING, TERM to leader of db, db STOPPED, db STARTING, "
                  "spawn db");
        passes(&f, SEC);
        passes(&f, SEC);
        EXPECT(f,
               "db RUNNING, cache STARTING, spawn cache, cache RUNNING, web STARTING, spawn web");
}

Test(engine_dependencies, with_restart_wait_while_what_they_need_is_stopped_by_command) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" },
                { .name = "web", .depends_on = "db", .failure = DEPENDENCY_FAILURE_RESTART });
        run(&f, 0);
        run(&f, 1);
        stop(&f, 0);
        exits(&f, 1, exit_term);
        exits(&f, 0, exit_term);
        EXPECT(f, "web follows, web STOPPING, TERM to leader of web, web STOPPED, web waits, "
                  "db STOPPING, TERM to leader of db, db STOPPED");
        cr_expect(engine_is_settled(f.engine));
        start(&f, 0);
        passes(&f, SEC);
        EXPECT(f, "db STARTING, spawn db, db RUNNING, web STARTING, spawn web");
}

Test(engine_dependencies, do_not_follow_a_job_that_is_done) {
        FIXTURE(f);

        SAMPLES(f, { .name = "job" },
                { .name = "web", .depends_on = "job", .failure = DEPENDENCY_FAILURE_RESTART },
                { .name = "x", .depends_on = "job:exited", .failure = DEPENDENCY_FAILURE_RESTART });
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        start(&f, 1);
        exits(&f, 0, exit_done);
        start(&f, 2);
        passes(&f, SEC);
        f.text[0] = '\0';
        start(&f, 0);
        exits(&f, 0, exit_failed);
        EXPECT(f, "job STARTING, spawn job, job BACKOFF, web follows, web STOPPING, "
                  "TERM to leader of web");
}

Test(engine_dependencies, start_nothing_once_a_shutdown_has_begun) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        start(&f, 1);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        exits(&f, 0, exit_term);
        passes(&f, 100 * SEC);
        EXPECT(f, "web waits, db STARTING, spawn db, db STOPPING, TERM to leader of db, "
                  "db STOPPED");
        cr_expect(engine_is_down(f.engine));
}

Test(engine_dependencies, wait_for_all_they_name) {
        FIXTURE(f);

        SAMPLES(f, { .name = "a" }, { .name = "b" }, { .name = "web", .depends_on = "a,b" });
        notifies(&f, 0);
        notifies(&f, 1);
        start(&f, 2);
        passes(&f, SEC);
        f.text[0] = '\0';
        becomes_ready(&f, 1);
        EXPECT(f, "");
        becomes_ready(&f, 0);
        EXPECT(f, "web STARTING, spawn web");
}

Test(engine_dependencies, that_go_round_do_not_hang) {
        FIXTURE(f);

        SAMPLES(f, { .name = "a", .depends_on = "b" }, { .name = "b", .depends_on = "a" });
        start(&f, 0);
        start(&f, 1);
        passes(&f, 3 * SEC);
        cr_expect_eq(phase_of(&f, 0), PHASE_RUNNING);
        cr_expect_eq(phase_of(&f, 1), PHASE_RUNNING);
}

/* A second "db" beside entry 0, which is about to take its place. */
static void add_spare(Fixture *f, size_t i) {
        size_t spare;

        cr_assert_eq(engine_add(f->engine, config_of(f, 0), &spare), 0);
        cr_assert_eq(spare, i);
        engine_set_spare(f->engine, i, true);
        cr_assert_eq(engine_commit(f->engine, f->now), 0);
        start(f, i);
        f->text[0] = '\0';
}

Test(engine_dependencies, do_not_count_while_they_only_take_the_place_of_another) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        run(&f, 0);
        add_spare(&f, 2);
        start(&f, 1);
        EXPECT(f, "web STARTING, spawn web");
}

Test(engine_dependencies, are_waited_for_no_more_when_another_has_taken_their_place) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        run(&f, 0);
        add_spare(&f, 2);
        passes(&f, SEC);
        f.text[0] = '\0';
        engine_set_spare(f.engine, 2, false);
        engine_retire(f.engine, 0, f.now);
        take_actions(&f);
        start(&f, 1);
        EXPECT(f, "db STOPPING, TERM to leader of db, web STARTING, spawn web");
        exits(&f, 0, exit_term);
        EXPECT(f, "db STOPPED, db removed");
        restart(&f, 1);
        exits(&f, 1, exit_term);
        EXPECT(f, "web STOPPING, TERM to leader of web, web STOPPED, web STARTING, spawn web");
}

Test(engine_dependencies, let_a_waiting_process_go_when_one_that_is_ready_takes_over) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        notifies(&f, 0);
        start(&f, 1);
        add_spare(&f, 2);
        becomes_ready(&f, 2);
        EXPECT(f, "");
        engine_set_spare(f.engine, 2, false);
        engine_retire(f.engine, 0, f.now);
        take_actions(&f);
        EXPECT(f, "db STOPPING, TERM to leader of db, web STARTING, spawn web");
}

Test(engine_dependencies, are_not_waited_for_when_they_could_not_take_a_place) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        run(&f, 0);
        add_spare(&f, 2);
        engine_retire(f.engine, 2, f.now);
        exits(&f, 2, exit_term);
        f.text[0] = '\0';
        start(&f, 1);
        EXPECT(f, "web STARTING, spawn web");
}

Test(engine_dependencies, of_one_name_in_two_groups_do_not_take_the_place_of_each_other) {
        ProcessConfig *other = sample_config("db");
        FIXTURE(f);

        sample_set_group(other, "db", "another");
        SAMPLES(f, { .name = "web", .depends_on = "another, db" });
        add(&f, other);
        add(&f, sample_config("db"));
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        run(&f, 1);
        run(&f, 2);
        engine_set_spare(f.engine, 2, true);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        f.text[0] = '\0';
        start(&f, 0);
        EXPECT(f, "web waits");
}

Test(engine_dependencies, are_missing_when_only_one_is_left_that_could_not_take_a_place) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" });
        run(&f, 0);
        add_spare(&f, 1);
        engine_retire(f.engine, 1, f.now);
        take_actions(&f);
        remove_it(&f, 0);
        exits(&f, 0, exit_term);
        EXPECT(f, "db STOPPING, TERM to leader of db, db STOPPING, TERM to leader of db, "
                  "db STOPPED, db removed");
        SAMPLES(f, { .name = "web", .depends_on = "db" });
        start(&f, 0);
        EXPECT(f, "web waits");
}

Test(engine_dependencies, that_vanish_do_not_leave_a_start_that_is_never_over) {
        FIXTURE(f);

        SAMPLES(f, { .name = "x", .priority = 1 }, { .name = "job", .priority = 2 },
                { .name = "web", .depends_on = "job:exited", .priority = 3 });
        never_restarts(&f, 1);
        run(&f, 0);
        run(&f, 1);
        exits(&f, 1, exit_done);
        restart(&f, 0);
        start(&f, 2);
        engine_remove(f.engine, 1, f.now);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        take_actions(&f);
        f.text[0] = '\0';
        exits(&f, 0, exit_term);
        EXPECT(f, "x STOPPED, x STARTING, spawn x");
        cr_expect(engine_is_waiting(f.engine, 2, NULL));
}

Test(engine_dependencies, are_judged_by_the_configuration_that_has_replaced_theirs) {
        FIXTURE(f);
        ProcessConfig *simple = sample_config("job");

        SAMPLES(f, { .name = "job", .priority = 1 },
                { .name = "web", .depends_on = "job", .priority = 2 },
                { .name = "x", .priority = 3 });
        config_of(&f, 0)->settings->type = PROCESS_TYPE_ONESHOT;
        simple->settings->autostart = false;
        simple->priority = 1;
        start(&f, 0);
        run(&f, 2);
        start(&f, 1);
        stop(&f, 2); /* and before it "job" is not stopped */
        engine_remove(f.engine, 0, f.now);
        replace(&f, 0, simple);
        EXPECT(f, "web waits, x STOPPING, TERM to leader of x");
        exits(&f, 0, exit_done);
        EXPECT(f, "job EXITED");
        cr_expect(engine_is_waiting(f.engine, 1, NULL));
}

/* db is up at once, and was just started; of web nothing is taken yet. */
static void hasty(Fixture *f) {
        config_of(f, 0)->settings->startsecs_usec = 0;
        config_of(f, 0)->settings->autorestart = AUTORESTART_TRUE;
        start(f, 0);
        passes(f, 0);
        cr_assert_eq(phase_of(f, 0), PHASE_RUNNING);
        f->text[0] = '\0';
}

Test(engine_dependencies, are_waited_for_and_not_hurried_while_their_restart_waits) {
        FIXTURE(f);
        size_t other = NO_WAVE;

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        hasty(&f);
        exits(&f, 0, exit_done);
        start(&f, 1);
        EXPECT(f, "db EXITED, web waits");
        cr_expect(engine_is_waiting(f.engine, 1, &other));
        cr_expect_eq(other, 0);
        cr_expect_not(engine_is_settled(f.engine), "web does not wait in vain");
        passes(&f, SEC);
        EXPECT(f, "db STARTING, spawn db, db RUNNING, web STARTING, spawn web");
}

Test(engine_dependencies, with_exited_are_not_there_while_their_restart_waits) {
        FIXTURE(f);

        SAMPLES(f, { .name = "job" }, { .name = "web", .depends_on = "job:exited" });
        hasty(&f);
        start(&f, 1);
        exits(&f, 0, exit_done);
        EXPECT(f, "web waits, job EXITED");
        stop(&f, 0);
        EXPECT(f, "web STARTING, spawn web");
}

Test(engine_dependencies, are_waited_for_in_vain_once_their_restart_is_called_off) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        hasty(&f);
        exits(&f, 0, exit_done);
        start(&f, 1);
        stop(&f, 0);
        EXPECT(f, "db EXITED, web waits");
        cr_expect(engine_is_settled(f.engine), "nothing comes by itself any more");
        passes(&f, 10 * SEC);
        EXPECT(f, "");
}

Test(engine_dependencies, keep_a_restart_waiting_that_is_due) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" }, { .name = "web", .depends_on = "db" });
        run(&f, 0);
        config_of(&f, 1)->settings->startsecs_usec = 0;
        start(&f, 1);
        exits(&f, 1, exit_failed);
        stop(&f, 0);
        exits(&f, 0, exit_term);
        f.text[0] = '\0';
        passes(&f, SEC);
        EXPECT(f, "web waits");
        cr_expect(engine_is_settled(f.engine), "nothing comes by itself any more");
        start(&f, 0);
        passes(&f, SEC);
        EXPECT(f, "db STARTING, spawn db, db RUNNING, web STARTING, spawn web, web RUNNING");
}

Test(engine_dependencies, that_wait_in_vain_to_be_tried_again_are_not_coming) {
        FIXTURE(f);

        SAMPLES(f, { .name = "a" }, { .name = "b", .depends_on = "a" },
                { .name = "c", .depends_on = "b" });
        run(&f, 0);
        start(&f, 1);
        exits(&f, 1, exit_failed);
        start(&f, 2);
        cr_expect_not(engine_is_settled(f.engine));
        stop(&f, 0);
        exits(&f, 0, exit_term);
        passes(&f, SEC);
        cr_expect_eq(phase_of(&f, 1), PHASE_BACKOFF);
        cr_expect(engine_is_settled(f.engine));
}

Test(engine_dependencies, with_restart_are_not_delayed_when_they_follow_one_whose_restart_waits) {
        FIXTURE(f);

        SAMPLES(f, { .name = "db" },
                { .name = "web", .depends_on = "db", .failure = DEPENDENCY_FAILURE_RESTART });
        hasty(&f);
        config_of(&f, 1)->settings->startsecs_usec = 0;
        passes(&f, SEC / 2);
        start(&f, 1);
        exits(&f, 0, exit_failed);
        exits(&f, 1, exit_term);
        EXPECT(f, "web STARTING, spawn web, db EXITED, web follows, web STOPPING, "
                  "TERM to leader of web, web STOPPED, web waits");
        passes(&f, SEC / 2);
        EXPECT(f, "db STARTING, spawn db, db RUNNING, web STARTING, spawn web, web RUNNING");
}
