#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "config/keys/value-signal.h"
#include "config/model/config.h"

TestSuite(ladder, .timeout = 10);

static StopLadder parse(const char *text) {
        _cleanup_(freep) char *why = NULL;
        StopLadder ladder;

        cr_assert_eq(ladder_store(NULL, text, &ladder, NULL, &why), 0, "%s: %s", text, why);
        return ladder;
}

static void expect_refused(const char *text, const char *expected) {
        _cleanup_(freep) char *why = NULL;
        StopLadder ladder;

        cr_assert_eq(ladder_store(NULL, text, &ladder, NULL, &why), -EINVAL, "%s", text);
        cr_expect_not_null(strstr(why, expected), "%s", why);
}

Test(ladder, of_one_signal_is_what_python_has) {
        StopLadder l = parse("sigquit");

        cr_expect_eq(l.n, 1);
        cr_expect_eq(l.steps[0].signal, SIGQUIT);
        cr_expect_eq(l.steps[0].wait_usec, STOP_WAIT_DEFAULT);
        cr_expect_eq(parse("0").steps[0].signal, 0);
        cr_expect_eq(parse("15").steps[0].signal, SIGTERM);
}

Test(ladder, gives_each_signal_its_time) {
        StopLadder l = parse("QUIT:20s, INT : 250ms ,TERM");

        cr_assert_eq(l.n, 3);
        cr_expect_eq(l.steps[0].wait_usec, 20 * (int64_t)USEC_PER_SEC);
        cr_expect_eq(l.steps[1].signal, SIGINT);
        cr_expect_eq(l.steps[1].wait_usec, 250 * (int64_t)USEC_PER_MSEC);
        cr_expect_eq(l.steps[2].signal, SIGTERM);
        cr_expect_eq(l.steps[2].wait_usec, STOP_WAIT_DEFAULT);
}

Test(ladder, is_printed_as_it_is_read) {
        StopLadder l = parse("QUIT:20s, INT:0.25, TERM");
        char text[100] = "";
        FILE *f = fmemopen(text, sizeof(text), "w");

        cr_assert_not_null(f);
        ladder_print(f, NULL, &l);
        (void)fclose(f);
        cr_expect_str_eq(text, "SIGQUIT:20, SIGINT:0.25, SIGTERM");
        l = parse(text);
        cr_expect(ladder_equal(&l, &(const StopLadder){
                                           .steps = { { SIGQUIT, 20000000 },
                                                      { SIGINT, 250000 },
                                                      { SIGTERM, STOP_WAIT_DEFAULT } },
                                           .n = 3,
                                   }));
}

Test(ladder, with_a_mistake_is_refused_with_what_would_be_right) {
        expect_refused("TRM", "did you mean TERM?");
        expect_refused("QUIT:soon", "no duration");
        expect_refused("QUIT:-1", "no duration");
        expect_refused("QUIT:1s,", "no signal");
        expect_refused("1,2,3,4,5,6,7,8,9", "more than 8");
}
