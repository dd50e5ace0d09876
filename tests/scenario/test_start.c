/* Starting, restarting and giving up, with the words that tools look for in the log. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

TestSuite(start, .timeout = 120);

Test(start, follows_priority_and_then_name) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:late]\ncommand=%(ENV_CHILD)s\npriority=30\n"
                           "[program:first]\ncommand=%(ENV_CHILD)s\npriority=10\n"
                           "[program:twin_b]\ncommand=%(ENV_CHILD)s\npriority=20\n"
                           "[program:twin_a]\ncommand=%(ENV_CHILD)s\npriority=20\n");
        scenario_start(s, NULL);
        scenario_await(s, "spawned: 'late'");
        cr_assert_lt(scenario_position(s, "spawned: 'first'"),
                     scenario_position(s, "spawned: 'twin_a'"));
        cr_assert_lt(scenario_position(s, "spawned: 'twin_a'"),
                     scenario_position(s, "spawned: 'twin_b'"));
        cr_assert_lt(scenario_position(s, "spawned: 'twin_b'"),
                     scenario_position(s, "spawned: 'late'"));
        scenario_stop(s);
}

Test(start, is_a_success_after_startsecs) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(s, "", "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=1\n");
        scenario_start(s, NULL);
        scenario_await(s,
                       "INFO success: a entered RUNNING state, process has stayed up for > than 1 "
                       "seconds \\(startsecs\\)");
        passed = scenario_msec_between(s, "INFO spawned: 'a' with pid", "INFO success: a");
        cr_assert(passed >= 900 && passed < 3000, "%jd ms", (intmax_t)passed);
        scenario_stop(s);
}

Test(start, is_a_success_at_once_without_startsecs) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(
                s, "success: a entered RUNNING state, process has stayed up for > than 0 seconds");
        scenario_stop(s);
}

Test(start, leaves_alone_what_is_not_to_start_by_itself) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nautostart=false\npriority=1\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s\nstartsecs=0\npriority=2\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: b");
        cr_assert_eq(scenario_count(s, "spawned: 'a'"), 0);
        scenario_stop(s);
}

Test(restart, waits_longer_each_time_and_gives_up) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(s, "", "[program:a]\ncommand=%(ENV_CHILD)s exit=1\nstartretries=2\n");
        scenario_start(s, NULL);
        scenario_await(s,
                       "INFO gave up: a entered FATAL state, too many start retries too quickly");
        cr_assert_eq(scenario_count(s, "spawned: 'a'"), 3);
        cr_assert_eq(scenario_count(s, "WARN exited: a \\(exit status 1; not expected\\)"), 3);
        passed = scenario_msec_between(s, "spawned: 'a'", "gave up: a");
        cr_assert(passed >= 2700 && passed < 8000, "1 s and 2 s became %jd ms", (intmax_t)passed);
        scenario_stop(s);
}

Test(restart, follows_the_configured_back_off) {
        _scenario_ s = scenario_new();
        int64_t passed;

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s exit=1\nstartretries=4\n"
                           "backoff_min=100ms\nbackoff_factor=2\nbackoff_max=200ms\n");
        scenario_start(s, NULL);
        scenario_await(s, "gave up: a entered FATAL state");
        cr_assert_eq(scenario_count(s, "spawned: 'a'"), 5);
        passed = scenario_msec_between(s, "spawned: 'a'", "gave up: a");
        cr_assert(passed >= 600 && passed < 4000, "100 and three times 200 became %jd ms",
                  (intmax_t)passed);
        scenario_stop(s);
}

Test(restart, follows_an_unexpected_exit_only) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:done]\ncommand=%(ENV_CHILD)s sleep=20 exit=7\nstartsecs=0\n"
                           "exitcodes=0,7\n"
                           "[program:failing]\ncommand=%(ENV_CHILD)s sleep=60 exit=8\nstartsecs=0\n"
                           "exitcodes=0,7\n"
                           "[program:always]\ncommand=%(ENV_CHILD)s sleep=60 exit=0\nstartsecs=0\n"
                           "autorestart=true\n"
                           "[program:never]\ncommand=%(ENV_CHILD)s sleep=20 exit=9\nstartsecs=0\n"
                           "autorestart=false\n");
        scenario_start(s, NULL);
        scenario_await(s, "INFO exited: done \\(exit status 7; expected\\)");
        scenario_await(s, "WARN exited: never \\(exit status 9; not expected\\)");
        scenario_await(s, "WARN exited: failing \\(exit status 8; not expected\\)");
        scenario_await(s, "INFO exited: always \\(exit status 0; expected\\)");
        scenario_await_count(s, 4, "spawned: 'failing'");
        scenario_await_count(s, 4, "spawned: 'always'");
        cr_assert_eq(scenario_count(s, "spawned: 'done'"), 1);
        cr_assert_eq(scenario_count(s, "spawned: 'never'"), 1);
        scenario_stop(s);
}

Test(restart, of_what_exits_at_once_comes_once_a_second) {
        _scenario_ s = scenario_new();
        int64_t begin = now_msec();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s exit=0\nstartsecs=0\n"
                           "autorestart=true\n");
        scenario_start(s, NULL);
        scenario_await_count(s, 3, "spawned: 'a'");
        cr_expect_geq(now_msec() - begin, 2000);
        scenario_await_count(s, 3, "exited: a \\(exit status 0; expected\\)");
        scenario_stop(s);
}

Test(restart, of_what_exits_at_once_comes_as_often_as_it_may) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s exit=0\nstartsecs=0\n"
                           "autorestart=true\nbackoff_min=0\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s exit=0\nstartsecs=0\n"
                           "autorestart=true\nbackoff_min=600\n");
        scenario_start(s, NULL);
        scenario_await_count(s, 20, "spawned: 'a'");
        scenario_await(s, "exited: b");
        cr_expect_eq(scenario_count(s, "spawned: 'b'"), 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'b'"), 1, "a shutdown calls it off");
}

Test(restart, names_the_signal_that_ended_a_program) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s sleep=20 raise=6\nstartsecs=0\n"
                           "autorestart=false\n");
        scenario_start(s, NULL);
        scenario_await(
                s, "WARN exited: a \\(terminated by SIGABRT( \\(core dumped\\))?; not expected\\)");
        scenario_stop(s);
}

Test(restart, happens_when_someone_else_kills_the_program) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(
                s, "", "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        pid = scenario_pid(s, "a");
        scenario_mark(s);
        cr_assert(kill(pid, SIGKILL) == 0);
        scenario_await(s, "WARN exited: a \\(terminated by SIGKILL; not expected\\)");
        cr_assert_neq(scenario_pid(s, "a"), pid);
        scenario_stop(s);
}

/* Each way in which a command cannot be started, with what the log says of it. */
static void expect_spawn_error(const char *keys, const char *regex) {
        _scenario_ s = scenario_new();
        char text[1024];

        snprintf(text, sizeof(text), "[program:a]\nstartretries=0\n%s\n", keys);
        scenario_configure(s, "", text);
        scenario_write(s, "plain", "no program\n");
        scenario_start(s, NULL);
        scenario_await(s, regex);
        scenario_await(s, "gave up: a entered FATAL state, too many start retries too quickly");
        scenario_stop(s);
}

Test(start, says_that_a_command_is_not_found) {
        expect_spawn_error("command=no-such-program x",
                           "INFO spawnerr: can't find command 'no-such-program'");
}

Test(start, says_that_a_path_is_not_found) {
        expect_spawn_error("command=/no/such/program",
                           "INFO spawnerr: can't find command '/no/such/program'");
}

Test(start, says_that_a_command_is_a_directory) {
        expect_spawn_error("command=/etc", "INFO spawnerr: command at '/etc' is a directory");
}

Test(start, says_that_a_command_is_not_executable) {
        expect_spawn_error("command=%(here)s/plain",
                           "INFO spawnerr: command at '.*/plain' is not executable");
}

Test(start, says_that_a_command_cannot_be_split) {
        expect_spawn_error("command=sh -c 'oops",
                           "INFO spawnerr: can't parse command .*: No closing quotation");
}

Test(start, says_that_the_directory_is_missing) {
        expect_spawn_error("command=%(ENV_CHILD)s\ndirectory=/no/such/place",
                           "couldn't chdir to '?/no/such/place'?: No such file or directory");
}

Test(start, goes_on_with_the_others_when_one_cannot_start) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:bad]\ncommand=/no/such/program\nstartretries=0\npriority=1\n"
                           "[program:good]\ncommand=%(ENV_CHILD)s\nstartsecs=0\npriority=2\n");
        scenario_start(s, NULL);
        scenario_await(s, "gave up: bad");
        scenario_await(s, "success: good");
        scenario_stop(s);
}
