/* SIGHUP: the changed configuration is applied, and only what changed is touched. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(reload, .timeout = 120);

#define KEPT \
        "[program:kept]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\npriority=1\n"
#define OTHER "[program:other]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"

/* A daemon with the programs "kept" and "other", both up; nothing of that is marked. */
static Scenario *with_two_programs(void) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", KEPT OTHER);
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_await_count(s, 2, "success: ");
        return s;
}

static void expect_untouched(Scenario *s, const char *name, pid_t pid) {
        cr_assert_eq(scenario_pid(s, name), pid);
        cr_assert(is_alive(pid));
}

Test(reload, adds_what_is_new) {
        _scenario_ s = with_two_programs();
        pid_t kept = scenario_pid(s, "kept"), other = scenario_pid(s, "other");

        scenario_configure(
                s, "",
                KEPT OTHER
                "[program:new]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "success: new");
        expect_untouched(s, "kept", kept);
        expect_untouched(s, "other", other);
        scenario_stop(s);
}

Test(reload, stops_what_is_gone) {
        _scenario_ s = with_two_programs();
        pid_t kept = scenario_pid(s, "kept"), other = scenario_pid(s, "other");

        scenario_configure(s, "", KEPT);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "stopped: other");
        cr_assert_not(is_alive(other));
        expect_untouched(s, "kept", kept);
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "spawned: 'other'"), 1);
}

Test(reload, leaves_a_table_that_can_be_dumped_when_something_is_gone) {
        _scenario_ s = with_two_programs();

        scenario_configure(s, "", KEPT);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "removed: other");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: kept:kept RUNNING");
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "state: other:other"), 0);
}

Test(reload, restarts_what_has_changed) {
        _scenario_ s = with_two_programs();
        pid_t kept = scenario_pid(s, "kept");
        _cleanup_(freep) char *facts = NULL, *line = NULL;

        scenario_configure(
                s, "",
                KEPT
                "[program:other]\ncommand=%(ENV_CHILD)s facts=%(here)s/facts append=%(here)s/ready\n"
                "startsecs=0\numask=077\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "stopped: other");
        scenario_await_count(s, 2, "success: other");
        facts = scenario_read(s, "facts");
        line = fact(facts, "umask");
        cr_assert_str_eq(line, "0077");
        expect_untouched(s, "kept", kept);
        scenario_stop(s);
}

Test(reload, touches_nothing_when_nothing_has_changed) {
        _scenario_ s = with_two_programs();
        pid_t kept = scenario_pid(s, "kept"), other = scenario_pid(s, "other");

        scenario_signal(s, SIGHUP);
        scenario_await(s, "received SIGHUP");
        scenario_mark(s);
        scenario_configure(
                s, "",
                KEPT OTHER
                "[program:new]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "success: new");
        cr_assert_eq(scenario_count(s, "(spawned: '|stopped: )(kept|other)"), 0);
        cr_assert(is_alive(kept) && is_alive(other));
        scenario_stop(s);
}

Test(reload, changes_nothing_when_there_is_an_error) {
        _scenario_ s = with_two_programs();
        pid_t kept = scenario_pid(s, "kept"), other = scenario_pid(s, "other");

        scenario_mark(s);
        scenario_configure(
                s, "",
                KEPT "[program:new]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
                     "[program:bad]\ncommand=/bin/true\nuser=no-such-user\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "no-such-user");
        /* A second, correct one shows that the first is over and had no effect. */
        scenario_configure(
                s, "",
                KEPT OTHER
                "[program:later]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "success: later");
        cr_assert_eq(scenario_count(s, "spawned: 'new'"), 0);
        cr_assert_eq(scenario_count(s, "stopped: "), 0);
        cr_assert(is_alive(kept) && is_alive(other));
        scenario_stop(s);
}

Test(reload, during_a_shutdown_is_refused) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s on=15:800:0 append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_signal(s, SIGTERM);
        scenario_await(s, "received SIGTERM");
        scenario_configure(s, "", KEPT OTHER);
        scenario_signal(s, SIGHUP);
        cr_assert_eq(scenario_exit_status(s), 0);
        cr_assert_eq(scenario_count(s, "spawned: 'kept'"), 0);
        scenario_assert_nothing_left(s);
}

Test(reload, gives_up_waiting_for_what_is_no_longer_wanted) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           KEPT "[program:bad]\ncommand=%(ENV_CHILD)s exit=1\nbackoff_min=600\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: bad");
        scenario_configure(
                s, "",
                KEPT "[program:bad]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "success: bad");
        scenario_stop(s);
}
