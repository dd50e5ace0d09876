/* What a program finds when it is started: environment, descriptors, signals, place and user. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(child, .timeout = 120);

#define NOBODY 65534

/* The facts of the one program of a daemon with @keys; the daemon runs on. */
static char *facts_with(Scenario *s, const char *daemon_keys, const char *keys) {
        char text[2048];

        snprintf(text, sizeof(text),
                 "[program:a]\ncommand=%%(ENV_CHILD)s facts=%%(here)s/facts\n%s\n", keys);
        scenario_configure(s, daemon_keys, text);
        scenario_start(s, NULL);
        return scenario_read(s, "facts");
}

static void expect_fact(const char *facts, const char *name, const char *expected) {
        _cleanup_(freep) char *value = fact(facts, name);

        cr_assert(value, "no fact '%s' in:\n%s", name, facts);
        cr_assert_str_eq(value, expected, "%s is '%s', not '%s'", name, value, expected);
}

static bool has_line(const char *facts, const char *line) {
        size_t len = strlen(line);

        for (const char *p = facts; (p = strstr(p, line)); p += len)
                if ((p == facts || p[-1] == '\n') && p[len] == '\n')
                        return true;
        return false;
}

Test(child, knows_who_supervises_it) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = facts_with(s, "", "");

        cr_assert(has_line(facts, "env SUPERVISOR_ENABLED=1"));
        cr_assert(has_line(facts, "env SUPERVISOR_PROCESS_NAME=a"));
        cr_assert(has_line(facts, "env SUPERVISOR_GROUP_NAME=a"));
        scenario_stop(s);
}

Test(child, has_the_environment_of_daemon_and_program) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL;

        cr_assert(setenv("INHERITED", "yes", 1) == 0);
        facts = facts_with(s, "environment=COMMON=\"c\",BOTH=\"daemon\"",
                           "environment=OWN=\"a b,c\",BOTH=\"program\"");
        cr_assert(has_line(facts, "env INHERITED=yes"));
        cr_assert(has_line(facts, "env COMMON=c"));
        cr_assert(has_line(facts, "env OWN=a b,c"));
        cr_assert(has_line(facts, "env BOTH=program"));
        cr_assert_not(has_line(facts, "env BOTH=daemon"));
        scenario_stop(s);
}

Test(child, sees_nothing_of_the_service_manager) {
        static const char *const names[] = {
                "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",  "LISTEN_FDS",
                "LISTEN_PID",    "FDSTORE",       "INVOCATION_ID", "LISTEN_FDNAMES",
        };
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL;

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                cr_assert(setenv(names[i], i == 0 ? "/nowhere/socket" : "0", 1) == 0);
        facts = facts_with(s, "", "");
        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                char prefix[64];

                snprintf(prefix, sizeof(prefix), "\nenv %s=", names[i]);
                cr_assert_not(strstr(facts, prefix), "%s is still there", names[i]);
        }
        scenario_stop(s);
}

Test(child, has_its_three_descriptors_only) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL;

        /* What the daemon inherits by accident must not reach the program either. */
        cr_assert(dup2(open("/dev/zero", O_RDONLY), 77) == 77);
        facts = facts_with(s, "", "");
        for (const char *p = facts; (p = strstr(p, "\nfd ")); p += 4)
                cr_assert(p[4] >= '0' && p[4] <= '2' && p[5] == ' ', "in:%.60s", p);
        cr_assert(strstr(facts, "\nfd 0 ") && strstr(facts, "\nfd 1 ") && strstr(facts, "\nfd 2 "));
        scenario_stop(s);
}

static void ignore_by_kernel(int signo) {
        const struct {
                void (*handler)(int);
                unsigned long flags;
                void (*restorer)(void);
                uint64_t mask;
        } ignore = { .handler = SIG_IGN };

        cr_assert(syscall(SYS_rt_sigaction, signo, &ignore, NULL, sizeof(ignore.mask)) == 0);
}

Test(child, has_no_signal_ignored_and_none_blocked) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL;

        /* glibc's posix_spawn() leaves its own two signals ignored, which only the kernel tells. */
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGUSR2, SIG_IGN);
        ignore_by_kernel(32);
        ignore_by_kernel(33);
        facts = facts_with(s, "", "");
        cr_assert(has_line(facts, "SigIgn:\t0000000000000000"), "%s", facts);
        cr_assert(has_line(facts, "SigBlk:\t0000000000000000"), "%s", facts);
        scenario_stop(s);
}

Test(child, leads_a_process_group_of_its_own) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = facts_with(s, "", "");
        _cleanup_(freep) char *pid = fact(facts, "pid");

        expect_fact(facts, "pgid", pid);
        scenario_stop(s);
}

Test(child, has_its_umask_and_directory) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = facts_with(s, "", "umask=027\ndirectory=/usr/lib");

        expect_fact(facts, "umask", "0027");
        expect_fact(facts, "cwd", "/usr/lib");
        scenario_stop(s);
}

Test(child, runs_as_its_user_with_that_users_groups) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL;

        if (getuid() != 0)
                cr_skip_test("needs root");
        cr_assert(chmod(s->dir, 01777) == 0);
        facts = facts_with(s, "", "user=nobody");
        expect_fact(facts, "uid", "65534 65534");
        expect_fact(facts, "gid", "65534 65534");
        expect_fact(facts, "groups", "65534");
        scenario_stop(s);
}

Test(child, does_not_run_at_all_when_its_user_cannot_be_had) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *ran = NULL;

        scenario_run_as(s, NOBODY, false);
        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ran\nuser=daemon\n"
                           "startretries=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "couldn't set(groups|gid|uid)|[Cc]an't drop privilege");
        scenario_await(s, "gave up: a");
        scenario_stop(s);
        ran = scenario_path(s, "ran");
        cr_assert_neq(access(ran, F_OK), 0, "it ran");
}

Test(child, writes_into_its_log_files) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s say=one err=two say=three\n"
                           "stdout_logfile=%(here)s/out\nstderr_logfile=%(here)s/err\n");
        scenario_start(s, NULL);
        scenario_await_text(s, "out", "one\nthree\n");
        scenario_await_text(s, "err", "two\n");
        scenario_stop(s);
}

Test(child, writes_both_streams_into_one_file) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s say=one err=two say=three\n"
                           "stdout_logfile=%(here)s/out\nredirect_stderr=true\n");
        scenario_start(s, NULL);
        scenario_await_text(s, "out", "one\ntwo\nthree\n");
        scenario_stop(s);
}

Test(child, writes_to_the_daemons_stdout) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s say=hello-out err=hello-err\n"
                           "stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\n"
                           "stderr_logfile=/dev/stderr\nstderr_logfile_maxbytes=0\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s say=hello-inherited\n"
                           "stdout_logfile=inherit\n");
        scenario_start(s, NULL);
        scenario_await(s, "^hello-out$");
        scenario_await(s, "^hello-err$");
        scenario_await(s, "^hello-inherited$");
        scenario_stop(s);
}

Test(child, writes_its_last_words_before_its_exit_is_logged) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *text = NULL;

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s say=last-words exit=0\nstartsecs=0\n"
                           "stdout_logfile=%(here)s/out\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: a");
        text = scenario_read(s, "out");
        cr_assert_str_eq(text, "last-words\n");
        scenario_stop(s);
}

Test(child, may_write_to_nowhere) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s say=unheard err=unheard exit=0\n"
                           "startsecs=0\nstdout_logfile=NONE\nstderr_logfile=NONE\n");
        scenario_start(s, NULL);
        scenario_await(s, "exited: a \\(exit status 0; expected\\)");
        cr_assert_eq(scenario_count(s, "unheard"), 0);
        scenario_stop(s);
}
