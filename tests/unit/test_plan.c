#include <criterion/criterion.h>
#include <stdio.h>

#include "config/keys/value-dependencies.h"
#include "core/plan.h"
#include "sample-config.h"

TestSuite(plan, .timeout = 20);

#define MAX_CONFIGS 500

typedef struct Fixture {
        ProcessConfig *configs[MAX_CONFIGS];
        size_t n;
        Plan *plan;
} Fixture;

static void fixture_done(Fixture *f) {
        for (size_t i = 0; i < f->n; i++)
                process_config_unref(f->configs[i]);
        plan_free(f->plan);
}

static ProcessConfig *add(Fixture *f, const char *name, int64_t group_priority, int64_t priority) {
        ProcessConfig *c = sample_config(name);

        c->group_priority = group_priority;
        c->priority = priority;
        f->configs[f->n++] = c;
        return c;
}

static void arrange(Fixture *f) {
        cr_assert_eq(plan_new((const ProcessConfig *const *)f->configs, f->n, &f->plan), 0);
}

static uint64_t worst(const Fixture *f) {
        return plan_worst_stop_usec(f->plan, (const ProcessConfig *const *)f->configs);
}

/* "a b | c": the waves in start order. */
static const char *waves(const Fixture *f, char *text, size_t size) {
        size_t n = 0;

        text[0] = '\0';
        for (size_t w = 0; w < f->plan->n_waves; w++)
                for (size_t k = 0; k < f->plan->waves[w].n; k++) {
                        size_t i = f->plan->order[f->plan->waves[w].first + k];

                        n += (size_t)snprintf(text + n, size - n, "%s%s",
                                              k > 0   ? " "
                                              : w > 0 ? " | "
                                                      : "",
                                              f->configs[i]->name);
                }
        return text;
}

#define EXPECT_WAVES(f, expected)                                         \
        do {                                                              \
                char text[200];                                           \
                                                                          \
                cr_expect_str_eq(waves(f, text, sizeof(text)), expected); \
        } while (0)

Test(plan, of_nothing_is_empty_and_takes_no_time) {
        _cleanup_(fixture_done) Fixture f = {};

        arrange(&f);
        cr_expect_eq(f.plan->n_order, 0);
        cr_expect_eq(f.plan->n_waves, 0);
        cr_expect_eq(worst(&f), 0);
}

Test(plan, starts_lower_priorities_first) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "last", 999, 999);
        add(&f, "first", 999, -5);
        add(&f, "middle", 999, 0);
        arrange(&f);
        EXPECT_WAVES(&f, "first | middle | last");
        cr_expect_eq(f.plan->wave_of[0], 2);
        cr_expect_eq(f.plan->wave_of[1], 0);
        cr_expect_eq(f.plan->wave_of[2], 1);
}

Test(plan, puts_the_priority_of_the_group_before_the_own_one) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "late", 2, 1);
        add(&f, "early", 1, 900);
        arrange(&f);
        EXPECT_WAVES(&f, "early | late");
}

Test(plan, makes_one_wave_of_equal_priorities_in_the_order_of_names) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "c", 1, 1);
        add(&f, "a", 1, 1);
        add(&f, "b", 1, 1);
        add(&f, "z", 1, 0);
        arrange(&f);
        EXPECT_WAVES(&f, "z | a b c");
}

Test(plan, orders_a_wave_by_group_before_name) {
        _cleanup_(fixture_done) Fixture f = {};

        sample_set_group(add(&f, "a", 1, 1), "a", "y");
        sample_set_group(add(&f, "b", 1, 1), "b", "x");
        arrange(&f);
        EXPECT_WAVES(&f, "b a");
}

Test(plan, does_not_depend_on_the_order_of_the_table) {
        char text[200], same[200];

        for (size_t turn = 0; turn < 4; turn++) {
                _cleanup_(fixture_done) Fixture f = {};

                for (size_t i = 0; i < 4; i++) {
                        size_t k = (i + turn) % 4;

                        add(&f, &"a\0b\0c\0d"[2 * k], 1, (int64_t)(k / 2));
                }
                arrange(&f);
                waves(&f, turn == 0 ? same : text, sizeof(text));
                if (turn > 0)
                        cr_expect_str_eq(text, same);
        }
}

Test(plan, leaves_empty_entries_out) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "a", 1, 2);
        f.n++;
        add(&f, "b", 1, 1);
        f.n++;
        arrange(&f);
        EXPECT_WAVES(&f, "b | a");
        cr_expect_eq(f.plan->wave_of[1], UINT32_MAX);
        cr_expect_eq(f.plan->wave_of[3], UINT32_MAX);
}

Test(plan, orders_the_most_distant_priorities) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "high", INT64_MAX, INT64_MAX);
        add(&f, "low", INT64_MIN, INT64_MAX);
        add(&f, "lowest", INT64_MIN, INT64_MIN);
        arrange(&f);
        EXPECT_WAVES(&f, "lowest | low | high");
}

Test(plan, stops_no_slower_than_the_longest_grace_of_each_wave) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "a", 1, 1)->settings->stopwait_usec = 10;
        add(&f, "b", 1, 1)->settings->stopwait_usec = 70;
        add(&f, "c", 1, 2)->settings->stopwait_usec = 5;
        add(&f, "d", 1, 3)->settings->stopwait_usec = -1000;
        arrange(&f);
        cr_expect_eq(worst(&f), 75);
}

Test(plan, stops_at_no_time_that_is_known_if_one_may_wait_for_ever) {
        _cleanup_(fixture_done) Fixture f = {};

        add(&f, "a", 1, 1)->settings->stopwait_usec = DURATION_INFINITY;
        add(&f, "b", 1, 2)->settings->stopwait_usec = 70;
        arrange(&f);
        cr_expect_eq(worst(&f), USEC_INFINITY);
}

Test(plan, does_not_overflow_with_long_graces) {
        _cleanup_(fixture_done) Fixture f = {};

        for (int64_t i = 0; i < 4; i++)
                add(&f, "a", 1, i)->settings->stopwait_usec = INT64_MAX - 1;
        arrange(&f);
        cr_expect_eq(worst(&f), USEC_INFINITY);
}

/* Every entry once, ascending, waves cut exactly where the priorities change. */
Test(plan, is_whole_and_sorted_for_random_tables) {
        uint64_t random = 17;

        for (unsigned round = 0; round < 50; round++) {
                _cleanup_(fixture_done) Fixture f = {};
                bool seen[MAX_CONFIGS] = {};
                size_t n = sample_random(&random) % MAX_CONFIGS, n_seen = 0;

                for (size_t i = 0; i < n; i++) {
                        if (sample_random(&random) % 8 == 0)
                                f.n++;
                        else
                                add(&f, "x", (int64_t)(sample_random(&random) % 5),
                                    (int64_t)(sample_random(&random) % 7));
                        n_seen += f.configs[i] != NULL;
                }
                arrange(&f);

                cr_assert_eq(f.plan->n_order, n_seen);
                for (size_t k = 0; k < f.plan->n_order; k++) {
                        const ProcessConfig *c = f.configs[f.plan->order[k]], *last = NULL;
                        size_t w = f.plan->wave_of[f.plan->order[k]];
                        bool same;

                        cr_assert(c && !seen[f.plan->order[k]]);
                        seen[f.plan->order[k]] = true;
                        cr_assert(k >= f.plan->waves[w].first &&
                                  k < f.plan->waves[w].first + f.plan->waves[w].n);
                        if (k == 0)
                                continue;
                        last = f.configs[f.plan->order[k - 1]];
                        same = last->group_priority == c->group_priority &&
                               last->priority == c->priority;
                        cr_assert(last->group_priority < c->group_priority ||
                                  (last->group_priority == c->group_priority &&
                                   last->priority <= c->priority));
                        cr_assert_eq(w, f.plan->wave_of[f.plan->order[k - 1]] + !same);
                }
        }
}

static void depend(ProcessConfig *c, const char *names) {
        char *why = NULL;

        cr_assert_eq(dependencies_parse(names, &c->depends_on, &why), 0);
}

Test(plan, puts_everybody_behind_those_it_depends_on) {
        _cleanup_(fixture_done) Fixture f = { 0 };

        depend(add(&f, "web", 999, 999), "cache,db");
        depend(add(&f, "cache", 999, 999), "db");
        add(&f, "db", 999, 999);
        add(&f, "other", 999, 999);
        arrange(&f);
        EXPECT_WAVES(&f, "db other | cache | web");
}

Test(plan, lets_a_dependency_outweigh_a_lower_priority) {
        _cleanup_(fixture_done) Fixture f = { 0 };

        depend(add(&f, "web", 999, 10), "db");
        add(&f, "db", 999, 500);
        add(&f, "first", 999, 1);
        add(&f, "last", 999, 600);
        arrange(&f);
        EXPECT_WAVES(&f, "first | db | web | last");
}

Test(plan, keeps_a_higher_priority_than_what_it_depends_on) {
        _cleanup_(fixture_done) Fixture f = { 0 };

        depend(add(&f, "web", 999, 700), "db");
        add(&f, "db", 999, 1);
        add(&f, "other", 999, 500);
        arrange(&f);
        EXPECT_WAVES(&f, "db | other | web");
}

Test(plan, takes_the_longest_grace_of_a_wave_wherever_it_stands) {
        _cleanup_(process_config_unrefp) ProcessConfig *a = sample_config("a"),
                                                       *b = sample_config("b");
        const ProcessConfig *const configs[] = { a, b };
        Plan *plan;

        b->settings->stopwait_usec = USEC_PER_SEC;
        cr_assert_eq(plan_new(configs, 2, &plan), 0);
        cr_expect_eq(plan_worst_stop_usec(plan, configs), 10 * USEC_PER_SEC);
        plan_free(plan);
}
