#include <criterion/criterion.h>
#include <errno.h>

#include "base/strv.h"
#include "config/text/split-words.h"

TestSuite(split_words, .timeout = 10);

static const struct {
        const char *text;
        const char *words[5];
} good[] = {
        { "", { NULL } },
        { " \t\r\n ", { NULL } },
        { "/bin/cat -u", { "/bin/cat", "-u" } },
        { "a\nb", { "a", "b" } },
        { "'a b' \"c d\"e", { "a b", "c de" } },
        { "'' \"\" x", { "", "", "x" } },
        { "a\\ b \\'", { "a b", "'" } },
        { "\"a\\\"b\\\\c\\d$x\"", { "a\"b\\c\\d$x" } },
        { "'a\\'", { "a\\" } },
        { "a#b #c", { "a#b", "#c" } },
        { "a;b|c > d", { "a;b|c", ">", "d" } },
};

Test(split_words, follows_a_posix_shell_without_its_powers) {
        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                _cleanup_(strv_freep) char **words = NULL;
                const char *why = NULL;

                cr_assert_eq(split_words(good[i].text, &words, &why), 0, "%s", good[i].text);
                for (size_t k = 0; k < ELEMENTSOF(good[i].words); k++) {
                        cr_assert_eq(!words[k], !good[i].words[k], "%s: word %zu", good[i].text, k);
                        if (!words[k])
                                break;
                        cr_expect_str_eq(words[k], good[i].words[k], "%s", good[i].text);
                }
        }
}

Test(split_words, tells_what_is_open_in_the_words_of_python) {
        static const char *const open[][2] = {
                { "a 'b", "No closing quotation" },    { "\"", "No closing quotation" },
                { "a\\", "No escaped character" },     { "\"a\\", "No escaped character" },
                { "\"a\\\\", "No closing quotation" },
        };

        for (size_t i = 0; i < ELEMENTSOF(open); i++) {
                _cleanup_(strv_freep) char **words = NULL;
                const char *why = NULL;

                cr_expect_eq(split_words(open[i][0], &words, &why), -EINVAL, "%s", open[i][0]);
                cr_expect_str_eq(why, open[i][1], "%s", open[i][0]);
        }
}
