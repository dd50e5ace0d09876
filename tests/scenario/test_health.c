/* Programs whose health is checked. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/macro.h"
#include "bus-client.h"
#include "harness-ctl.h"

TestSuite(health, .timeout = 120);

#define EVERY_100_MSEC "healthcheck_interval=100ms\nstartsecs=0\n"

static Scenario *with_programs(const char *programs) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        return s;
}

static void remove_file(Scenario *s, const char *name) {
        _cleanup_(freep) char *path = scenario_path(s, name);

        cr_assert_eq(unlink(path), 0);
}

Test(health, that_fails_so_often_gets_the_program_started_again) {
        _scenario_ s = scenario_new();

        scenario_write(s, "good", "");
        scenario_configure(s, "",
                           "[program:a]\n" EVERY_100_MSEC "command=%(ENV_CHILD)s on=15:0:0\n"
                           "healthcheck_command=test -e %(here)s/good\n");
        scenario_start(s, NULL);
        scenario_await(s, "a is healthy");
        remove_file(s, "good");
        scenario_await(s, "a is unhealthy, stopping it: 'test -e .*/good': exit status 1");
        scenario_write(s, "good", "");
        scenario_await(s, "exited: a \\(.*; not expected\\)");
        scenario_await_count(s, 2, "a is healthy");
        scenario_stop(s);
        cr_expect_geq(scenario_count(s, "health check of a failed \\(1 of 3\\)"), 1);
        cr_expect_eq(scenario_count(s, "health check of a failed \\(3 of 3\\): 'test -e .*/good': "
                                       "exit status 1"),
                     1);
        cr_expect_eq(scenario_count(s, "spawned: "), 2);
}

Test(health, that_recovers_in_time_changes_nothing) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\n" EVERY_100_MSEC "healthcheck_retries=1000\n"
                           "command=%(ENV_CHILD)s\n"
                           "healthcheck=exec:test -e %(here)s/good\n");
        scenario_start(s, NULL);
        scenario_await(s, "health check of a failed \\(2 of 1000\\)");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING .*, ready, failing");
        scenario_write(s, "good", "");
        scenario_await(s, "a is healthy");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING .*, ready, healthy");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: "), 1);
}

Test(health, that_fails_in_the_start_period_does_not_count) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\n" EVERY_100_MSEC "healthcheck_retries=1\n"
                           "healthcheck_start_period=1000\n"
                           "command=%(ENV_CHILD)s\n"
                           "healthcheck=exec:test -e %(here)s/good\n");
        scenario_start(s, NULL);
        scenario_await_count(s, 3, "health check of a failed, which does not count yet: 'test");
        scenario_write(s, "good", "");
        scenario_await(s, "a is healthy");
        remove_file(s, "good");
        scenario_await(s, "a is unhealthy");
        scenario_stop(s);
}

/* A check that hangs, and leaves something behind that ignores what it can. */
Test(health, hung_check_is_killed_and_counts_as_failed) {
        _scenario_ s = with_programs(
                "[program:a]\n" EVERY_100_MSEC "healthcheck_retries=2\nhealthcheck_timeout=200ms\n"
                "command=%(ENV_CHILD)s\nautorestart=false\n"
                "healthcheck_command=%(ENV_CHILD)s ignore=15 append=%(here)s/checks\n");
        _cleanup_(freep) char *checks = NULL;

        scenario_await(s, "a is unhealthy, stopping it: '.*' took longer than 200 ms");
        scenario_await(s, "exited: a");
        checks = scenario_read(s, "checks");
        for (char *line = checks; line && *line; line = strchr(line, '\n') + 1)
                await_death((pid_t)strtol(line, NULL, 10));
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "health check of a failed"), 2);
}

Test(health, checks_never_overlap_and_none_is_left_when_it_stops) {
        _scenario_ s = with_programs("[program:a]\n" EVERY_100_MSEC "command=%(ENV_CHILD)s\n"
                                     "healthcheck_command=%(ENV_CHILD)s append=%(here)s/checks\n");
        _cleanup_(freep) char *checks = scenario_read(s, "checks");
        pid_t pid = (pid_t)strtol(checks, NULL, 10);

        scenario_stop(s);
        cr_expect_not(is_alive(pid));
        free(checks);
        checks = scenario_read(s, "checks");
        cr_expect_eq(strtol(checks, NULL, 10), pid);
        cr_expect_null(strchr(strchr(checks, '\n') + 1, '\n'), "one check only: %s", checks);
}

Test(health, command_that_cannot_be_run_is_told) {
        _scenario_ s = with_programs("[program:a]\n" EVERY_100_MSEC "healthcheck_retries=1\n"
                                     "command=%(ENV_CHILD)s\nautorestart=false\n"
                                     "healthcheck_command=/no/such/check\n");

        scenario_await(s, "a is unhealthy, stopping it: '/no/such/check' cannot be run: No such "
                          "file or directory");
        scenario_stop(s);
}

Test(health, is_not_checked_before_it_is_ready_nor_while_it_stops) {
        _scenario_ s =
                with_programs("[program:a]\n" EVERY_100_MSEC "readiness=notify\n"
                              "command=%(ENV_CHILD)s on=15:600:0 await=%(here)s/go notify=READY=1\n"
                              "healthcheck_command=%(ENV_CHILD)s append=%(here)s/checks exit=0\n"
                              "[program:clock]\n" EVERY_100_MSEC "command=%(ENV_CHILD)s\n"
                              "healthcheck_command=%(ENV_CHILD)s append=%(here)s/ready exit=0\n");
        _cleanup_(freep) char *checks = scenario_path(s, "checks"), *before = NULL, *after = NULL;

        scenario_await(s, "success: a entered RUNNING");
        scenario_await_ready(s, 4);
        cr_expect_eq(access(checks, F_OK), -1);
        scenario_write(s, "go", "");
        scenario_await(s, "a is healthy");
        scenario_signal(s, SIGTERM);
        scenario_await(s, "waiting for a to stop");
        before = scenario_read(s, "checks");
        cr_expect_eq(scenario_exit_status(s), 0);
        after = scenario_read(s, "checks");
        cr_expect_str_eq(before, after);
}

Test(health, connection_is_enough_where_that_is_asked) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *keys = NULL;
        struct sockaddr_in address = { .sin_family = AF_INET };
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        cr_assert(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                  listen(fd, 100) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
        cr_assert_gt(asprintf(&keys,
                              "[program:a]\n" EVERY_100_MSEC "healthcheck_retries=2\n"
                              "healthcheck_timeout=300ms\n"
                              "command=%%(ENV_CHILD)s\nhealthcheck=tcp:127.0.0.1:%d\n",
                              ntohs(address.sin_port)),
                     0);
        scenario_configure(s, "", keys);
        scenario_start(s, NULL);
        scenario_await(s, "a is healthy");
        close(fd);
        scenario_await(s, "a is unhealthy, stopping it: 127.0.0.1:[0-9]+: Connection refused");
        scenario_stop(s);
}

Test(health, check_follows_a_reload_without_a_restart) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", "[program:a]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        scenario_configure(s, "",
                           "[program:a]\n" EVERY_100_MSEC "command=%(ENV_CHILD)s\n"
                           "healthcheck_command=/bin/true\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "a is healthy");
        scenario_configure(s, "", "[program:a]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n");
        scenario_signal(s, SIGHUP);
        scenario_await_count(s, 2, "configuration reloaded: 0 added, 0 changed, 1 updated");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING \\(running, goal up, ready\\)");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: "), 1);
}

Test(health, check_runs_as_the_program_with_its_environment) {
        _scenario_ s = with_programs("[program:a]\n" EVERY_100_MSEC "command=%(ENV_CHILD)s\n"
                                     "environment=COLOUR=green\ndirectory=/tmp\n"
                                     "healthcheck_command=%(ENV_CHILD)s facts=%(here)s/facts "
                                     "exit=0\n");
        _cleanup_(freep) char *facts = scenario_read(s, "facts");

        cr_expect(strstr(facts, "env COLOUR=green\n"), "%s", facts);
        cr_expect(strstr(facts, "cwd /tmp\n"), "%s", facts);
        cr_expect(strstr(facts, "env SUPERVISOR_PROCESS_NAME=a\n"), "%s", facts);
        scenario_stop(s);
}

/* Three: the check of a fails, that of b does not, c has none. */
static Scenario *with_three(void) {
        Scenario *s = scenario_new();

        scenario_configure(s, CONTROL_KEYS,
                           "[program:a]\n" EVERY_100_MSEC "healthcheck_retries=100000\n"
                           "command=%(ENV_CHILD)s\nhealthcheck=exec:false\n"
                           "[program:b]\n" EVERY_100_MSEC
                           "command=%(ENV_CHILD)s\nhealthcheck=exec:true\n"
                           "[program:c]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n");
        scenario_start(s, NULL);
        scenario_await(s, "b is healthy");
        scenario_await(s, "health check of a failed \\(2 of");
        return s;
}

static char *text_property(sd_bus *bus, const char *process, const char *property) {
        _cleanup_(freep) char *path = NULL;
        _error_ error = SD_BUS_ERROR_NULL;
        char *text = NULL;

        cr_assert(sd_bus_path_encode(BUS_PROCESS_PATH, process, &path) >= 0);
        cr_assert(sd_bus_get_property_string(bus, "org.supervisord", path, BUS_PROCESS, property,
                                             &error, &text) >= 0,
                  "%s", error.message);
        return text;
}

static uint32_t failures(sd_bus *bus, const char *process) {
        _cleanup_(freep) char *path = NULL;
        _error_ error = SD_BUS_ERROR_NULL;
        uint32_t n = 0;

        cr_assert(sd_bus_path_encode(BUS_PROCESS_PATH, process, &path) >= 0);
        cr_assert(sd_bus_get_property_trivial(bus, "org.supervisord", path, BUS_PROCESS,
                                              "HealthFailures", &error, 'u', &n) >= 0,
                  "%s", error.message);
        return n;
}

Test(health, is_told_by_the_objects_of_processes) {
        static const struct {
                const char *process, *health, *text;
        } table[] = {
                { "a:a", "failing", "'false': exit status 1" },
                { "b:b", "healthy", "" },
                { "c:c", "", "" },
        };
        _scenario_ s = with_three();
        _client_ c = client_new(s);

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                _cleanup_(freep) char *health = text_property(c, table[i].process, "Health");
                _cleanup_(freep) char *text = text_property(c, table[i].process, "HealthText");

                cr_expect_str_eq(health, table[i].health);
                cr_expect_str_eq(text, table[i].text);
        }
        cr_expect_geq(failures(c, "a:a"), 2);
        cr_expect_eq(failures(c, "b:b"), 0);
        scenario_stop(s);
}

Test(health, is_shown_by_supervisorctl) {
        _scenario_ s = with_three();

        ctl_expect_shell(s, "$CTL status --json | grep '\"health'",
                         "  \"health\": \"failing\",\n"
                         "  \"health_failures\": #,\n"
                         "  \"health_text\": \"'false': exit status 1\",\n"
                         "  \"health\": \"healthy\",\n"
                         "  \"health_failures\": 0,\n"
                         "  \"health_text\": \"\",\n"
                         "  \"health\": null,\n",
                         0);
        ctl_expect_shell(s, "$CTL why a b c | grep health:",
                         "  health: failing, # failures in a row: 'false': exit status 1\n"
                         "  health: healthy\n",
                         0);
        scenario_stop(s);
}
