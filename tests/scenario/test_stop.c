/* Stopping: order, graces, the ways of a person who cannot wait, and the report in the end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(stop, .timeout = 120);

#define STUBBORN_CHILDREN 100
#define LATENESS_ALLOWED_MSEC 250 /* for a loaded machine; the figure itself is printed */

Test(stop, of_one_priority_takes_as_long_as_the_slowest) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(
                s, "",
                "[program:slow]\ncommand=%(ENV_CHILD)s on=15:3000:0 append=%(here)s/ready\nstartsecs=0\n"
                "numprocs=10\nprocess_name=slow_%(process_num)d\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 10);
        passed = now_msec();
        scenario_stop(s);
        passed = now_msec() - passed;
        cr_log_info("10 programs of 3 s each stopped in %jd ms", (intmax_t)passed);
        cr_assert_eq(scenario_count(s, "INFO stopped: slow_[0-9] \\(exit status 0\\)"), 10);
        cr_assert(passed >= 2990 && passed < 4500, "%jd ms", (intmax_t)passed);
}

Test(stop, goes_through_the_priorities_in_reverse) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:base]\ncommand=%(ENV_CHILD)s on=15:300:0 append=%(here)s/ready\npriority=1\nstartsecs=0\n"
                "[program:middle]\ncommand=%(ENV_CHILD)s on=15:300:0 append=%(here)s/ready\npriority=2\n"
                "startsecs=0\n"
                "[program:top]\ncommand=%(ENV_CHILD)s on=15:300:0 append=%(here)s/ready\npriority=3\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 3);
        scenario_stop(s);
        cr_assert_geq(scenario_msec_between(s, "stopped: top", "stopped: middle"), 295);
        cr_assert_geq(scenario_msec_between(s, "stopped: middle", "stopped: base"), 295);
}

Test(stop, kills_when_the_grace_is_over) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstopwaitsecs=1\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        scenario_await(s, "WARN killing 'a' \\([0-9]+\\) with SIGKILL");
        scenario_await(s, "WARN stopped: a \\(terminated by SIGKILL\\)");
        passed = scenario_msec_between(s, "received SIGTERM", "killing 'a'");
        cr_assert(passed >= 998 && passed < 1000 + LATENESS_ALLOWED_MSEC, "%jd ms",
                  (intmax_t)passed);
}

/* How late the last of the children died, in ms after the end of its grace. */
static int64_t last_death(Scenario *s, int64_t grace_msec) {
        int64_t worst = 0;

        for (int i = 0; i < STUBBORN_CHILDREN; i++) {
                char line[64];
                int64_t late;

                snprintf(line, sizeof(line), "stopped: stubborn_%d ", i);
                late = scenario_msec_between(s, "received SIGTERM", line) - grace_msec;
                cr_assert(late >= -2, "killed %jd ms before its time", (intmax_t)-late);
                worst = MAX(worst, late);
        }
        return worst;
}

Test(stop, kills_a_hundred_in_time) {
        _scenario_ s = scenario_new();
        int64_t worst;

        scenario_configure(
                s, "",
                "[program:stubborn]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstartsecs=0\n"
                "stopwaitsecs=2\nnumprocs=100\nprocess_name=stubborn_%(process_num)d\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, STUBBORN_CHILDREN);
        scenario_stop(s);
        worst = last_death(s, 2000);
        cr_log_info("100 stubborn children: the last died %jd ms after its grace", (intmax_t)worst);
        cr_assert_lt(worst, LATENESS_ALLOWED_MSEC);
}

Test(stop, is_not_hurried_by_a_repeated_sigterm) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s on=15:4000:0 append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_signal(s, SIGTERM);
        scenario_await(s, "WARN received SIGTERM indicating exit request");
        scenario_mark(s);
        for (size_t i = 1; i <= 3; i++) {
                scenario_signal(s, SIGTERM);
                scenario_await_count(s, i, "received SIGTERM indicating exit request");
                scenario_await_count(s, i, "waiting for a \\(SIGKILL in ");
        }
        scenario_await(s, "INFO waiting for a to die, SIGKILL for a in ");
        cr_assert_eq(scenario_exit_status(s), 0);
        cr_assert_eq(scenario_count(s, "INFO stopped: a \\(exit status 0\\)"), 1);
        scenario_assert_nothing_left(s);
}

Test(stop, ends_with_a_report) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:good]\ncommand=%(ENV_CHILD)s on=15:100:0 append=%(here)s/ready\nstartsecs=0\n"
                "[program:stubborn]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstartsecs=0\n"
                "stopwaitsecs=1\n"
                "[program:done]\ncommand=%(ENV_CHILD)s exit=0\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_await(s, "exited: done");
        scenario_stop(s);
        scenario_await(s, "stopped 2 processes in 1\\.?[0-9]* s, 1 of them killed");
        scenario_await(s, " good: exit status 0, 1[0-9][0-9] ms after it was asked to stop$");
        scenario_await(s,
                       " stubborn: terminated by SIGKILL, .* after it was asked to stop, killed$");
        scenario_await(s, " done: exit status 0, before the shutdown$");
}

Test(stop, of_many_reports_only_what_went_wrong) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:many]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
                "numprocs=51\nprocess_name=many%(process_num)02d\n"
                "[program:odd]\ncommand=%(ENV_CHILD)s on=15:0:3 append=%(here)s/ready\nstartsecs=0\n"
                "[program:stubborn]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstartsecs=0\n"
                "stopwaitsecs=1\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 53);
        scenario_stop(s);
        scenario_await(s, "stopped 53 processes in .* s, 1 of them killed");
        scenario_await(s, " odd: exit status 3, .* after it was asked to stop$");
        scenario_await(s, " stubborn: terminated by SIGKILL, .* killed$");
        cr_expect_eq(scenario_count(s, "INFO   many"), 0);
}

Test(stop, is_fast_after_a_second_sigint) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(
                s, "fast_shutdown_timeout=300ms\n",
                "[program:a]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstopwaitsecs=600\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_signal(s, SIGINT);
        scenario_await(s, "WARN received SIGINT indicating exit request");
        scenario_mark(s);
        scenario_signal(s, SIGINT);
        passed = now_msec();
        cr_assert_eq(scenario_exit_status(s), 0);
        passed = now_msec() - passed;
        cr_assert(passed >= 295 && passed < 5000, "%jd ms", (intmax_t)passed);
        cr_assert_eq(scenario_count(s, "killing 'a'"), 1);
        scenario_assert_nothing_left(s);
}

Test(stop, is_immediate_after_a_third_sigint) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "fast_shutdown_timeout=600\n",
                "[program:a]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\nstopwaitsecs=600\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        for (int i = 0; i < 3; i++) {
                scenario_mark(s);
                scenario_signal(s, SIGINT);
                scenario_await(s, "received SIGINT");
        }
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_await(s, "stopped: a \\(terminated by SIGKILL\\)");
        scenario_assert_nothing_left(s);
}

Test(stop, uses_the_configured_signal) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:quit]\ncommand=%(ENV_CHILD)s ignore=15 on=3:0:33 append=%(here)s/ready\nstopsignal=QUIT\n"
                "startsecs=0\n"
                "[program:usr]\ncommand=%(ENV_CHILD)s ignore=15 on=10:0:44 append=%(here)s/ready\n"
                "stopsignal=sigusr1\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_stop(s);
        scenario_await(s, "WARN stopped: quit \\(exit status 33\\)");
        scenario_await(s, "WARN stopped: usr \\(exit status 44\\)");
}

Test(stop, does_not_wait_for_what_waits_to_be_restarted) {
        _scenario_ s = scenario_new();
        int64_t began;

        scenario_configure(s, "", "[program:a]\ncommand=%(ENV_CHILD)s exit=1\nbackoff_min=600\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: a");
        began = now_msec();
        scenario_stop(s);
        cr_assert_lt(now_msec() - began, 5000);
        cr_assert_eq(scenario_count(s, "spawned: 'a'"), 1);
}

Test(stop, restarts_nothing_any_more) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:slow]\ncommand=%(ENV_CHILD)s on=15:500:0 append=%(here)s/ready\nstartsecs=0\n"
                "[program:failing]\ncommand=%(ENV_CHILD)s on=15:0:1 append=%(here)s/ready\nautorestart=true\n"
                "startsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "spawned: 'failing'"), 1);
        cr_assert_eq(scenario_count(s, "stopped: failing \\(exit status 1\\)"), 1);
}

Test(stop, catches_a_program_that_is_just_starting) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s on=15:0:0 append=%(here)s/ready\nstartsecs=600\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "stopped: a"), 1);
}

Test(stop, needs_no_signal_with_a_stopsignal_of_0) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s on=15:0:5 append=%(here)s/ready\nstopsignal=0\nstopwaitsecs=1\n"
                "startsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        scenario_await(s, "stopped: a \\(terminated by SIGKILL\\)");
}

Test(stop, happens_on_sigquit_too) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "", "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_signal(s, SIGQUIT);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_await(s, "received SIGQUIT indicating exit request");
        scenario_assert_nothing_left(s);
}
