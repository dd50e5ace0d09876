/* Memory that runs out, at each place where the core asks for some. */
#include <stdlib.h>

#include "core/roll.h"
#include "engine-fixture.h"

TestSuite(engine_memory, .timeout = 20);

static size_t n_left = SIZE_MAX; /* allocations that succeed from now on */

static bool runs_out(void) {
        return n_left == 0 || n_left-- == 0;
}

void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

void *__wrap_calloc(size_t n, size_t size) {
        return runs_out() ? NULL : __real_calloc(n, size);
}

void *__wrap_reallocarray(void *old, size_t n, size_t size) {
        return runs_out() ? NULL : __real_reallocarray(old, n, size);
}

/* An engine with two processes that depend on each other's order, and a roll of them. */
static int build(ProcessConfig *a, ProcessConfig *b, Engine **ret_engine, Roll **ret_roll) {
        const ShutdownRules rules = { .timeout_usec = USEC_INFINITY };
        size_t members[2];
        int r;

        r = engine_new(1, &rules, ret_engine);
        if (r >= 0)
                r = engine_add(*ret_engine, a, &members[0]);
        if (r >= 0)
                r = engine_add(*ret_engine, b, &members[1]);
        if (r >= 0)
                r = engine_commit(*ret_engine, 0);
        if (r >= 0)
                r = roll_new(members, 2, 1, ret_roll);
        return r;
}

Test(engine_memory, that_runs_out_anywhere_is_told_and_nothing_is_lost) {
        _cleanup_(process_config_unrefp) ProcessConfig *a = sample_config("a"),
                                                       *b = sample_config("b");
        int r = -ENOMEM;

        for (size_t n = 0; r < 0; n++) {
                Engine *engine = NULL;
                Roll *roll = NULL;

                cr_assert_lt(n, 100);
                n_left = n;
                r = build(a, b, &engine, &roll);
                n_left = SIZE_MAX;
                cr_expect(r == 0 || r == -ENOMEM);
                roll_free(roll);
                engine_free(engine);
        }
        cr_expect_eq(a->n_ref, 1);
        cr_expect_eq(b->n_ref, 1);
}

Test(engine_memory, that_runs_out_for_a_new_plan_leaves_the_old_one) {
        ProcessConfig *c = sample_config("c");
        FIXTURE(f);
        size_t n = 0;

        add_all(&f, "12");
        run(&f, 0);
        run(&f, 1);
        add(&f, c);
        for (int r = -ENOMEM; r < 0; n++) {
                n_left = n;
                r = engine_commit(f.engine, f.now);
                n_left = SIZE_MAX;
                if (r < 0)
                        cr_expect_eq(engine_get(f.engine, 2)->wave, NO_WAVE);
        }
        cr_expect_gt(n, 5);
        shut_down(&f, SHUTDOWN_GRACEFUL);
        EXPECT(f, "b STOPPING, TERM to leader of b");
}

/* Take all actions, with no memory if @dry; how many of them are of @kind? */
static size_t take_all(Fixture *f, ActionKind kind, bool dry) {
        Action action;
        size_t n = 0;

        n_left = dry ? 0 : SIZE_MAX;
        while (engine_next_action(f->engine, f->now, &action))
                n += action.kind == kind;
        n_left = SIZE_MAX;
        return n;
}

Test(engine_memory, that_a_start_of_many_took_is_given_back_if_it_can_be) {
        enum {
                N = 3000
        };

        for (int dry = 0; dry < 2; dry++) {
                FIXTURE(f);
                char name[16];

                for (size_t i = 0; i < N; i++) {
                        (void)snprintf(name, sizeof(name), "p%zu", i);
                        add(&f, sample_config(name));
                }
                cr_assert_eq(engine_commit(f.engine, f.now), 0);
                for (int turn = 0; turn < 3; turn++) {
                        for (size_t i = 0; i < N; i++)
                                engine_start(f.engine, i, f.now);
                        cr_expect_eq(take_all(&f, ACTION_SPAWN, dry), N);
                        for (size_t i = 0; i < N; i++)
                                engine_stop(f.engine, i, f.now);
                        cr_expect_eq(take_all(&f, ACTION_SIGNAL, dry), N);
                        for (size_t i = 0; i < N; i++)
                                engine_exited(f.engine, i, (ProcessExit){ EXIT_SIGNAL, SIGTERM, 0 },
                                              false, f.now);
                        cr_expect_eq(take_all(&f, ACTION_CHANGED, dry), N);
                }
        }
}
