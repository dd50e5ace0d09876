#include "bus/client/select.h"
#include "engine-fixture.h"
#include "protocol/bus-names.h"

TestSuite(select, .timeout = 10);

static void add_named(Fixture *f, const char *group, const char *name, int64_t priority) {
        ProcessConfig *c = sample_config(name);

        sample_set_group(c, name, group);
        c->priority = priority;
        add(f, c);
}

/* a (alone), web:0, web:1, and the group "odd" with what looks like a pattern. */
static Fixture with_some(void) {
        Fixture f = fixture_new();

        add_named(&f, "web", "1", 3);
        add_named(&f, "a", "a", 2);
        add_named(&f, "web", "0", 1);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        return f;
}

/* "web:0! a ?nobody": in the order of the answer; "!" for what was named itself, "?" for what is
 * unknown, "?:" for an unknown group. */
static void expect(const Fixture *f, const char *words, const char *expected) {
        _cleanup_(selection_done) Selection s = { 0 };
        char copy[256], text[256] = "", *names[16] = { NULL }, *rest = copy;
        size_t n = 0, used = 0;

        (void)snprintf(copy, sizeof(copy), "%s", words);
        for (char *word; (word = strsep(&rest, " "));)
                if (*word)
                        names[n++] = word;
        cr_assert_eq(select_processes(f->engine, names, /* leaving= */ true, &s), 0);
        for (size_t i = 0; i < s.n; i++) {
                const ProcessConfig *c = engine_get(f->engine, s.items[i].index)->config;

                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s:%s%s",
                                         used > 0 ? " " : "", c->group, c->name,
                                         s.items[i].named ? "!" : "");
        }
        for (size_t i = 0; i < s.n_unknown; i++)
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s?%s%s:%s",
                                         used > 0 ? " " : "", s.unknown[i].no_group ? ":" : "",
                                         s.unknown[i].group, s.unknown[i].name);
        cr_expect_str_eq(text, expected, "%s: %s, expected %s", words, text, expected);
}

Test(select, takes_names_groups_patterns_and_all_in_the_order_of_start) {
        _cleanup_(fixture_done) Fixture f = with_some();

        expect(&f, "a", "a:a!");
        expect(&f, "a:a", "a:a!");
        expect(&f, "web:1", "web:1!");
        expect(&f, "web:*", "web:0 web:1");
        expect(&f, "web:", "web:0 web:1");
        expect(&f, "all", "web:0 a:a web:1");
        expect(&f, "*", "web:0 a:a web:1");
        expect(&f, "web:[1-9]", "web:1");
        expect(&f, "w*", "web:0 web:1");
        expect(&f, "*:0 ?", "web:0 a:a");
        expect(&f, "", "");
}

Test(select, takes_each_process_once_however_often_it_is_meant) {
        _cleanup_(fixture_done) Fixture f = with_some();

        expect(&f, "web:1 web:* web:1 all", "web:0 a:a web:1!");
}

Test(select, tells_what_nobody_is_called) {
        _cleanup_(fixture_done) Fixture f = with_some();

        expect(&f, "x", "?x:x");
        expect(&f, "web", "?web:web");
        expect(&f, "web:x", "?web:x");
        expect(&f, "x:y", "?:x:y");
        expect(&f, "x:*", "?:x:");
        expect(&f, "x*", "?x*:x*");
        expect(&f, "x a", "a:a! ?x:x");
}

Test(select, all_of_nobody_is_nobody) {
        FIXTURE(f);

        expect(&f, "all *", "");
}

Test(select, leaves_out_what_is_on_its_way_out_unless_it_is_asked_for) {
        _cleanup_(fixture_done) Fixture f = with_some();
        _cleanup_(selection_done) Selection staying = { 0 }, all = { 0 };

        run(&f, 1);
        engine_remove(f.engine, 1, f.now);
        cr_assert_eq(engine_commit(f.engine, f.now), 0);
        cr_assert_eq(select_all(f.engine, /* leaving= */ false, &staying), 0);
        cr_assert_eq(select_all(f.engine, /* leaving= */ true, &all), 0);
        cr_expect_eq(staying.n, 2);
        cr_expect_eq(all.n, 3);
}

Test(select, bounds_the_number_of_patterns) {
        _cleanup_(fixture_done) Fixture f = with_some();
        _cleanup_(selection_done) Selection s = { 0 };
        char pattern[] = "x*", *names[SELECT_PATTERNS_MAX + 2];

        for (size_t i = 0; i <= SELECT_PATTERNS_MAX; i++)
                names[i] = pattern;
        names[SELECT_PATTERNS_MAX + 1] = NULL;
        cr_expect_eq(select_processes(f.engine, names, true, &s), -E2BIG);
        names[SELECT_PATTERNS_MAX] = NULL;
        cr_expect_eq(select_processes(f.engine, names, true, &s), 0);
}
