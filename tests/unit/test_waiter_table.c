/* Who waits for which process: an operation's waiters, found by the process that has changed. */
#include "bus/client/waiter-table.h"
#include "engine-fixture.h"

static WaiterTable table;

static void forget(void) {
        waiter_table_done(&table);
}

TestSuite(waiter_table, .fini = forget, .timeout = 10);

static void count(const OperationResult *result, void *userdata) {
        ++*(unsigned *)userdata;
}

static void ignore(void *userdata) {
}

/* An operation that waits until process @index of @f is down, and counts results in *@n. */
static Operation *await_stop(Fixture *f, size_t index, unsigned *n) {
        OperationRules rules = { .target = TARGET_DOWN,
                                 .done = "stopped",
                                 .on_result = count,
                                 .on_done = ignore,
                                 .userdata = n };
        struct WaiterList *list;
        Operation *o;

        cr_assert_eq(operation_new(&rules, &o), 0);
        cr_assert_eq(waiter_table_make(&table, index, &list), 0);
        cr_assert_eq(operation_add(o, list, engine_get(f->engine, 0), false), 0);
        return o;
}

Test(waiter_table, has_nobody_for_a_process_that_nobody_has_waited_for) {
        cr_expect_null(waiter_table_get(&table, 0));
        waiter_table_remove(&table, 7);
}

Test(waiter_table, finds_those_who_wait_for_one_process) {
        FIXTURE(f);
        unsigned n = 0;
        Operation *o;

        add_all(&f, "1");
        o = await_stop(&f, 3, &n);
        cr_expect(waiter_table_get(&table, 3));
        cr_expect_null(waiter_table_get(&table, 2));
        cr_expect_null(waiter_table_get(&table, 4));
        operation_free(o);
        cr_expect_null(waiter_table_get(&table, 3), "nobody waits any more");
}

Test(waiter_table, keeps_those_who_wait_while_it_grows) {
        FIXTURE(f);
        unsigned n = 0;
        Operation *first, *last;

        add_all(&f, "1");
        first = await_stop(&f, 0, &n);
        last = await_stop(&f, 5000, &n);
        waiters_drop(waiter_table_get(&table, 0), engine_get(f.engine, 0));
        cr_expect_eq(n, 1);
        cr_expect_null(waiter_table_get(&table, 0));
        cr_expect(waiter_table_get(&table, 5000));
        operation_free(first);
        operation_free(last);
}

Test(waiter_table, gives_a_process_with_the_index_of_a_removed_one_nobody) {
        FIXTURE(f);
        unsigned n = 0;
        Operation *o;

        add_all(&f, "1");
        o = await_stop(&f, 1, &n);
        operation_free(o);
        waiter_table_remove(&table, 1);
        cr_expect_null(waiter_table_get(&table, 1));
        operation_free(await_stop(&f, 1, &n));
        cr_expect_eq(n, 0);
}
