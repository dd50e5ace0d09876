#include <criterion/criterion.h>
#include <signal.h>

#include "base/macro.h"
#include "daemon/entry/wording.h"

TestSuite(words, .timeout = 10);

static void expect_exit(ProcessExit exit, const char *expected) {
        _cleanup_(freep) char *text = NULL;

        cr_assert_eq(words_exit(&exit, &text), 0);
        cr_expect_str_eq(text, expected);
}

Test(words, say_how_a_process_ended_as_python_does) {
        expect_exit((ProcessExit){ .kind = EXIT_STATUS, .value = 3 }, "exit status 3");
        expect_exit((ProcessExit){ .kind = EXIT_SIGNAL, .value = SIGTERM },
                    "terminated by SIGTERM");
        expect_exit((ProcessExit){ .kind = EXIT_SIGNAL, .value = SIGSEGV, .core_dumped = true },
                    "terminated by SIGSEGV (core dumped)");
        expect_exit((ProcessExit){ .kind = EXIT_SPAWN_FAILED, .value = 2 },
                    "not started: No such file or directory");
}

Test(words, name_every_signal_that_can_end_a_process) {
        cr_expect_str_eq(words_signal(SIGQUIT), "SIGQUIT");
        cr_expect_str_eq(words_signal(SIGRTMIN), "SIGRTMIN");
        cr_expect_str_eq(words_signal(SIGRTMIN + 3), "SIGRTMIN+3");
        for (int i = 1; i <= SIGSYS; i++)
                cr_expect_str_neq(words_signal(i), "signal", "%d", i);
        cr_expect_str_eq(words_signal(0), "signal");
        cr_expect_str_eq(words_signal(-1), "signal");
        cr_expect_str_eq(words_signal(1000), "signal");
}

Test(words, give_durations_a_length_that_people_read) {
        static const struct {
                uint64_t usec;
                const char *text;
        } cases[] = {
                { 0, "0 ms" },
                { 350 * USEC_PER_MSEC, "350 ms" },
                { 2500 * USEC_PER_MSEC, "2.5 s" },
                { 59 * USEC_PER_SEC, "59 s" },
                { 60 * USEC_PER_SEC, "1 min" },
                { 100 * USEC_PER_SEC, "1 min 40 s" },
                { USEC_INFINITY, "for ever" },
        };
        char buffer[WORDS_DURATION_MAX];

        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                cr_expect_str_eq(words_duration(cases[i].usec, buffer), cases[i].text);
}
