#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "config/text/scope.h"

TestSuite(expand, .timeout = 10);

/* Expand with a name of text, one of text that is not ASCII, and numbers. */
static int expand_text(const char *text, char **ret, char **reterr_why) {
        _cleanup_(scope_done) Scope outer = { 0 };
        _cleanup_(scope_done) Scope s = { .parent = &outer };

        cr_assert_eq(scope_set(&outer, "t", "hidden"), 0);
        cr_assert_eq(scope_set(&outer, "u", "\xc3\xa9\xc3\xa9\xc3\xa9"), 0);
        cr_assert_eq(scope_set_env(&outer, "HOME", "/h"), 0);
        cr_assert_eq(scope_set(&s, "t", "web"), 0);
        cr_assert_eq(scope_set_number(&s, "n", 7), 0);
        cr_assert_eq(scope_set_number(&s, "m", -26), 0);
        return scope_expand(&s, text, ret, reterr_why);
}

static const char *const good[][2] = {
        { "", "" },
        { "plain", "plain" },
        { "100%%", "100%" },
        { "%(t)s", "web" },
        { "%(t)s-%(n)s", "web-7" },
        { "%(ENV_HOME)s/x", "/h/x" },
        { "%(n)02d", "07" },
        { "[%(n)5d]", "[    7]" },
        { "[%(n)-3d]", "[7  ]" },
        { "%(n)+d", "+7" },
        { "%(n) d", " 7" },
        { "%(n).3d", "007" },
        { "%(m)05.3d", "-0026" },
        { "%(m)x %(m)X %(m)o", "-1a -1A -32" },
        { "%(m)#x %(n)#o", "-0x1a 0o7" },
        { "%(n)i%(n)u", "77" },
        { "%(n)ld", "7" },
        { "[%(t)5s]", "[  web]" },
        { "[%(t)-5s]", "[web  ]" },
        { "[%(t)05s]", "[  web]" },
        { "%(t).1s", "w" },
        { "[%(u)5.2s]", "[   \xc3\xa9\xc3\xa9]" }, /* width counts characters */
        { "%(n).1s", "7" },
};

Test(expand, formats_as_python_does) {
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_(freep) char *text = NULL, *why = NULL;

                cr_expect_eq(expand_text(good[i][0], &text, &why), 0, "%s: %s", good[i][0], why);
                if (text)
                        cr_expect_str_eq(text, good[i][1], "%s gives %s", good[i][0], text);
        }
}

static const char *const bad[][2] = {
        { "50%", "a plain '%' is written '%%'" },
        { "%Y", "not of the form %(name)s" },
        { "%s", "not of the form" },
        { "%5%", "not of the form" },
        { "%(t)", "incomplete" },
        { "%(t", "closing bracket" },
        { "%(T)s", "did you mean %(t)s?" },
        { "%(ENV_NOPE)s", "no environment variable NOPE" },
        { "%(t)d", "wants a number" },
        { "%(t)r", "not supported" },
        { "%(n)*d", "not supported" },
        { "%(n)99999d", "too large" },
};

Test(expand, refuses_the_rest_with_advice) {
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                _cleanup_(freep) char *text = NULL, *why = NULL;

                cr_expect_eq(expand_text(bad[i][0], &text, &why), -EINVAL, "%s", bad[i][0]);
                cr_expect(why && strstr(why, bad[i][1]), "%s: %s", bad[i][0], why);
        }
}

Test(expand, forgets_a_name_that_is_unset) {
        _cleanup_(scope_done) Scope outer = { 0 };
        _cleanup_(scope_done) Scope s = { .parent = &outer };

        cr_assert_eq(scope_set(&outer, "a", "outer"), 0);
        cr_assert_eq(scope_set(&s, "a", "inner"), 0);
        cr_expect_str_eq(scope_find(&s, "a")->text, "inner");
        scope_unset(&s, "a");
        cr_expect_str_eq(scope_find(&s, "a")->text, "outer");
        cr_expect_null(scope_find(&s, "b"));
}
