/* The daemon itself: its options, its pidfile, going into the background, and `-- COMMAND`. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(daemon, .timeout = 120);
TestSuite(command, .timeout = 120);

#define ONE "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"

static void expect_status(Scenario *s, int expected) {
        int status = scenario_exit_status(s);

        cr_assert_eq(status, expected, "exit status %d; output:\n%s", status, s->log);
        scenario_assert_nothing_left(s);
}

Test(daemon, tells_its_version) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--version", NULL);
        expect_status(s, 0);
        scenario_await(s, "[0-9]+\\.[0-9]+");
}

Test(daemon, tells_its_options) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--help", NULL);
        expect_status(s, 0);
        scenario_await(s, "--nodaemon");
        scenario_await(s, "--configuration");
}

Test(daemon, refuses_an_unknown_option) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--no-such-option", NULL);
        expect_status(s, 2);
        scenario_await(s, "no-such-option");
}

Test(daemon, refuses_a_bad_value_of_an_option) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", ONE);
        scenario_start(s, "-e", "loud", NULL);
        expect_status(s, 2);
        scenario_await(s, "loud");
}

Test(daemon, prefers_its_options_to_the_file) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *pidfile = scenario_path(s, "other.pid"), *text = NULL;
        char pid[32];

        scenario_configure(s, "", ONE);
        scenario_start(s, "-j", pidfile, NULL);
        scenario_await(s, "success: a");
        text = scenario_read(s, "other.pid");
        snprintf(pid, sizeof(pid), "%d\n", (int)s->daemon);
        cr_assert_str_eq(text, pid);
        scenario_stop(s);
        cr_assert_neq(access(pidfile, F_OK), 0, "the pidfile is left");
}

Test(daemon, says_that_it_has_started) {
        _scenario_ s = scenario_new();
        char line[64];

        scenario_configure(s, "", ONE);
        scenario_start(s, NULL);
        snprintf(line, sizeof(line), "INFO supervisord started with pid %d$", (int)s->daemon);
        scenario_await(s, line);
        scenario_stop(s);
}

Test(daemon, refuses_to_be_the_second) {
        _scenario_ s = scenario_new();
        _scenario_ second = scenario_new();
        _cleanup_(freep) char *config = scenario_path(s, "supervisord.conf");

        scenario_configure(s, "", ONE);
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        scenario_launch(second, "-n", "-c", config, NULL);
        cr_assert_eq(scenario_exit_status(second), 2);
        scenario_await(second, "supervisord.pid");
        cr_assert_eq(scenario_count(second, "spawned: 'a'"), 0);
        cr_assert(is_alive(scenario_pid(s, "a")));
        scenario_stop(s);
}

Test(daemon, does_not_mind_an_old_pidfile) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", ONE);
        scenario_write(s, "supervisord.pid", "1\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        scenario_stop(s);
}

/* What waits in the background is a child of ours by adoption: then it can be signalled and
 * awaited. */
Test(daemon, goes_into_the_background) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *pid = NULL;

        s->daemonizes = true;
        scenario_configure(
                s, "", "[program:a]\ncommand=%(ENV_CHILD)s facts=%(here)s/facts\nstartsecs=0\n");
        scenario_start(s, NULL);
        cr_assert_eq(scenario_exit_status(s), 0);
        free(scenario_read(s, "facts"));
        pid = scenario_read(s, "supervisord.pid");
        s->daemon = (pid_t)strtol(pid, NULL, 10);
        cr_assert(is_alive(s->daemon));
        cr_assert_eq(getsid(s->daemon), s->daemon);
        scenario_stop(s);
}

Test(daemon, in_the_background_writes_its_log_file) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *log = NULL, *pid = NULL, *path = scenario_path(s, "main.log");

        s->daemonizes = true;
        scenario_configure(s, "", ONE);
        scenario_start(s, "-l", path, NULL);
        cr_assert_eq(scenario_exit_status(s), 0);
        pid = scenario_read(s, "supervisord.pid");
        s->daemon = (pid_t)strtol(pid, NULL, 10);
        scenario_stop(s);
        log = scenario_read(s, "main.log");
        cr_assert(strstr(log, "INFO daemonizing the supervisord process"), "%s", log);
        cr_assert(strstr(log, "INFO spawned: 'a' with pid"), "%s", log);
        cr_assert(strstr(log, "WARN received SIGTERM indicating exit request"), "%s", log);
}

Test(daemon, refuses_a_bad_configuration_before_it_goes_into_the_background) {
        _scenario_ s = scenario_new();

        s->daemonizes = true;
        scenario_configure(s, "", "[program:a]\ncommand=/bin/true\nuser=no-such-user\n");
        scenario_start(s, NULL);
        expect_status(s, 2);
        scenario_await(s, "no-such-user");
}

Test(daemon, dumps_its_state_on_sigusr1) {
        _scenario_ s = scenario_new();
        char line[64];

        scenario_configure(s, "", ONE);
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        snprintf(line, sizeof(line), "a .*RUNNING.*%d", (int)scenario_pid(s, "a"));
        scenario_mark(s);
        scenario_signal(s, SIGUSR1);
        scenario_await(s, line);
        scenario_stop(s);
}

Test(daemon, reopens_its_logs_on_sigusr2) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *log = scenario_path(s, "main.log"),
                              *old = scenario_path(s, "old.log"), *out = scenario_path(s, "out"),
                              *old_out = scenario_path(s, "out.old"), *text = NULL;

        scenario_configure(
                s, "",
                "[program:a]\ncommand=%(ENV_CHILD)s say=before await=%(here)s/go say=after\n"
                "startsecs=0\nstdout_logfile=%(here)s/out\n");
        scenario_start(s, "-l", log, NULL);
        scenario_await_text(s, "out", "before\n");
        cr_assert(rename(log, old) == 0 && rename(out, old_out) == 0);
        scenario_signal(s, SIGUSR2);
        scenario_await(s, "received SIGUSR2 indicating log reopen request");
        scenario_await(s, "INFO supervisord logreopen");
        scenario_write(s, "go", "");
        scenario_await_text(s, "out", "after\n");
        scenario_await_text(s, "out.old", "before\n");
        scenario_stop(s);
        text = scenario_read(s, "main.log");
        cr_assert(strstr(text, "stopped: a"), "%s", text);
}

static void expect_command_status(const char *step, int expected) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", getenv("CHILD"), step, NULL);
        expect_status(s, expected);
}

Test(command, gives_its_exit_status) {
        expect_command_status("exit=0", 0);
        expect_command_status("exit=7", 7);
        expect_command_status("exit=255", 255);
}

Test(command, gives_its_signal_as_a_shell_does) {
        expect_command_status("raise=15", 128 + 15);
        expect_command_status("raise=9", 128 + 9);
        expect_command_status("raise=10", 128 + 10);
}

Test(command, that_is_not_found_gives_127) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", "/no/such/program", NULL);
        expect_status(s, 127);
        scenario_await(s, "/no/such/program");
}

Test(command, that_cannot_be_run_gives_126) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", "/etc/passwd", NULL);
        expect_status(s, 126);
}

Test(command, shares_our_stdout) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", "/bin/echo", "hello", "world", NULL);
        expect_status(s, 0);
        scenario_await(s, "^hello world$");
        cr_assert_str_eq(s->log, "hello world\n");
}

static void expect_forwarded(int signo, const char *step) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", getenv("CHILD"), step, "say=up", NULL);
        scenario_await(s, "up");
        scenario_signal(s, signo);
        expect_status(s, 40);
}

Test(command, gets_the_signals_that_we_get) {
        expect_forwarded(SIGTERM, "on=15:0:40");
        expect_forwarded(SIGHUP, "on=1:0:40");
        expect_forwarded(SIGUSR1, "on=10:0:40");
        expect_forwarded(SIGINT, "on=2:0:40");
        expect_forwarded(SIGWINCH, "on=28:0:40");
}

Test(command, leaves_nothing_behind) {
        _scenario_ s = scenario_new();

        scenario_launch(s, "--", getenv("CHILD"), "fork", "setsid", "ignore=15", "say=grandchild",
                        "end", "on=15:0:3", "say=up", NULL);
        scenario_await(s, "up");
        scenario_await(s, "grandchild");
        scenario_signal(s, SIGTERM);
        expect_status(s, 3);
}
