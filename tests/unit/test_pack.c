#include <criterion/criterion.h>
#include <string.h>

#include "base/macro.h"
#include "base/pack.h"

TestSuite(pack, .timeout = 10);

Test(pack, copies_each_text) {
        const char *const texts[] = { "program:a", "b", NULL, "", "c" };
        const char *copies[ELEMENTSOF(texts)];
        _cleanup_(freep) char *memory = pack_texts(texts, copies, ELEMENTSOF(texts));

        cr_assert_not_null(memory);
        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                if (!texts[i]) {
                        cr_expect_null(copies[i]);
                        continue;
                }
                cr_expect_str_eq(copies[i], texts[i]);
                cr_expect_neq(copies[i], texts[i]);
        }
        cr_expect_eq(copies[0], memory, "it begins with the first");
}

Test(pack, has_room_once_for_what_is_the_same_or_the_end_of_another) {
        const char *const texts[] = { "program:web", "web", "web", "eb" };
        const char *copies[ELEMENTSOF(texts)];
        _cleanup_(freep) char *memory = pack_texts(texts, copies, ELEMENTSOF(texts));

        cr_assert_not_null(memory);
        cr_expect_eq(copies[1], copies[0] + strlen("program:"));
        cr_expect_eq(copies[2], copies[1]);
        cr_expect_eq(copies[3], copies[1] + 1);
}

Test(pack, does_not_take_the_middle_of_a_text_for_another) {
        const char *const texts[] = { "abc", "ab" };
        const char *copies[ELEMENTSOF(texts)];
        _cleanup_(freep) char *memory = pack_texts(texts, copies, ELEMENTSOF(texts));

        cr_assert_not_null(memory);
        cr_expect_str_eq(copies[0], "abc");
        cr_expect_str_eq(copies[1], "ab");
}

Test(pack, of_nothing_is_memory_all_the_same) {
        const char *copies[1];
        _cleanup_(freep) char *memory = pack_texts((const char *const[]){ NULL }, copies, 1);

        cr_expect_not_null(memory);
        cr_expect_null(copies[0]);
}
