/* Programs that tell how they are while they live. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(life, .timeout = 120);

#define NOBODY 65534

static Scenario *with_programs(const char *daemon_keys, const char *programs) {
        Scenario *s = scenario_new();

        scenario_configure(s, daemon_keys, programs);
        scenario_start(s, NULL);
        return s;
}

/* Where program @name listens: the facts that it wrote say it. The caller's. */
static char *notify_path(Scenario *s, const char *facts_file) {
        _cleanup_(freep) char *facts = scenario_read(s, facts_file);
        const char *variable = strstr(facts, "env NOTIFY_SOCKET=");
        char *path;

        cr_assert_not_null(variable, "%s", facts);
        variable = strchr(variable, '=') + 1;
        path = strndup(variable, strcspn(variable, "\n"));
        cr_assert_not_null(path);
        return path;
}

/* Send @text to @path as @uid; gives 0 or the errno. */
static int send_as(uid_t uid, const char *path, const char *text) {
        pid_t pid = fork();
        int status;

        if (pid == 0) {
                struct sockaddr_un address = { .sun_family = AF_UNIX };
                int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

                strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
                if (fd < 0 || setresuid(uid, uid, uid) < 0 ||
                    sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&address,
                           sizeof(address)) < 0)
                        _exit(errno);
                _exit(0);
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* ---------------------------------------------------------------- watchdog */

Test(life, silent_program_is_stopped_and_started_again) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nwatchdog=300ms\n"
                                         "command=%(ENV_CHILD)s beat=50:20 on=15:0:0\n");

        scenario_await(s, "a gave no sign of life for 300 ms \\(watchdog\\), stopping it");
        cr_expect_geq(scenario_msec_between(s, "success: a", "no sign of life"), 950 + 250);
        scenario_await(s, "exited: a \\(exit status 0; not expected\\)");
        scenario_await_count(s, 2, "success: a entered RUNNING");
        scenario_stop(s);
}

Test(life, hung_program_gets_the_watchdog_s_signal_and_then_sigkill) {
        _scenario_ s =
                with_programs("", "[program:a]\nstartsecs=0\nwatchdog=200ms\nstopwaitsecs=200ms\n"
                                  "watchdog_signal=ABRT\nautorestart=false\n"
                                  "command=%(ENV_CHILD)s ignore=6 ignore=15\n"
                                  "[program:b]\nstartsecs=0\nwatchdog=200ms\n"
                                  "watchdog_signal=ABRT\nautorestart=false\n"
                                  "command=%(ENV_CHILD)s\n");

        scenario_await(s, "killing 'a' \\([0-9]+\\) with SIGKILL");
        scenario_await(s, "exited: a \\(terminated by SIGKILL; not expected\\)");
        scenario_await(s, "exited: b \\(terminated by SIGABRT.*; not expected\\)");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: "), 2);
}

Test(life, watchdog_is_told_to_the_main_process_alone) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nwatchdog=20\n"
                                         "command=%(ENV_CHILD)s facts=%(here)s/facts\n");
        _cleanup_(freep) char *facts = scenario_read(s, "facts");
        char pid[64];

        cr_expect(strstr(facts, "env WATCHDOG_USEC=20000000\n"), "%s", facts);
        (void)snprintf(pid, sizeof(pid), "env WATCHDOG_PID=%d\n", scenario_pid(s, "a"));
        cr_expect(strstr(facts, pid), "%s", facts);
        scenario_stop(s);
}

Test(life, program_may_declare_itself_failed) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s await=%(here)s/go "
                                         "notify=WATCHDOG=trigger\n");

        scenario_await(s, "success: a entered RUNNING");
        scenario_write(s, "go", "");
        scenario_await(s, "a says that it has failed \\(watchdog\\), stopping it");
        scenario_await(s, "exited: a \\(terminated by SIGTERM; not expected\\)");
        scenario_await(s, "spawned: 'a'");
        scenario_stop(s);
}

Test(life, program_may_set_its_own_watchdog) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s notify=WATCHDOG_USEC=200000\n");

        scenario_await(s, "a gave no sign of life for 200 ms");
        scenario_stop(s);
}

/* ---------------------------------------------------------------- more time */

#define EXTENDS(signal_and_delay)                                                      \
        "command=%(ENV_CHILD)s tell=" signal_and_delay ":EXTEND_TIMEOUT_USEC=5000000 " \
        "append=%(here)s/ready\n"

Test(life, stop_takes_the_time_that_the_program_asks_for) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "stopwaitsecs=300ms\n" EXTENDS("15:100"));

        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "a asks for 5 s more to stop, and gets 5 s"), 1, "%s",
                     s->log);
        cr_expect_eq(scenario_count(s, "stopped: a \\(exit status 0\\)"), 1);
        cr_expect_eq(scenario_count(s, "killing"), 0);
}

Test(life, stop_is_never_extended_beyond_shutdown_timeout) {
        _scenario_ s = with_programs("shutdown_timeout=500ms\n",
                                     "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                     "stopwaitsecs=300ms\n" EXTENDS("15:300"));

        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "killing 'a'"), 1, "%s", s->log);
        cr_expect_lt(scenario_msec_between(s, "received SIGTERM", "killing 'a'"), 1500);
}

Test(life, start_takes_the_time_that_the_program_asks_for) {
        _scenario_ s = with_programs(
                "", "[program:a]\nstartsecs=0\nreadiness=notify\nreadiness_timeout=400ms\n"
                    "command=%(ENV_CHILD)s notify=EXTEND_TIMEOUT_USEC=20000000 sleep=900 "
                    "notify=READY=1\n");

        scenario_await(s, "a asks for 20 s more to become ready, and gets 20 s");
        scenario_await(s, "a is ready");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "did not become ready"), 0);
        cr_expect_eq(scenario_count(s, "spawned: "), 1);
}

/* ---------------------------------------------------------------- reloads and ends of its own */

Test(life, reload_is_shown_and_leaves_it_ready) {
        _scenario_ s = with_programs("readiness_file=%(here)s/is-ready\n",
                                     "[program:a]\nstartsecs=0\nreadiness=notify\n"
                                     "command=%(ENV_CHILD)s notify=READY=1 await=%(here)s/go "
                                     "notify=RELOADING=1|MONOTONIC_USEC=1 await=%(here)s/on "
                                     "notify=READY=1|STATUS=reloaded\n");
        _cleanup_(freep) char *file = scenario_path(s, "is-ready");

        scenario_await(s, "a is ready");
        scenario_write(s, "go", "");
        scenario_await(s, "a reloads its configuration");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING .*ready, reloading");
        cr_expect_eq(access(file, F_OK), 0);
        scenario_write(s, "on", "");
        scenario_await(s, "a has reloaded its configuration");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "a is ready"), 1);
}

Test(life, program_that_ends_by_itself_is_not_ready_any_more) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nreadiness=notify\n"
                                         "command=%(ENV_CHILD)s notify=READY=1 "
                                         "await=%(here)s/go notify=STOPPING=1 "
                                         "await=%(here)s/on exit=0\n");

        scenario_await(s, "a is ready");
        scenario_write(s, "go", "");
        scenario_await(s, "a is ending by itself");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING \\(running, goal up, ending by itself\\)");
        scenario_write(s, "on", "");
        scenario_await(s, "exited: a \\(exit status 0; expected\\)");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: "), 1);
}

Test(life, program_that_does_not_end_as_it_said_is_stopped) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "stopwaitsecs=300ms\nautorestart=false\n"
                                         "command=%(ENV_CHILD)s notify=STOPPING=1\n");

        scenario_await(s, "a was ending by itself, but has not come to its end, stopping it");
        scenario_await(s, "exited: a \\(terminated by SIGTERM; not expected\\)");
        scenario_stop(s);
}

Test(life, stopping_said_while_it_is_stopped_changes_nothing) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s tell=15:1:STOPPING=1 "
                                         "append=%(here)s/ready\n");

        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "ending by itself"), 0);
        cr_expect_eq(scenario_count(s, "stopped: a \\(exit status 0\\)"), 1);
}

/* ---------------------------------------------------------------- main process */

/* A server that replaces itself: the old one forks the new one, which takes over at its end. */
Test(life, announced_main_process_takes_over_when_the_present_one_ends) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s "
                                         "fork pidfile=%(here)s/new on=15:0:7 end "
                                         "await=%(here)s/new main=%(here)s/new "
                                         "await=%(here)s/go exit=0\n");
        _cleanup_(freep) char *new = NULL;

        new = scenario_read(s, "new");
        scenario_await(s, "a will go on with pid [0-9]+ as its main process when [0-9]+ has ended");
        scenario_write(s, "go", "");
        scenario_await(s, "a goes on with pid [0-9]+ as its main process");
        scenario_signal(s, SIGUSR1);
        scenario_await(s, "state: a:a RUNNING");
        cr_expect(is_alive((pid_t)strtol(new, NULL, 10)));
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "stopped: a \\(exit status 7\\)"), 1, "%s", s->log);
        cr_expect_eq(scenario_count(s, "exited: a"), 0);
}

/* Two survivors and no pidfile: what the starter leaves cannot be told apart without a word. */
Test(life, forking_program_may_tell_which_is_its_main_process) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "type=forking\ncommand=%(ENV_CHILD)s "
                                         "fork on=15:0:0 end "
                                         "fork pidfile=%(here)s/main on=15:0:7 end "
                                         "await=%(here)s/main main=%(here)s/main exit=0\n");
        _cleanup_(freep) char *told = scenario_read(s, "main");

        scenario_await(s, "success: a entered RUNNING");
        scenario_await(
                s,
                "a (has forked, its main process has|goes on with|says that its main process has) pid ");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "stopped: a \\(exit status 7\\)"), 1, "%s", s->log);
}

Test(life, stranger_does_not_become_the_main_process) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s await=%(here)s/stranger "
                                         "main=%(here)s/stranger\n");
        char pid[32];

        (void)snprintf(pid, sizeof(pid), "%d\n", getpid());
        scenario_write(s, "stranger", pid);
        scenario_await(s, "a says that [0-9]+ is its main process, which is none of its processes");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "stopped: a \\(terminated by SIGTERM\\)"), 1);
}

/* ---------------------------------------------------------------- who is heard */

Test(life, strangers_are_not_heard) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *path = NULL;

        if (getuid() != 0)
                cr_skip_test("needs root");
        scenario_configure(s, "loglevel=debug\n",
                           "[program:a]\nstartsecs=0\nreadiness=notify\n"
                           "command=%(ENV_CHILD)s facts=%(here)s/facts\n");
        scenario_start(s, NULL);
        path = notify_path(s, "facts");
        cr_expect_eq(send_as(NOBODY, path, "READY=1"), EACCES, "the socket is root's");

        /* Even where the file system would let them, the kernel tells who they are. */
        cr_assert_eq(chmod(path, 0666), 0);
        cr_expect_eq(send_as(NOBODY, path, "READY=1\nMAINPID=1\nWATCHDOG=trigger"), 0);
        scenario_await(s, "a message to .* of user 65534 is ignored: its sender may not speak");
        cr_expect_eq(scenario_count(s, "a is ready"), 0);
        cr_expect_eq(send_as(0, path, "READY=1"), 0);
        scenario_await(s, "a is ready");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "stopping it|main process"), 0, "%s", s->log);
}

Test(life, programs_without_need_have_no_socket) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\n"
                                         "command=%(ENV_CHILD)s facts=%(here)s/facts\n");
        _cleanup_(freep) char *facts = scenario_read(s, "facts");

        cr_expect(!strstr(facts, "NOTIFY_SOCKET") && !strstr(facts, "WATCHDOG_"), "%s", facts);
        scenario_stop(s);
}

/* What a flood leaves of the socket must not keep the rest from their turn. */
Test(life, flood_of_messages_does_not_hold_up_the_others) {
        _scenario_ s = with_programs("", "[program:a]\nstartsecs=0\nnotify_socket=true\n"
                                         "command=%(ENV_CHILD)s beat=0:1000000\n"
                                         "[program:b]\nstartsecs=0\ncommand=%(ENV_CHILD)s\n");
        int64_t begin;

        scenario_await_count(s, 2, "success: ");
        begin = now_msec();
        cr_assert_eq(kill(scenario_pid(s, "b"), SIGKILL), 0);
        scenario_await_count(s, 3, "success: ");
        cr_expect_lt(now_msec() - begin, 3000);
        scenario_stop(s);
}
