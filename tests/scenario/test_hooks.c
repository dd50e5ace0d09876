/* Commands before a start, before a stop and after the end. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(hooks, .timeout = 120);

static Scenario *with_program(const char *keys) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", keys);
        scenario_start(s, NULL);
        return s;
}

Test(hooks, run_around_the_life_of_a_program) {
        _scenario_ s =
                with_program("[program:a]\nreadiness=notify\n"
                             "command=%(ENV_CHILD)s on=15:0:3 notify=READY=1\n"
                             "pre_start_command=/bin/sh -c 'echo before $SUPERVISOR_PROCESS_NAME'\n"
                             "pre_stop_command=/bin/sh -c 'echo draining $MAINPID'\n"
                             "post_stop_command=/bin/sh -c 'echo after $EXIT_CODE $EXIT_STATUS'\n");
        _cleanup_(freep) char *pid = NULL, *told = NULL;

        scenario_await(s, "success: a entered RUNNING");
        pid = scenario_match(s, "spawned: 'a' with pid ([0-9]+)");
        scenario_stop(s);
        told = scenario_match(s, "pre_stop_command of a: draining ([0-9]+)");
        cr_expect_str_eq(told, pid);
        cr_expect_lt(scenario_position(s, "pre_start_command of a: before a"),
                     scenario_position(s, "spawned: 'a'"));
        cr_expect_lt(scenario_position(s, "post_stop_command of a: after exited 3"),
                     scenario_position(s, "stopped: a"));
}

Test(hooks, that_fail_before_a_start_are_failed_starts) {
        _scenario_ s = with_program("[program:a]\ncommand=%(ENV_CHILD)s\nstartretries=1\n"
                                    "backoff_min=10ms\npre_start_command=/bin/sh -c 'exit 4'\n");

        scenario_await_count(s, 2, "spawnerr: pre_start_command of a has failed .exit status 4");
        scenario_await(s, "gave up: a");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'a'"), 0);
}

Test(hooks, that_do_not_exist_are_failed_starts) {
        _scenario_ s = with_program("[program:a]\ncommand=%(ENV_CHILD)s\nstartretries=0\n"
                                    "pre_start_command=/no/such/hook\n");

        scenario_await(s, "spawnerr: pre_start_command of a cannot be started: No such file");
        scenario_await(s, "gave up: a");
        scenario_stop(s);
}

Test(hooks, that_hang_end_with_hook_timeout) {
        _scenario_ s = with_program("[program:a]\ncommand=%(ENV_CHILD)s\nstartretries=0\n"
                                    "hook_timeout=100ms\npre_start_command=%(ENV_CHILD)s\n");

        scenario_await(s, "pre_start_command of a takes longer than hook_timeout");
        scenario_await(s, "gave up: a");
        scenario_stop(s);
}

Test(hooks, before_a_stop_do_not_lengthen_the_grace) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nstopwaitsecs=500ms\n"
                                    "command=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n"
                                    "pre_stop_command=%(ENV_CHILD)s ignore=15\n");

        scenario_await_ready(s, 1);
        scenario_stop(s);
        scenario_await(s, "killing 'a'");
        cr_expect_geq(scenario_msec_between(s, "waiting for a to stop", "killing 'a'"), 490);
}

Test(hooks, are_ended_by_a_stop_and_with_them_what_they_have_started) {
        _scenario_ s =
                with_program("[program:a]\ncommand=%(ENV_CHILD)s\n"
                             "pre_start_command=%(ENV_CHILD)s fork append=%(here)s/ready end "
                             "append=%(here)s/ready\n");

        scenario_await_ready(s, 2);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'a'"), 0);
        scenario_await(s, "sending SIGTERM to pre_start_command of a");
}

Test(hooks, after_a_crash_run_before_the_restart) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nautorestart=true\n"
                                    "command=%(ENV_CHILD)s append=%(here)s/ready\n"
                                    "post_stop_command=/bin/sh -c 'echo cleaned $EXIT_STATUS'\n");
        pid_t pid;

        scenario_await_ready(s, 1);
        pid = scenario_pid(s, "a");
        scenario_mark(s);
        cr_assert_eq(kill(pid, SIGKILL), 0);
        scenario_await(s, "post_stop_command of a: cleaned KILL");
        scenario_await(s, "exited: a .terminated by SIGKILL; not expected");
        scenario_await(s, "spawned: 'a'");
        scenario_stop(s);
}

Test(hooks, that_print_without_end_do_not_flood_the_log) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\ncommand=%(ENV_CHILD)s on=15:0:0\n"
                                    "pre_start_command=/bin/sh -c 'yes | head -c 10000000'\n");

        scenario_await(s, "pre_start_command of a prints more, which is left out");
        scenario_await(s, "success: a entered RUNNING");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "pre_start_command of a: y"), 100);
}
