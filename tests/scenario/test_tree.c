/* A process is its tree: what programs leave behind, forking daemons, and whom signals reach. */
#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(tree, .timeout = 120);

#define NOBODY 65534
#define WITHOUT_CGROUPS "cgroups=false\n"

/* The first @n lines of @name as numbers; gives how many are there. */
static size_t read_pids(Scenario *s, const char *name, pid_t *ret, size_t n) {
        _cleanup_(freep) char *text = scenario_read(s, name);
        char *p = text;
        size_t found = 0;

        while (found < n && strchr(p, '\n')) {
                ret[found++] = (pid_t)strtol(p, &p, 10);
                p = strchr(p, '\n') + 1;
        }
        return found;
}

/* Wait until @name holds @n pids, one to a line, and give them. */
static void await_pids(Scenario *s, const char *name, pid_t *ret, size_t n) {
        _cleanup_(closep) int watch = inotify_init1(IN_CLOEXEC);
        struct pollfd change = { .fd = watch, .events = POLLIN };
        char events[4096];
        size_t found;

        cr_assert_geq(watch, 0);
        cr_assert_geq(inotify_add_watch(watch, s->dir, IN_MODIFY), 0);
        while ((found = read_pids(s, name, ret, n)) < n) {
                cr_assert_eq(poll(&change, 1, PATIENCE_MSEC), 1, "%zu of %zu pids are there", found,
                             n);
                cr_assert_gt(read(watch, events, sizeof(events)), 0);
        }
}

/* A program that ends at SIGTERM, but whose descendants neither do nor stay in its session. */
#define LEAVES_STUBBORN_DESCENDANTS                                                               \
        "[program:a]\n"                                                                           \
        "command=%(ENV_CHILD)s on=15:0:0"                                                         \
        " fork setsid ignore=15 fork ignore=15 append=%(here)s/pids end append=%(here)s/pids end" \
        " fork fork setsid ignore=15 append=%(here)s/pids end exit=0 end\n"                       \
        "startsecs=0\nstopwaitsecs=1\nautorestart=false\n"

static void expect_tree_to_end(uid_t uid, bool delegate, const char *daemon_keys) {
        _scenario_ s = scenario_new();
        pid_t pids[3];

        scenario_run_as(s, uid, delegate);
        scenario_configure(s, daemon_keys, LEAVES_STUBBORN_DESCENDANTS);
        scenario_start(s, NULL);
        await_pids(s, "pids", pids, 3);
        scenario_stop(s);
        for (size_t i = 0; i < 3; i++)
                cr_assert_not(is_alive(pids[i]), "descendant %zu lives", i);
}

Test(tree, ends_whole_without_cgroups) {
        expect_tree_to_end(getuid(), false, WITHOUT_CGROUPS);
}

Test(tree, ends_whole_with_cgroups) {
        expect_tree_to_end(getuid(), getuid() == 0, "");
}

Test(tree, ends_whole_for_a_plain_user_without_cgroups) {
        expect_tree_to_end(NOBODY, false, WITHOUT_CGROUPS);
}

Test(tree, ends_whole_for_a_plain_user_with_a_delegated_cgroup) {
        expect_tree_to_end(NOBODY, true, "");
}

static void expect_clean_restart(const char *daemon_keys) {
        _scenario_ s = scenario_new();
        pid_t left;

        scenario_configure(s, daemon_keys,
                           "[program:a]\n"
                           "command=%(ENV_CHILD)s fork setsid ignore=15 append=%(here)s/pids end"
                           " await=%(here)s/pids sleep=50 exit=1\n"
                           "startsecs=0\nstopwaitsecs=1\n");
        scenario_start(s, NULL);
        await_pids(s, "pids", &left, 1);
        scenario_await_count(s, 2, "spawned: 'a'");
        cr_assert_not(is_alive(left), "the old tree lived on beside the new process");
        scenario_stop(s);
}

Test(tree, is_empty_before_a_restart_without_cgroups) {
        expect_clean_restart(WITHOUT_CGROUPS);
}

Test(tree, is_empty_before_a_restart_with_cgroups) {
        expect_clean_restart("");
}

Test(tree, is_left_alone_with_kill_mode_process) {
        _scenario_ s = scenario_new();
        pid_t left;

        scenario_configure(
                s, "",
                "[program:a]\n"
                "command=%(ENV_CHILD)s on=15:0:0 fork append=%(here)s/pids end append=%(here)s/ready\n"
                "startsecs=0\nkill_mode=process\n"
                "[program:b]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        await_pids(s, "pids", &left, 1);
        scenario_await_ready(s, 2);
        scenario_configure(
                s, "", "[program:b]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_signal(s, SIGHUP);
        scenario_await(s, "stopped: a \\(exit status 0\\)");
        cr_assert(is_alive(left));
        cr_assert(kill(left, SIGKILL) == 0);
        await_death(left);
        scenario_stop(s);
}

/* The program works for a while after SIGTERM; does its child, of the same group, get one too? */
#define WITH_A_CHILD_THAT_WOULD_NOTICE                                                                       \
        "[program:a]\n"                                                                                      \
        "command=%(ENV_CHILD)s on=15:1000:0 fork on=15:0:0 append=%(here)s/pids end append=%(here)s/ready\n" \
        "startsecs=0\n"

static void expect_child_to_be_told(const char *keys, bool told) {
        _scenario_ s = scenario_new();
        char programs[1024];
        pid_t leader, child;
        int64_t asked;

        snprintf(programs, sizeof(programs), "%s%s\n", WITH_A_CHILD_THAT_WOULD_NOTICE, keys);
        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        await_pids(s, "pids", &child, 1);
        scenario_await_ready(s, 1);
        leader = scenario_pid(s, "a");
        asked = now_msec();
        scenario_signal(s, SIGTERM);
        await_death(told ? child : leader);
        if (told)
                cr_assert_lt(now_msec() - asked, 900, "it died with the leader, not before it");
        cr_assert_eq(scenario_exit_status(s), 0);
        cr_assert_eq(scenario_count(s, "stopped: a \\(exit status 0\\)"), 1);
        scenario_assert_nothing_left(s);
}

Test(tree, gets_the_signal_by_stopasgroup) {
        expect_child_to_be_told("stopasgroup=true", true);
}

Test(tree, gets_the_signal_by_kill_mode_control_group) {
        expect_child_to_be_told("kill_mode=control-group", true);
}

Test(tree, is_cleared_after_its_leader_by_default) {
        expect_child_to_be_told("", false);
}

Test(tree, with_killasgroup_is_killed_after_the_grace) {
        _scenario_ s = scenario_new();
        pid_t child;

        scenario_configure(
                s, "",
                "[program:a]\n"
                "command=%(ENV_CHILD)s ignore=15 fork append=%(here)s/pids end append=%(here)s/ready\n"
                "startsecs=0\nkill_mode=process\nkillasgroup=true\nstopwaitsecs=1\n");
        scenario_start(s, NULL);
        await_pids(s, "pids", &child, 1);
        scenario_await_ready(s, 1);
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "killing 'a'"), 1);
}

#define FORKING(keys)                                                            \
        "[program:a]\n"                                                          \
        "command=%(ENV_CHILD)s fork setsid on=15:0:0 pidfile=%(here)s/a.pid end" \
        " await=%(here)s/a.pid exit=0\n"                                         \
        "type=forking\nstartsecs=0\n" keys

static pid_t read_pidfile(Scenario *s) {
        _cleanup_(freep) char *text = scenario_read(s, "a.pid");

        return (pid_t)strtol(text, NULL, 10);
}

static void expect_forking_daemon_to_be_followed(const char *daemon_keys, const char *programs) {
        _scenario_ s = scenario_new();
        pid_t first;

        scenario_configure(s, daemon_keys, programs);
        scenario_start(s, NULL);
        scenario_await(s, "success: a entered RUNNING state");
        first = read_pidfile(s);
        cr_assert(is_alive(first));
        scenario_mark(s);
        {
                _cleanup_(freep) char *path = scenario_path(s, "a.pid");

                cr_assert(unlink(path) == 0);
        }
        cr_assert(kill(first, SIGKILL) == 0);
        scenario_await(s, "exited: a \\(terminated by SIGKILL; not expected\\)");
        scenario_await(s, "success: a entered RUNNING state");
        cr_assert_neq(read_pidfile(s), first);
        scenario_stop(s);
        cr_assert_eq(scenario_count(s, "stopped: a \\(exit status 0\\)"), 1);
}

Test(forking, is_followed_by_its_pidfile) {
        expect_forking_daemon_to_be_followed("", FORKING("pidfile=%(here)s/a.pid\n"));
}

Test(forking, is_followed_by_its_pidfile_without_cgroups) {
        expect_forking_daemon_to_be_followed(WITHOUT_CGROUPS, FORKING("pidfile=%(here)s/a.pid\n"));
}

Test(forking, is_followed_as_the_sole_survivor) {
        expect_forking_daemon_to_be_followed("", FORKING(""));
}

Test(forking, is_followed_as_the_sole_survivor_without_cgroups) {
        expect_forking_daemon_to_be_followed(WITHOUT_CGROUPS, FORKING(""));
}

Test(forking, is_not_taken_in_by_a_strangers_pid) {
        _scenario_ s = scenario_new();
        char stranger[32];

        snprintf(stranger, sizeof(stranger), "%d\n", (int)getpid());
        scenario_configure(s, "",
                           "[program:a]\n"
                           "command=%(ENV_CHILD)s fork setsid end exit=0\n"
                           "type=forking\nstartsecs=0\nstartretries=0\nreadiness_timeout=500ms\n"
                           "pidfile=%(here)s/a.pid\n");
        scenario_write(s, "a.pid", stranger);
        scenario_start(s, NULL);
        scenario_await(s, "gave up: a entered FATAL state");
        cr_assert_eq(scenario_count(s, "success: a"), 0);
        scenario_stop(s);
}

Test(forking, fails_when_its_main_process_does_not_show) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s exit=0\ntype=forking\nstartsecs=0\n"
                           "startretries=0\nreadiness_timeout=500ms\n");
        scenario_start(s, NULL);
        scenario_await(s, "gave up: a entered FATAL state");
        scenario_stop(s);
}
