#include <criterion/criterion.h>

#include "core/schedule.h"
#include "sample-config.h"

TestSuite(schedule, .timeout = 20);

#define START (1U << DUE_START)
#define STOP (1U << DUE_STOP)
#define LEAVING (1U << DUE_LEAVING)
#define AGAIN (1U << DUE_AGAIN)

static Schedule *new_schedule(size_t n_waves, size_t n_places) {
        Schedule *s = NULL;

        cr_assert_eq(schedule_new(n_waves, n_places, &s), 0);
        return s;
}

Test(schedule, has_nothing_due_at_first) {
        static const size_t sizes[] = { 0, 1, 63, 64, 65, 1000 };

        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                _cleanup_(schedule_freep) Schedule *s = new_schedule(sizes[i], sizes[i]);

                for (Due due = 0; due < _DUE_MAX; due++) {
                        cr_expect_eq(schedule_highest(s, due), NO_WAVE);
                        cr_expect_eq(schedule_lowest(s, due), NO_WAVE);
                }
        }
}

Test(schedule, finds_the_highest_and_the_lowest_wave) {
        _cleanup_(schedule_freep) Schedule *s = new_schedule(200, 200);

        schedule_count(s, 63, 63, 0, STOP);
        schedule_count(s, 64, 64, 0, STOP | LEAVING);
        schedule_count(s, 199, 199, 0, STOP);
        cr_expect_eq(schedule_lowest(s, DUE_STOP), 63);
        cr_expect_eq(schedule_highest(s, DUE_STOP), 199);
        cr_expect_eq(schedule_lowest(s, DUE_LEAVING), 64);
        cr_expect_eq(schedule_highest(s, DUE_LEAVING), 64);
        cr_expect_eq(schedule_lowest(s, DUE_START), NO_WAVE);
}

Test(schedule, keeps_a_wave_until_its_last_member_is_through) {
        _cleanup_(schedule_freep) Schedule *s = new_schedule(3, 3);

        schedule_count(s, 1, 1, 0, START);
        schedule_count(s, 1, 2, 0, START);
        cr_expect_eq(schedule_get(s, 1, DUE_START), 2);
        schedule_count(s, 1, 1, START, AGAIN);
        cr_expect_eq(schedule_lowest(s, DUE_START), 1);
        schedule_count(s, 1, 2, START, 0);
        cr_expect_eq(schedule_lowest(s, DUE_START), NO_WAVE);
        cr_expect_eq(schedule_get(s, 1, DUE_AGAIN), 1);
}

Test(schedule, finds_the_next_that_has_something_due) {
        static const size_t places[] = { 3, 63, 64, 127, 200 };
        _cleanup_(schedule_freep) Schedule *s = new_schedule(1, 201);
        size_t place = 0;

        cr_expect_eq(schedule_next(s, 0, 201, DUE_START), 201, "there is none");
        for (size_t i = 0; i < ELEMENTSOF(places); i++)
                schedule_count(s, 0, places[i], 0, START);
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                place = schedule_next(s, place, 201, DUE_START);
                cr_expect_eq(place++, places[i]);
        }
        cr_expect_eq(schedule_next(s, place, 201, DUE_START), 201);
        cr_expect_eq(schedule_next(s, 4, 63, DUE_START), 63, "the next is behind the end");
        cr_expect_eq(schedule_next(s, 64, 64, DUE_START), 64, "there is no place");
        cr_expect_eq(schedule_next(s, 0, 201, DUE_STOP), 201, "it waits for something else");
}

Test(schedule, counts_nobody_without_a_wave) {
        _cleanup_(schedule_freep) Schedule *s = new_schedule(1, 1);

        schedule_count(s, NO_WAVE, 0, 0, START | STOP | LEAVING | AGAIN);
        for (Due due = 0; due < _DUE_MAX; due++)
                cr_expect_eq(schedule_highest(s, due), NO_WAVE);
}

/* Waves that straddle the words of the bitmaps, with members that go and come back. */
Test(schedule, agrees_with_a_recount_on_random_use) {
        enum {
                WAVES = 130,
                MEMBERS = 400
        };
        _cleanup_(schedule_freep) Schedule *s = new_schedule(WAVES, MEMBERS);
        DueSet members[MEMBERS] = {};
        uint64_t random = 5;

        for (unsigned step = 0; step < 20000; step++) {
                size_t m = sample_random(&random) % MEMBERS, highest[_DUE_MAX], lowest[_DUE_MAX];
                size_t density = step / 5000; /* from nearly empty to full */
                DueSet due = sample_random(&random) % 4 < density
                                     ? sample_random(&random) % (1U << _DUE_MAX)
                                     : 0;

                schedule_count(s, m % WAVES, m, members[m], due);
                members[m] = due;

                for (Due d = 0; d < _DUE_MAX; d++)
                        highest[d] = lowest[d] = NO_WAVE;
                for (size_t k = 0; k < MEMBERS; k++)
                        for (Due d = 0; d < _DUE_MAX; d++)
                                if (members[k] & 1U << d) {
                                        size_t w = k % WAVES;

                                        lowest[d] = MIN(lowest[d], w);
                                        if (highest[d] == NO_WAVE || highest[d] < w)
                                                highest[d] = w;
                                }
                for (Due d = 0; d < _DUE_MAX; d++) {
                        cr_assert_eq(schedule_highest(s, d), highest[d]);
                        cr_assert_eq(schedule_lowest(s, d), lowest[d]);
                }
        }
}
