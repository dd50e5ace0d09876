#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/macro.h"

TestSuite(arena, .timeout = 10);

Test(arena, gives_zeroed_memory_for_any_type) {
        _cleanup_(arena_done) Arena a = { 0 };

        for (size_t size = 1; size < 100; size++) {
                char *p = arena_alloc(&a, size);

                cr_assert_not_null(p);
                cr_expect_eq((uintptr_t)p % alignof(max_align_t), 0);
                for (size_t i = 0; i < size; i++)
                        cr_expect_eq(p[i], 0);
                memset(p, 'x', size);
        }
}

Test(arena, keeps_what_it_gave_when_it_grows) {
        enum {
                N = 100000
        };
        _cleanup_(arena_done) Arena a = { 0 };
        static char *texts[N];
        char number[16];

        for (int i = 0; i < N; i++) {
                (void)snprintf(number, sizeof(number), "%d", i);
                texts[i] = arena_strdup(&a, number);
                cr_assert_not_null(texts[i]);
        }
        for (int i = 0; i < N; i++) {
                (void)snprintf(number, sizeof(number), "%d", i);
                cr_assert_str_eq(texts[i], number);
        }
}

Test(arena, takes_what_is_larger_than_a_block) {
        _cleanup_(arena_done) Arena a = { 0 };
        const size_t size = 10 << 20;
        char *large = arena_alloc(&a, size), *small = arena_strdup(&a, "small");

        cr_assert(large && small);
        memset(large, 'x', size);
        cr_expect_str_eq(small, "small");
        cr_expect_null(arena_alloc(&a, SIZE_MAX));
        cr_expect_null(arena_alloc(&a, SIZE_MAX / 2));
        cr_expect_str_eq(small, "small");
}

Test(arena, has_room_for_an_array_that_grows) {
        _cleanup_(arena_done) Arena a = { 0 };
        int *numbers = NULL;

        for (int i = 0; i < 1000; i++) {
                numbers = arena_room(&a, numbers, (size_t)i, sizeof(*numbers));
                cr_assert_not_null(numbers);
                numbers[i] = i;
        }
        for (int i = 0; i < 1000; i++)
                cr_expect_eq(numbers[i], i);
        cr_expect_null(arena_room(&a, numbers, SIZE_MAX / 4 + 1, sizeof(*numbers)));
}
