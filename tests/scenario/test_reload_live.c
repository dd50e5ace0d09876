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

#define COPIES(n)                                                                   \
        "[program:w]\nstartsecs=0\nnumprocs=" n "\nprocess_name=w%(process_num)d\n" \
        "command=%(ENV_CHILD)s on=15:0:0\n"

Test(reload_live, of_numprocs_adds_and_removes_copies_and_touches_no_other) {
        _scenario_ s = scenario_new();
        pid_t first, second;

        scenario_configure(s, "", COPIES("2"));
        scenario_start(s, NULL);
        scenario_await_count(s, 2, "success: w[01] entered RUNNING");
        first = scenario_pid(s, "w0");
        second = scenario_pid(s, "w1");

        scenario_mark(s);
        scenario_configure(s, "", COPIES("4"));
        scenario_signal(s, SIGHUP);
        scenario_await(s,
                       "configuration reloaded: 2 added, 0 changed, 0 updated, 0 removed, 2 unch");
        scenario_await_count(s, 2, "success: w[23] entered RUNNING");
        cr_expect(is_alive(first) && is_alive(second));

        scenario_mark(s);
        scenario_configure(s, "", COPIES("1"));
        scenario_signal(s, SIGHUP);
        scenario_await(s,
                       "configuration reloaded: 0 added, 0 changed, 0 updated, 3 removed, 1 unch");
        scenario_await_count(s, 3, "removed: w[123]");
        cr_expect(is_alive(first));
        cr_expect_not(is_alive(second));
        scenario_stop(s);
}
