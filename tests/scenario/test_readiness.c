/* Programs that show themselves when they are ready. */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(readiness, .timeout = 120);

static Scenario *with_program(const char *keys) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", keys);
        scenario_start(s, NULL);
        return s;
}

static void expect_ready_when_released(const char *keys) {
        _scenario_ s = with_program(keys);

        scenario_await(s, "success: a entered RUNNING");
        cr_expect_eq(scenario_count(s, "a is ready"), 0);
        scenario_write(s, "go", "");
        scenario_await(s, "a is ready");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "a is ready"), 1);
}

Test(readiness, is_told_by_sd_notify) {
        expect_ready_when_released("[program:a]\nstartsecs=0\nreadiness=notify\n"
                                   "command=%(ENV_CHILD)s await=%(here)s/go notify=READY=1\n");
}

Test(readiness, is_told_by_a_newline_on_a_descriptor) {
        expect_ready_when_released("[program:a]\nstartsecs=0\nreadiness=fd:5\n"
                                   "command=%(ENV_CHILD)s await=%(here)s/go newline=5\n");
}

Test(readiness, is_found_out_by_a_command) {
        expect_ready_when_released("[program:a]\nstartsecs=0\nreadiness=exec:test -e %(here)s/go\n"
                                   "command=%(ENV_CHILD)s\n");
}

Test(readiness, that_does_not_come_in_time_is_a_failed_start) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nreadiness=notify\nstartretries=0\n"
                                    "readiness_timeout=200ms\ncommand=%(ENV_CHILD)s\n");

        scenario_await(s, "a did not become ready in time, stopping it");
        scenario_await(s, "gave up: a entered FATAL state");
        scenario_stop(s);
}

Test(readiness, cannot_come_from_a_closed_descriptor) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nreadiness=fd:3\nstartretries=0\n"
                                    "command=/bin/sh -c 'exec 3>&-; exec %(ENV_CHILD)s'\n");

        scenario_await(s, "a cannot become ready: descriptor 3 was closed");
        scenario_await(s, "gave up: a entered FATAL state");
        scenario_stop(s);
}

Test(readiness, shows_what_the_program_says_about_itself) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nreadiness=notify\n"
                                    "command=%(ENV_CHILD)s notify=STATUS=warming notify=READY=1\n");

        scenario_await(s, "a is ready");
        scenario_await(s, "success: a entered RUNNING");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING .*ready.* it says: warming");
        scenario_stop(s);
}

Test(readiness, socket_is_gone_after_the_program) {
        _scenario_ s = with_program("[program:a]\nstartsecs=0\nreadiness=notify\n"
                                    "command=%(ENV_CHILD)s facts=%(here)s/facts notify=READY=1\n");
        _cleanup_(freep) char *facts = NULL, *path = NULL;
        const char *variable;

        scenario_await(s, "a is ready");
        facts = scenario_read(s, "facts");
        variable = strstr(facts, "env NOTIFY_SOCKET=");
        cr_assert_not_null(variable, "%s", facts);
        path = strndup(strchr(variable, '=') + 1, strcspn(strchr(variable, '=') + 1, "\n"));
        cr_assert_not_null(path);
        cr_expect_eq(access(path, F_OK), 0, "%s", path);
        scenario_stop(s);
        cr_expect_eq(access(path, F_OK), -1, "%s", path);
}
