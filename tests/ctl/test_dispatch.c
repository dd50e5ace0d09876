/* From a line to a command, and what completes one; no daemon is there. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

#include "base/strv.h"
#include "ctl/completion.h"
#include "ctl/dispatch.h"

TestSuite(dispatch, .timeout = 20, .init = cr_redirect_stdout);

/* The exit status of @line, after which the prompt goes on or not. */
static ExitStatus run(const char *line, bool leaves) {
        Setup setup = { 0 };
        Session s = { .setup = &setup };

        dispatch_line(&s, line);
        cr_expect_eq(s.leave, leaves, "%s", line);
        session_done(&s);
        return s.status;
}

Test(dispatch, refuses_what_is_no_command) {
        cr_expect_eq(run("star", false), EXIT_GENERIC);
        cr_expect_eq(run("  (x", false), EXIT_GENERIC);
        cr_expect_stdout_eq_str("*** Unknown syntax: star\n*** Unknown syntax: (x\n");
}

Test(dispatch, does_nothing_for_an_empty_line) {
        cr_expect_eq(run(" \t", false), EXIT_GOOD);
        cr_expect_stdout_eq_str("");
}

Test(dispatch, refuses_words_that_a_row_does_not_take) {
        cr_expect_eq(run("version x", false), EXIT_GENERIC);
        cr_expect_stdout_eq_str(
                "Error: version accepts no arguments\nversion\t\t\tShow the version "
                "of the remote supervisord process\n");
}

Test(dispatch, connects_before_words_are_looked_at_if_a_row_says_so) {
        cr_expect_eq(run("start", false), EXIT_REFUSED);
        cr_expect_eq(run("plan", false), EXIT_GENERIC);
        cr_expect_stdout_eq_str("there is no place for a socket\n"
                                "error: there is no place for a socket\n");
}

Test(dispatch, leaves_at_the_end_of_the_input_as_with_exit) {
        cr_expect_eq(run("exit", true), EXIT_GOOD);
        cr_expect_eq(run("quit", true), EXIT_GOOD);
        cr_expect_eq(run("EOF", true), EXIT_GOOD);
        cr_expect_stdout_eq_str("\n\n\n");
}

Test(dispatch, helps_with_a_question_mark_too) {
        cr_expect_eq(run("? exit", false), EXIT_GOOD);
        cr_expect_eq(run("help nonsense", false), EXIT_GOOD);
        cr_expect_stdout_eq_str("exit\tExit the supervisor shell.\n*** No help on nonsense\n");
}

/* ---------------------------------------------------------------- completion */

static void expect_completions(const char *line, const char *text, char **expected) {
        _cleanup_(strv_freep) char **found = NULL;
        Setup setup = { 0 };
        Session s = { .setup = &setup };

        cr_assert_eq(completion_find(&s, line, text, &found), 0);
        cr_expect(strv_equal(found ?: (char *[]){ NULL }, expected), "%s", line);
}

Test(dispatch, completes_commands_signals_and_topics) {
        expect_completions("sta", "sta", (char *[]){ "start", "status", NULL });
        expect_completions("help sta", "sta", (char *[]){ "start", "status", NULL });
        expect_completions("signal U", "U", (char *[]){ "USR1", "USR2", NULL });
        expect_completions("start ", "", (char *[]){ NULL });
        expect_completions("version ", "", (char *[]){ NULL });
}
