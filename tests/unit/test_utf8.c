#include <criterion/criterion.h>
#include <string.h>

#include "base/utf8.h"

TestSuite(utf8, .timeout = 10);

Test(utf8, measures_valid_characters_only) {
        cr_expect_eq(utf8_length(""), 0);
        cr_expect_eq(utf8_length("a"), 1);
        cr_expect_eq(utf8_length("\xc3\xa9"), 2);
        cr_expect_eq(utf8_length("\xe2\x82\xac"), 3);
        cr_expect_eq(utf8_length("\xf4\x8f\xbf\xbf"), 4);
        cr_expect_eq(utf8_length("\xf4\x90\x80\x80"), 0, "beyond U+10FFFF");
        cr_expect_eq(utf8_length("\xed\xa0\x80"), 0, "a surrogate");
        cr_expect_eq(utf8_length("\xe0\x80\x80"), 0, "overlong");
        cr_expect_eq(utf8_length("\xc3"), 0, "cut off");
        cr_expect_eq(utf8_length("\x80"), 0, "a tail alone");
}

Test(utf8, finds_the_first_bad_byte) {
        cr_expect_eq(utf8_valid_prefix("abc"), 3);
        cr_expect_eq(utf8_valid_prefix("a\xc3\xa9\xff"), 3);
}

Test(utf8, knows_pythons_blanks) {
        cr_expect_eq(utf8_blank(" "), 1);
        cr_expect_eq(utf8_blank("\x1f"), 1);
        cr_expect_eq(utf8_blank("\xc2\x85"), 2);
        cr_expect_eq(utf8_blank("\xc2\xa0"), 2);
        cr_expect_eq(utf8_blank("\xe3\x80\x80"), 3);
        cr_expect_eq(utf8_blank("x"), 0);
        cr_expect_eq(utf8_blank("\xc3\xa9"), 0);
        cr_expect_eq(utf8_blank(""), 0);
}

Test(utf8, strips_both_ends) {
        char text[] = " \xc2\xa0\ta b\xe3\x80\x80\r";
        char blank[] = " \t ";

        cr_expect_str_eq(utf8_strip(text), "a b");
        cr_expect_str_eq(utf8_strip(blank), "");
}
