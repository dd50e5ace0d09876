#include <criterion/criterion.h>

#include "config/keys/value-dependencies.h"
#include "config/model/dependency-graph.h"
#include "unit/config-fixture.h"

TestSuite(dependencies, .init = make_folder, .fini = remove_folder, .timeout = 20);

#define HEAD "[supervisord]\n"
#define SECTION(name, rest) "[program:" name "]\ncommand=" name "\n" rest "\n"

static const ProcessConfig *find(const Config *c, const char *name) {
        for (size_t i = 0; i < c->n_processes; i++)
                if (strcmp(c->processes[i]->name, name) == 0)
                        return c->processes[i];
        cr_assert_fail("no %s", name);
        return NULL;
}

static size_t index_of(const Config *c, const char *name) {
        size_t i = 0;

        while (c->processes[i] != find(c, name))
                i++;
        return i;
}

static DependencyGraph *graph_of(const Config *c) {
        DependencyGraph *g;

        cr_assert_eq(dependency_graph_new((const ProcessConfig *const *)c->processes,
                                          c->n_processes, &g),
                     0);
        return g;
}

Test(dependencies, wait_for_readiness_unless_something_else_is_said) {
        LOAD(l, HEAD SECTION("a", "depends_on = b, c:started,d:EXITED") SECTION("b", "")
                        SECTION("c", "") SECTION("d", ""));
        const DependencyList *list = &find(l.config, "a")->depends_on;

        cr_assert_eq(list->n, 3);
        cr_expect_str_eq(list->items[0].name, "b");
        cr_expect_eq(list->items[0].condition, DEPENDENCY_READY);
        cr_expect_str_eq(list->items[1].name, "c");
        cr_expect_eq(list->items[1].condition, DEPENDENCY_STARTED);
        cr_expect_str_eq(list->items[2].name, "d");
        cr_expect_eq(list->items[2].condition, DEPENDENCY_EXITED);
}

Test(dependencies, are_on_groups_programs_and_single_processes) {
        LOAD(l, HEAD SECTION("a", "depends_on=g") SECTION("b", "depends_on=w")
                        SECTION("c", "depends_on=g:w_1:started")
                                SECTION("w", "numprocs=3\nprocess_name=w_%(process_num)d")
                                        SECTION("v", "") "[group:g]\nprograms=w,v\n");
        _cleanup_(dependency_graph_freep) DependencyGraph *g = graph_of(l.config);
        size_t a = index_of(l.config, "a"), b = index_of(l.config, "b"),
               c = index_of(l.config, "c"), w1 = index_of(l.config, "w_1");

        cr_expect_eq(g->first[a + 1] - g->first[a], 4);
        cr_expect_eq(g->first[b + 1] - g->first[b], 3);
        cr_assert_eq(g->first[c + 1] - g->first[c], 1);
        cr_expect_eq(g->edges[g->first[c]].process, w1);
        cr_expect_eq(g->edges[g->first[c]].condition, DEPENDENCY_STARTED);
        cr_expect_eq(g->first_user[w1 + 1] - g->first_user[w1], 3);
        cr_expect_null(g->circle);
}

Test(dependencies, order_everybody_behind_those_it_depends_on) {
        LOAD(l, HEAD SECTION("a", "depends_on=b,c") SECTION("b", "depends_on=d")
                        SECTION("c", "depends_on=d") SECTION("d", ""));
        _cleanup_(dependency_graph_freep) DependencyGraph *g = graph_of(l.config);
        size_t place[4];

        for (size_t i = 0; i < 4; i++)
                place[g->order[i]] = i;
        for (size_t i = 0; i < 4; i++)
                for (size_t k = g->first[i]; k < g->first[i + 1]; k++)
                        cr_expect_lt(place[g->edges[k].process], place[i]);
}

Test(dependencies, on_unknown_names_are_errors_with_a_suggestion) {
        REFUSE(HEAD SECTION("web", "depends_on=databse") SECTION("database", ""),
               "[program:web] depends_on: there is no 'databse'; did you mean database?");
}

Test(dependencies, that_go_in_a_circle_are_errors_that_name_it) {
        REFUSE(HEAD SECTION("a", "depends_on=b") SECTION("b", "depends_on=c")
                       SECTION("c", "depends_on=a") SECTION("d", "depends_on=a"),
               "this goes round in a circle: a -> b -> c -> a; leave one of these out");
        REFUSE(HEAD SECTION("a", "depends_on=a"), "circle: a -> a;");
        REFUSE(HEAD SECTION("w", "depends_on=g") "[group:g]\nprograms=w\n", "circle: g:w -> g:w;");
}

Test(dependencies, with_empty_names_are_errors) {
        REFUSE(HEAD SECTION("a", "depends_on=b,,b") SECTION("b", ""), "an empty name stands");
}

Test(dependencies, hold_as_far_as_possible_where_a_circle_came_about) {
        LOAD(l, HEAD SECTION("a", "depends_on=b") SECTION("b", "depends_on=c") SECTION("c", "")
                        SECTION("d", "depends_on=a"));
        ProcessConfig *c = l.config->processes[index_of(l.config, "c")];
        char *why = NULL;
        size_t n = 0;

        cr_assert_eq(dependencies_parse("a", &c->depends_on, &why), 0);
        {
                _cleanup_(dependency_graph_freep) DependencyGraph *g = graph_of(l.config);

                cr_expect_eq(g->n_circle, 3);
                for (size_t i = 0; i < g->n; i++)
                        n += g->first[i + 1] - g->first[i];
                cr_expect_eq(n, 3, "one of four edges is left out");
                cr_expect_eq(g->first_user[g->n], 3);
        }
}
