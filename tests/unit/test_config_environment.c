#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/strv.h"
#include "config/keys/environment-pairs.h"

TestSuite(config_environment, .timeout = 10);

static void expect(const char *text, const char *joined, bool warned) {
        _cleanup_(strv_freep) char **env = NULL;
        _cleanup_(freep) char *warning = NULL, *why = NULL;
        char result[256] = "";
        size_t n = 0;

        cr_assert_eq(parse_environment(text, &env, &warning, &why), 0, "%s: %s", text, why);
        for (char **e = env; e && *e; e++)
                n += (size_t)snprintf(result + n, sizeof(result) - n, "%s|", *e);
        cr_expect_str_eq(result, joined, "%s gives %s", text, result);
        cr_expect_eq(warning != NULL, warned, "%s: %s", text, warning);
}

Test(config_environment, reads_pairs_as_python_does) {
        expect("", "", false);
        expect("A=1,B=2", "A=1|B=2|", false);
        expect("B=\"1\",A='2',", "A=2|B=1|", false);
        expect("A=\"a,b\",B=\"c d\"", "A=a,b|B=c d|", false);
        expect("A = 1 ,\n  B=2", "A=1|B=2|", false);
        expect("A=/x/y.z-+():w", "A=/x/y.z-+():w|", false);
        expect("A=\"\"", "A=|", false);
        expect("A=\"'x'\"", "A=x|", false);
        expect("A=a\"b\"", "A=a\"b|", false);
        expect("A=1;B=2", "A=1|B=2|", false);
        expect("A=1,#B=2", "A=1|", false);
        expect("A=1,A=2", "A=2|", false);
        expect("A=\xc3\xa9", "A=\xc3\xa9|", false);
}

Test(config_environment, reads_what_was_meant_where_python_drops_a_part) {
        expect("A=a b", "A=a b|", true);
        expect("A=$HOME", "A=$HOME|", true);
        expect("A=http://h/p?q=1", "A=http://h/p?q=1|", true);
        expect("A=a#b", "A=a#b|", true);
        expect("A=\"x\\\"y\"", "A=x\"y|", true);
}

Test(config_environment, refuses_what_python_refuses) {
        static const char *const bad[] = {
                "A",           "A=",    "A=x@y", "A=1 B=2", "A=a,b",        "\"A=1\"",
                "A={\"x\":1}", "A=\"x", "=",     "==B",     "A=http://x?y", "A=$X,B=2",
        };

        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                _cleanup_(strv_freep) char **env = NULL;
                _cleanup_(freep) char *warning = NULL, *why = NULL;

                cr_expect_eq(parse_environment(bad[i], &env, &warning, &why), -EINVAL, "%s",
                             bad[i]);
                cr_expect(why && *why, "%s", bad[i]);
        }
}
