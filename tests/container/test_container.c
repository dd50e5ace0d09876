/* supervisord as PID 1: orphans, signals and exit statuses as a container's init has to treat them.
 */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdlib.h>

#include "base/macro.h"
#include "scenario/harness.h"

TestSuite(container, .timeout = 120);

/* Wait until PID 1 has @n children, none of them a zombie. */
static void await_children(Scenario *s, size_t n) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        size_t children, zombies;

        for (;;) {
                children = scenario_count_children(s, &zombies);
                if (children == n && zombies == 0)
                        return;
                cr_assert(now_msec() < deadline,
                          "%zu children, %zu of them zombies, and not %zu; the log:\n%s", children,
                          zombies, n, s->log);
                (void)poll(NULL, 0, 10);
        }
}

Test(container, ends_in_order_on_sigterm) {
        _scenario_ s = scenario_new();

        scenario_run_as_pid_1(s);
        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s on=15:100:0 append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "supervisord started with pid 1$");
        scenario_await_ready(s, 1);
        scenario_stop(s);
        scenario_await(s, "stopped: a \\(exit status 0\\)");
}

/* Orphans of all kinds: by a double fork, in a session of their own, killed, outliving each other.
 */
Test(container, reaps_orphans_silently) {
        _scenario_ s = scenario_new();

        scenario_run_as_pid_1(s);
        scenario_configure(
                s, "",
                "[program:a]\n"
                "command=%(ENV_CHILD)s fork"
                " fork sleep=50 exit=1 end fork sleep=60 exit=2 end fork sleep=70 raise=9 end"
                " fork setsid fork sleep=80 exit=3 end sleep=20 exit=4 end sleep=10 exit=5 end"
                " sleep=200 say=done\n"
                "startsecs=0\nstdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "done");
        await_children(s, 1);
        cr_assert_eq(scenario_count(s, "reaped|unknown pid"), 0, "%s", s->log);
        scenario_stop(s);
}

static void expect_command_status(const char *step, int expected) {
        _scenario_ s = scenario_new();
        int status;

        scenario_run_as_pid_1(s);
        scenario_launch(s, "--", getenv("CHILD"), step, NULL);
        status = scenario_exit_status(s);
        cr_assert_eq(status, expected, "exit status %d, not %d; output:\n%s", status, expected,
                     s->log);
        scenario_assert_nothing_left(s);
}

Test(container, takes_over_the_status_of_a_command) {
        expect_command_status("exit=0", 0);
        expect_command_status("exit=42", 42);
        expect_command_status("raise=15", 128 + 15);
        expect_command_status("raise=9", 128 + 9);
}

Test(container, forwards_signals_to_a_command) {
        _scenario_ s = scenario_new();

        scenario_run_as_pid_1(s);
        scenario_launch(s, "--", getenv("CHILD"), "on=10:0:33", "say=up", NULL);
        scenario_await(s, "^up$");
        scenario_signal(s, SIGUSR1);
        cr_assert_eq(scenario_exit_status(s), 33);
        scenario_assert_nothing_left(s);
}

Test(container, stops_a_command_that_has_the_default_action) {
        _scenario_ s = scenario_new();

        scenario_run_as_pid_1(s);
        scenario_launch(s, "--", getenv("CHILD"), "say=up", NULL);
        scenario_await(s, "^up$");
        scenario_signal(s, SIGTERM);
        cr_assert_eq(scenario_exit_status(s), 128 + 15);
        scenario_assert_nothing_left(s);
}

Test(container, reaps_the_orphans_of_a_command) {
        _scenario_ s = scenario_new();

        scenario_run_as_pid_1(s);
        scenario_launch(s, "--", getenv("CHILD"), "fork", "fork", "sleep=30", "exit=9", "end",
                        "exit=8", "end", "on=15:0:5", "say=up", NULL);
        scenario_await(s, "^up$");
        /* The middle one is the command's own child, which never reaps it. */
        await_children(s, 1);
        scenario_signal(s, SIGTERM);
        cr_assert_eq(scenario_exit_status(s), 5);
}

Test(container, ends_when_its_only_program_has_a_stubborn_descendant) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_run_as_pid_1(s);
        scenario_configure(
                s, "",
                "[program:a]\n"
                "command=%(ENV_CHILD)s on=15:0:0 fork setsid ignore=15 append=%(here)s/up end"
                " await=%(here)s/up\n"
                "startsecs=0\nstopwaitsecs=1\n");
        scenario_start(s, NULL);
        free(scenario_read(s, "up"));
        scenario_await(s, "success: a");
        passed = now_msec();
        scenario_stop(s);
        passed = now_msec() - passed;
        cr_assert(passed >= 900 && passed < 5000, "%jd ms", (intmax_t)passed);
}
