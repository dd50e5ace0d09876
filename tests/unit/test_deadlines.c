#include <criterion/criterion.h>

#include "core/deadlines.h"
#include "sample-config.h"

TestSuite(deadlines, .timeout = 20);

static Deadlines *new_deadlines(size_t n) {
        Deadlines *d = NULL;

        cr_assert_eq(deadlines_new(&d), 0);
        cr_assert_eq(deadlines_reserve(d, n), 0);
        return d;
}

Test(deadlines, has_none_at_first) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(0);
        size_t index = 42;

        cr_expect_eq(deadlines_next(d, &index), USEC_INFINITY);
        cr_expect_eq(index, 42);
        cr_assert_eq(deadlines_reserve(d, 3), 0);
        cr_expect_eq(deadlines_next(d, NULL), USEC_INFINITY);
        for (size_t i = 0; i < 3; i++)
                cr_expect_eq(deadlines_get(d, i), USEC_INFINITY);
}

Test(deadlines, gives_the_earliest_and_its_owner) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(3);
        size_t index;

        deadlines_set(d, 0, 30);
        deadlines_set(d, 1, 10);
        deadlines_set(d, 2, 20);
        cr_expect_eq(deadlines_next(d, &index), 10);
        cr_expect_eq(index, 1);
        cr_expect_eq(deadlines_next(d, NULL), 10);
}

Test(deadlines, moves_one_that_is_set_again) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(2);
        size_t index;

        deadlines_set(d, 0, 10);
        deadlines_set(d, 1, 20);
        deadlines_set(d, 0, 30);
        cr_expect_eq(deadlines_next(d, &index), 20);
        cr_expect_eq(index, 1);
        deadlines_set(d, 0, 5);
        cr_expect_eq(deadlines_next(d, &index), 5);
        cr_expect_eq(index, 0);
}

Test(deadlines, forgets_one_that_is_set_to_infinity) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(2);

        deadlines_set(d, 0, 10);
        deadlines_set(d, 0, USEC_INFINITY);
        deadlines_set(d, 0, USEC_INFINITY);
        cr_expect_eq(deadlines_next(d, NULL), USEC_INFINITY);
        cr_expect_eq(deadlines_get(d, 0), USEC_INFINITY);
}

Test(deadlines, keeps_what_is_set_while_it_grows) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(1);
        size_t index;

        deadlines_set(d, 0, 7);
        for (size_t n = 2; n < 1000; n++)
                cr_assert_eq(deadlines_reserve(d, n), 0);
        cr_assert_eq(deadlines_reserve(d, 1), 0, "less than there is changes nothing");
        cr_expect_eq(deadlines_next(d, &index), 7);
        cr_expect_eq(index, 0);
        cr_expect_eq(deadlines_get(d, 998), USEC_INFINITY);
}

Test(deadlines, takes_them_out_in_order) {
        _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(1000);
        uint64_t random = 3, last = 0;
        size_t index;

        for (size_t i = 0; i < 1000; i++)
                deadlines_set(d, i, sample_random(&random) % 500);
        for (size_t i = 0; i < 1000; i++) {
                uint64_t usec = deadlines_next(d, &index);

                cr_assert_geq(usec, last);
                cr_assert_eq(deadlines_get(d, index), usec);
                last = usec;
                deadlines_set(d, index, USEC_INFINITY);
        }
        cr_expect_eq(deadlines_next(d, NULL), USEC_INFINITY);
}

/* The naive model: an array, searched. Small and large ranges, so that ties and holes come up. */
Test(deadlines, agrees_with_an_array_on_random_use) {
        static const struct {
                size_t n;
                uint64_t range;
        } shapes[] = {
                { 1, 3 }, { 2, 4 }, { 7, 5 }, { 64, 1000 }, { 300, 40 }, { 300, UINT64_MAX }
        };
        uint64_t random = 11;

        for (size_t s = 0; s < ELEMENTSOF(shapes); s++) {
                _cleanup_(deadlines_freep) Deadlines *d = new_deadlines(shapes[s].n);
                uint64_t model[300];

                for (size_t i = 0; i < shapes[s].n; i++)
                        model[i] = USEC_INFINITY;

                for (unsigned step = 0; step < 20000; step++) {
                        size_t i = sample_random(&random) % shapes[s].n, who = SIZE_MAX;
                        uint64_t least = USEC_INFINITY;

                        model[i] = sample_random(&random) % 4 == 0
                                           ? USEC_INFINITY
                                           : sample_random(&random) % shapes[s].range;
                        deadlines_set(d, i, model[i]);

                        for (size_t k = 0; k < shapes[s].n; k++)
                                least = MIN(least, model[k]);
                        cr_assert_eq(deadlines_get(d, i), model[i]);
                        cr_assert_eq(deadlines_next(d, &who), least);
                        if (least != USEC_INFINITY)
                                cr_assert_eq(model[who], least);
                }
        }
}
