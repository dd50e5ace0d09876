/* The file that shows those who look whether work may be sent here. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(readiness_file, .timeout = 120);

#define KEY "readiness_file=%(here)s/is-ready\n"

static bool exists(Scenario *s, const char *name) {
        _cleanup_(freep) char *path = scenario_path(s, name);

        return access(path, F_OK) == 0;
}

static void await_file(Scenario *s, const char *name, bool there) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;

        while (exists(s, name) != there) {
                cr_assert(now_msec() < deadline, "%s is %s; the log:\n%s", name,
                          there ? "missing" : "there", s->log);
                (void)poll(NULL, 0, 5);
        }
}

Test(readiness_file, comes_when_all_are_ready_and_goes_before_they_are_stopped) {
        _scenario_ s = scenario_new();

        scenario_write(s, "is-ready", "of an earlier run");
        scenario_configure(s, KEY "drain_delay=300ms\n",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s await=%(here)s/go notify=READY=1\n"
                           "readiness=notify\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: b entered RUNNING");
        cr_expect(!exists(s, "is-ready"), "b is not ready");
        scenario_write(s, "go", "");
        await_file(s, "is-ready", true);

        scenario_signal(s, SIGTERM);
        await_file(s, "is-ready", false);
        cr_expect_eq(scenario_count(s, "(stopped: |waiting for)"), 0, "%s", s->log);
        cr_expect_eq(scenario_exit_status(s), 0);
        cr_expect_eq(scenario_count(s, "stopped: "), 2);
}

Test(readiness_file, is_missing_while_a_program_is_down_that_should_be_up) {
        _scenario_ s = scenario_new();

        scenario_configure(s, KEY,
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\nautorestart=true\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s\nstartsecs=1\nautorestart=true\n");
        scenario_start(s, NULL);
        await_file(s, "is-ready", true);
        cr_assert_eq(kill(scenario_pid(s, "b"), SIGKILL), 0);
        await_file(s, "is-ready", false);
        await_file(s, "is-ready", true);
        scenario_stop(s);
        cr_expect(!exists(s, "is-ready"));
}

Test(readiness_file, does_not_come_while_a_program_has_given_up) {
        _scenario_ s = scenario_new();

        scenario_configure(s, KEY,
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n"
                           "[program:b]\ncommand=/no/such/program\nstartretries=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "gave up: b");
        scenario_await(s, "success: a");
        cr_expect(!exists(s, "is-ready"));

        scenario_configure(s, KEY, "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "removed: b");
        await_file(s, "is-ready", true);
        scenario_stop(s);
}

Test(readiness_file, follows_its_name_at_a_reload) {
        _scenario_ s = scenario_new();

        scenario_configure(s, KEY, "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_start(s, NULL);
        await_file(s, "is-ready", true);
        scenario_configure(s, "readiness_file=%(here)s/another\n",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        await_file(s, "another", true);
        cr_expect(!exists(s, "is-ready"));
        scenario_stop(s);
        cr_expect(!exists(s, "another"));
}

/* What cannot be made is said, and changes nothing else. */
Test(readiness_file, that_cannot_be_made_is_logged) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "readiness_file=/proc/nothing-can-be-made-here\n",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "cannot make readiness_file /proc/nothing-can-be-made-here");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "cannot make readiness_file"), 1);
}
