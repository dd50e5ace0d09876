/* The way down as a whole: drain, ladder, hard end, and programs without which nothing makes sense.
 */
#include <criterion/criterion.h>
#include <signal.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(shutdown, .timeout = 120);

#define STUBBORN(name, priority)                                                      \
        "[program:" name "]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n" \
        "startsecs=0\nstopwaitsecs=100\npriority=" priority "\n"

Test(shutdown, lets_programs_go_on_while_it_drains) {
        _scenario_ s = scenario_new();
        int64_t begin;

        scenario_configure(
                s, "drain_delay=300ms\n",
                "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        begin = now_msec();
        scenario_stop(s);
        cr_expect_geq(now_msec() - begin, 300);
        cr_expect_eq(scenario_count(s, "draining for 300 ms"), 1);
        cr_expect_eq(scenario_count(s, "stopped: a \\(terminated by SIGTERM\\)"), 1);
}

Test(shutdown, ends_at_its_timeout_with_a_stubborn_program_in_each_wave) {
        _scenario_ s = scenario_new();
        int64_t begin, took;

        scenario_configure(s, "shutdown_timeout=1s\n",
                           STUBBORN("a", "1") STUBBORN("b", "2") STUBBORN("c", "3"));
        scenario_start(s, NULL);
        scenario_await_ready(s, 3);
        begin = now_msec();
        scenario_stop(s);
        took = now_msec() - begin;
        cr_log_info("took %ld ms", (long)took);
        cr_expect_gt(took, 900);
        cr_expect_lt(took, 2000);
        cr_expect_eq(scenario_count(s, "instead of its own 1 min 40 s"), 3);
        cr_expect_eq(scenario_count(s, "killing '"), 3);
}

Test(shutdown, climbs_the_ladder_of_signals) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s ignore=3 on=2:0:7 append=%(here)s/ready\n"
                "startsecs=0\nstopsignal=QUIT:200ms, INT:100s\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "a has not stopped yet, sending SIGINT"), 1);
        cr_expect_eq(scenario_count(s, "stopped: a \\(exit status 7\\)"), 1);
}

Test(shutdown, never_kills_what_is_not_to_be_killed) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:db]\ncommand=%(ENV_CHILD)s on=15:600:0 append=%(here)s/ready\n"
                           "startsecs=0\nstopwaitsecs=100ms\nsend_sigkill=false\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "killing"), 0);
        cr_expect_eq(scenario_count(s, "stopped: db \\(exit status 0\\)"), 1);
}

static void expect_status(const char *program, int status) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *programs = NULL;

        cr_assert_gt(asprintf(&programs,
                              "[program:other]\ncommand=%%(ENV_CHILD)s append=%%(here)s/ready\n"
                              "startsecs=0\n[program:vital]\nessential=true\nautorestart=false\n"
                              "startsecs=0\nstartretries=0\n%s\n",
                              program),
                     0);
        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await(s, "vital is essential and has failed");
        cr_expect_eq(scenario_exit_status(s), status, "%s", s->log);
        cr_expect_eq(scenario_count(s, "stopped: other"), 1);
}

Test(shutdown, follows_the_failure_of_an_essential_program_with_its_status) {
        expect_status("command=%(ENV_CHILD)s await=%(here)s/ready exit=42", 42);
        expect_status("command=%(ENV_CHILD)s await=%(here)s/ready raise=9", 128 + 9);
        expect_status("command=/no/such/program", 127);
}

Test(shutdown, does_not_follow_an_essential_program_whose_restart_waits) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s exit=3\nstartsecs=0\n"
                           "autorestart=true\nbackoff_min=200ms\nessential=true\n");
        scenario_start(s, NULL);
        scenario_await_count(s, 3, "spawned: 'a'");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "is essential"), 0);
}

Test(shutdown, does_not_follow_an_essential_program_that_has_done_its_work) {
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:job]\ntype=oneshot\nessential=true\n"
                "command=%(ENV_CHILD)s exit=0\n"
                "[program:other]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: job \\(exit status 0; expected\\)");
        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "is essential"), 0);
        cr_expect_eq(scenario_count(s, "spawned: 'job'"), 1);
}
