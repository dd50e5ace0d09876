/* SIGHUP while something is still on its way out. */
#include <criterion/criterion.h>
#include <signal.h>

#include "harness.h"

TestSuite(reload_leaving, .timeout = 120);

#define STUBBORN                                                                      \
        "[program:stubborn]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n" \
        "startsecs=0\nstopwaitsecs=100\n"

Test(reload_leaving, brings_back_what_was_removed_and_still_stops_without_a_second_instance) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(s, "", STUBBORN);
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        pid = scenario_pid(s, "stubborn");

        scenario_configure(s, "", "");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "waiting for stubborn to stop");

        scenario_configure(s, "", STUBBORN);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "configuration reloaded: 0 added, 1 changed");
        cr_assert_eq(scenario_count(s, "spawned: 'stubborn'"), 1);

        cr_assert_eq(kill(pid, SIGKILL), 0);
        scenario_await(s, "stopped: stubborn");
        scenario_await_ready(s, 2);
        cr_expect_eq(scenario_count(s, "spawned: 'stubborn'"), 2);
        cr_expect_eq(scenario_count(s, "removed: "), 0);
        scenario_signal(s, SIGINT);
        scenario_signal(s, SIGINT);
        scenario_signal(s, SIGINT);
}
