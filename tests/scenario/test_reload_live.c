/* SIGHUP with changes that a running program takes over without a restart. */
#include <criterion/criterion.h>
#include <signal.h>

#include "harness.h"

TestSuite(reload_live, .timeout = 120);

#define STUBBORN(grace)                                                               \
        "[program:stubborn]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n" \
        "startsecs=0\nstopwaitsecs=" grace "\n"

Test(reload_live, changes_the_grace_of_a_program_that_runs) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(s, "", STUBBORN("1000"));
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        pid = scenario_pid(s, "stubborn");

        scenario_configure(s, "", STUBBORN("100ms"));
        scenario_signal(s, SIGHUP);
        scenario_await(s, "configuration reloaded: 0 added, 0 changed, 1 updated");
        cr_expect_eq(scenario_pid(s, "stubborn"), pid);

        scenario_stop(s); /* would take a quarter of an hour */
        cr_expect_eq(scenario_count(s, "killing 'stubborn'"), 1);
        cr_expect_eq(scenario_count(s, "spawned: "), 1);
}
