/* Programs that need others. */
#include <criterion/criterion.h>
#include <signal.h>

#include "base/macro.h"
#include "bus-client.h"

TestSuite(dependencies, .timeout = 120);

#define PLAIN(name, keys) "[program:" name "]\nstartsecs=0\ncommand=%(ENV_CHILD)s on=15:0:0\n" keys

static Scenario *with_programs(const char *programs) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        return s;
}

Test(dependencies, are_waited_for_until_they_are_ready) {
        _scenario_ s = with_programs(PLAIN(
                "web",
                "depends_on=db\n") "[program:db]\nstartsecs=0\nreadiness=notify\n"
                                   "command=%(ENV_CHILD)s on=15:0:0 await=%(here)s/go notify=READY=1\n");

        scenario_await(s, "web waits for db");
        scenario_await(s, "success: db entered RUNNING");
        cr_expect_eq(scenario_count(s, "spawned: 'web'"), 0);
        scenario_write(s, "go", "");
        scenario_await(s, "spawned: 'web'");
        cr_expect_lt(scenario_position(s, "db is ready"), scenario_position(s, "spawned: 'web'"));
        scenario_stop(s);
        cr_expect_lt(scenario_position(s, "stopped: web"),
                     scenario_position(s, "waiting for db to stop"));
}

Test(dependencies, that_run_once_hold_others_back_until_they_have_done_their_work) {
        _scenario_ s = with_programs(
                PLAIN("web",
                      "depends_on=migrate\n") "[program:migrate]\ntype=oneshot\n"
                                              "command=%(ENV_CHILD)s await=%(here)s/go exit=0\n");

        scenario_await(s, "web waits for migrate");
        scenario_await(s, "spawned: 'migrate'");
        scenario_write(s, "go", "");
        scenario_await(s, "exited: migrate .*expected");
        scenario_await(s, "spawned: 'web'");
        scenario_stop(s);
}

Test(dependencies, are_started_along_though_they_do_not_start_by_themselves) {
        _scenario_ s =
                with_programs(PLAIN("web", "depends_on=db\n") PLAIN("db", "autostart=false\n"));

        scenario_await(s, "spawned: 'db'");
        scenario_await(s, "spawned: 'web'");
        scenario_stop(s);
}

Test(dependencies, take_those_along_that_are_to_be_restarted_with_them) {
        _scenario_ s = with_programs(
                PLAIN("db", "autorestart=true\n")
                        PLAIN("web", "depends_on=db\non_dependency_failure=restart\n"));
        pid_t db;

        scenario_await(s, "success: web entered RUNNING");
        db = scenario_pid(s, "db");
        scenario_mark(s);
        cr_assert_eq(kill(db, SIGKILL), 0);
        scenario_await(s, "stopping web, as it depends on db");
        scenario_await(s, "stopped: web");
        scenario_await(s, "spawned: 'db'");
        scenario_await(s, "spawned: 'web'");
        scenario_stop(s);
}

Test(dependencies, that_give_up_do_not_keep_the_daemon_from_stopping) {
        _scenario_ s = with_programs(PLAIN(
                "web",
                "depends_on=db\n") "[program:db]\ncommand=/no/such/program\nstartretries=0\n");

        scenario_await(s, "gave up: db");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'web'"), 0);
}

Test(dependencies, that_give_up_end_the_wait_of_who_has_asked_for_the_start) {
        _scenario_ s = scenario_new();
        _client_ c = NULL;

        scenario_configure(s, CONTROL_KEYS,
                           "[program:top]\ncommand=%(ENV_CHILD)s\nautostart=false\n"
                           "depends_on=web\n"
                           "[program:web]\ncommand=%(ENV_CHILD)s\nautostart=false\n"
                           "depends_on=db\n"
                           "[program:db]\ncommand=%(ENV_CHILD)s exit=1\nautostart=false\n"
                           "startretries=1\nbackoff_min=10ms\n"
                           "[program:other]\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s on=15:0:0 append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        c = client_new(s);
        expect_order(c, "Start", "top", "top SpawnError");
        scenario_await(s, "gave up: db");
        expect_state(c, "top", "STOPPED up");
        scenario_stop(s);
}

Test(dependencies, that_are_added_by_a_reload_count_at_once) {
        _scenario_ s = with_programs(PLAIN("web", ""));

        scenario_await(s, "success: web entered RUNNING");
        scenario_configure(s, "", PLAIN("web", "depends_on=db\n") PLAIN("db", ""));
        scenario_mark(s);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "updated: web");
        scenario_await(s, "success: db entered RUNNING");
        cr_expect_eq(scenario_count(s, "stopped: web"), 0, "a process that runs is left alone");
        scenario_stop(s);
        cr_expect_lt(scenario_position(s, "stopped: web"),
                     scenario_position(s, "waiting for db to stop"));
}

Test(dependencies, in_a_circle_are_refused) {
        _scenario_ s = with_programs(PLAIN("a", "depends_on=b\n") PLAIN("b", "depends_on=a\n"));

        cr_expect_eq(scenario_exit_status(s), 2);
        scenario_await(s, "goes round in a circle: a -> b -> a");
}
