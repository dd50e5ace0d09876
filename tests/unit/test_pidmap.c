#include <criterion/criterion.h>
#include <errno.h>

#include "base/pidmap.h"

TestSuite(pidmap, .timeout = 20);

static int things[4];

Test(pidmap, finds_what_was_put_and_nothing_else) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        cr_assert_eq(pidmap_put(m, 17, &things[0]), 0);
        cr_assert_eq(pidmap_put(m, 18, &things[1]), 0);

        cr_expect_eq(pidmap_get(m, 17), &things[0]);
        cr_expect_eq(pidmap_get(m, 18), &things[1]);
        cr_expect_null(pidmap_get(m, 19));
        cr_expect_null(pidmap_get(m, 0));
        cr_expect_null(pidmap_get(m, -17));
        cr_expect_eq(pidmap_size(m), 2);
}

Test(pidmap, replaces_the_value_of_a_known_pid) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        cr_assert_eq(pidmap_put(m, 5, &things[0]), 0);
        cr_assert_eq(pidmap_put(m, 5, &things[1]), 0);

        cr_expect_eq(pidmap_get(m, 5), &things[1]);
        cr_expect_eq(pidmap_size(m), 1);
}

Test(pidmap, refuses_what_cannot_be_a_key_or_value) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        cr_expect_eq(pidmap_put(m, 0, &things[0]), -EINVAL);
        cr_expect_eq(pidmap_put(m, -1, &things[0]), -EINVAL);
        cr_expect_eq(pidmap_put(m, 1, NULL), -EINVAL);
        cr_expect_eq(pidmap_size(m), 0);
}

Test(pidmap, gives_the_value_of_what_it_removes) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        cr_assert_eq(pidmap_put(m, 5, &things[0]), 0);

        cr_expect_null(pidmap_remove(m, 6));
        cr_expect_eq(pidmap_remove(m, 5), &things[0]);
        cr_expect_null(pidmap_remove(m, 5));
        cr_expect_eq(pidmap_size(m), 0);
}

/* A small generator, so that every run is the same. */
static uint32_t next_random(uint32_t *state) {
        *state = *state * 1664525 + 1013904223;
        return *state >> 8;
}

/* Against a plain array, over many insertions and removals, with runs that collide and wrap. */
Test(pidmap, agrees_with_an_array_over_random_work) {
        enum {
                N = 3000,
                STEPS = 200000
        };
        static int *expected[N + 1];
        _cleanup_(pidmap_freep) PidMap *m = NULL;
        uint32_t state = 1;
        size_t n = 0;

        cr_assert_eq(pidmap_new(&m), 0);
        for (int i = 0; i < STEPS; i++) {
                pid_t pid = (pid_t)(next_random(&state) % N) + 1;
                int *value = &things[next_random(&state) % ELEMENTSOF(things)];

                if (next_random(&state) % 3) {
                        n += !expected[pid];
                        expected[pid] = value;
                        cr_assert_eq(pidmap_put(m, pid, value), 0);
                } else {
                        n -= !!expected[pid];
                        cr_assert_eq(pidmap_remove(m, pid), expected[pid]);
                        expected[pid] = NULL;
                }
                cr_assert_eq(pidmap_size(m), n);
        }
        for (pid_t pid = 1; pid <= N; pid++)
                cr_assert_eq(pidmap_get(m, pid), expected[pid]);
}

Test(pidmap, removes_all_entries_of_a_value) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        for (pid_t pid = 1; pid <= 1000; pid++)
                cr_assert_eq(pidmap_put(m, pid, &things[pid % 3]), 0);

        cr_expect_eq(pidmap_remove_value(m, &things[1]), 334);
        cr_expect_eq(pidmap_size(m), 666);
        for (pid_t pid = 1; pid <= 1000; pid++)
                cr_assert_eq(pidmap_get(m, pid), pid % 3 == 1 ? NULL : &things[pid % 3]);
}

Test(pidmap, walks_over_each_entry_once) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;
        bool met[101] = { false };
        size_t cursor = 0;
        void *value;
        pid_t pid;

        cr_assert_eq(pidmap_new(&m), 0);
        for (pid = 1; pid <= 100; pid++)
                cr_assert_eq(pidmap_put(m, pid, &things[0]), 0);

        while (pidmap_next(m, &cursor, &pid, &value)) {
                cr_assert(pid >= 1 && pid <= 100);
                cr_expect_not(met[pid]);
                met[pid] = true;
        }
        for (pid = 1; pid <= 100; pid++)
                cr_expect(met[pid]);
}

Test(pidmap, is_empty_after_clearing) {
        _cleanup_(pidmap_freep) PidMap *m = NULL;

        cr_assert_eq(pidmap_new(&m), 0);
        for (pid_t pid = 1; pid <= 100; pid++)
                cr_assert_eq(pidmap_put(m, pid, &things[0]), 0);
        pidmap_clear(m);

        cr_expect_eq(pidmap_size(m), 0);
        cr_expect_null(pidmap_get(m, 50));
        cr_expect_eq(pidmap_put(m, 50, &things[1]), 0);
        cr_expect_eq(pidmap_get(m, 50), &things[1]);
}
