#include <criterion/criterion.h>

#include "base/strv.h"

TestSuite(strv, .timeout = 10);

Test(strv, takes_null_for_empty) {
        _cleanup_(strv_freep) char **copy = NULL;

        cr_expect_eq(strv_length(NULL), 0);
        cr_expect_null(strv_env_get(NULL, "A"));
        cr_assert_eq(strv_copy(NULL, &copy), 0);
        cr_expect_not_null(copy);
        cr_expect(strv_equal(NULL, copy));
}

Test(strv, grows_and_sorts) {
        _cleanup_(strv_freep) char **l = NULL;

        cr_assert_eq(strv_extend(&l, "b"), 0);
        cr_assert_eq(strv_extend(&l, "a"), 0);
        cr_assert_eq(strv_extend(&l, "c"), 0);
        strv_sort(l);
        cr_expect_eq(strv_length(l), 3);
        cr_expect_str_eq(l[0], "a");
        cr_expect_str_eq(l[2], "c");
        cr_expect_null(l[3]);
}

Test(strv, compares_order_and_length) {
        char *ab[] = { (char[]){ "a" }, (char[]){ "b" }, NULL };
        char *ba[] = { (char[]){ "b" }, (char[]){ "a" }, NULL };
        char *a[] = { (char[]){ "a" }, NULL };

        cr_expect(strv_equal(ab, ab));
        cr_expect(!strv_equal(ab, ba));
        cr_expect(!strv_equal(ab, a));
        cr_expect(!strv_equal(NULL, a));
}

Test(strv, replaces_a_variable_in_its_place) {
        _cleanup_(strv_freep) char **env = NULL;

        cr_assert_eq(strv_env_set(&env, "A", "1"), 0);
        cr_assert_eq(strv_env_set(&env, "AB", "2"), 0);
        cr_assert_eq(strv_env_set(&env, "A", "3=4"), 0);
        cr_expect_eq(strv_length(env), 2);
        cr_expect_str_eq(env[0], "A=3=4");
        cr_expect_str_eq(strv_env_get(env, "A"), "3=4");
        cr_expect_str_eq(strv_env_get(env, "AB"), "2");
        cr_expect_null(strv_env_get(env, "B"));
}
