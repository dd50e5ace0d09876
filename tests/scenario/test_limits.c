/* Limits and identity as the real daemon gives them to a program. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(limits, .timeout = 120);

#define NOBODY 65534

/* A shell that writes what @script says into the file "said", as one new file. */
static void
start_script(Scenario *s, const char *daemon_keys, const char *keys, const char *script) {
        char text[2048];

        snprintf(text, sizeof(text),
                 "[program:a]\ncommand=/bin/sh -c \"{ %s; } >$0/.said && mv $0/.said $0/said && "
                 "exec sleep 1000\" %%(here)s\nstartsecs=0\n%s\n",
                 script, keys);
        cr_assert(chmod(s->dir, 01777) == 0);
        scenario_configure(s, daemon_keys, text);
        scenario_start(s, NULL);
}

static void expect_said(const char *keys, const char *script, const char *expected) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *said = NULL;

        start_script(s, "", keys, script);
        said = scenario_read(s, "said");
        cr_expect_str_eq(said, expected, "said: %s", said);
        scenario_stop(s);
}

static void need_root(void) {
        if (getuid() != 0)
                cr_skip_test("needs root");
}

Test(limits, of_resources_are_what_the_program_finds) {
        expect_said(
                "limit_nofile=123:456\nlimit_core=0\nlimit_fsize=1MB\nlimit_cpu=1h\nlimit_stack=4MB",
                "ulimit -Sn; ulimit -Hn; ulimit -c; ulimit -Sf; ulimit -t; ulimit -s",
                "123\n456\n0\n2048\n3600\n4096\n");
}

Test(limits, of_scheduling_and_memory_pressure_are_the_program_s_alone) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *said = NULL, *path = NULL, *ours = NULL;
        char daemon[16] = "", own[16] = "";
        FILE *f;

        start_script(s, "", "nice=5\noom_score_adj=321\nno_new_privileges=true",
                     "cut -d' ' -f19 /proc/self/stat; cat /proc/self/oom_score_adj; "
                     "grep NoNewPrivs /proc/self/status");
        said = scenario_read(s, "said");
        cr_expect_str_eq(said, "5\n321\nNoNewPrivs:\t1\n", "said: %s", said);

        cr_assert(asprintf(&path, "/proc/%d/oom_score_adj", scenario_daemon(s)) > 0);
        f = fopen(path, "re");
        cr_assert(f && fgets(daemon, sizeof(daemon), f));
        fclose(f);
        f = fopen("/proc/self/oom_score_adj", "re");
        cr_assert(f && fgets(own, sizeof(own), f));
        fclose(f);
        cr_expect_str_eq(daemon, own, "the daemon's own is untouched");
        scenario_stop(s);
}

Test(limits, that_are_refused_stop_the_program_with_words) {
        _scenario_ s = scenario_new();

        scenario_run_as(s, NOBODY, false);
        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ran\n"
                           "limit_nofile=1:999999999\nstartretries=0\n"
                           "[program:b]\ncommand=%(ENV_CHILD)s append=%(here)s/ran\nnice=-10\n"
                           "startretries=0\n"
                           "[program:c]\ncommand=%(ENV_CHILD)s append=%(here)s/ran\ngroup=daemon\n"
                           "startretries=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "couldn't set RLIMIT_NOFILE: Operation not permitted");
        scenario_await(s, "couldn't set nice: Permission denied");
        scenario_await(s, "couldn't setgid: Operation not permitted");
        scenario_await_count(s, 3, "gave up: [abc]");
        scenario_stop(s);
        _cleanup_(freep) char *ran = scenario_path(s, "ran");
        cr_assert_neq(access(ran, F_OK), 0, "one ran");
}

Test(limits, groups_are_those_of_the_configuration) {
        need_root();
        expect_said("user=nobody\ngroup=4\nsupplementary_groups=5,6",
                    "id -u; id -g; id -G | cut -d' ' -f2-", "65534\n4\n5 6\n");
        expect_said("user=nobody\nsupplementary_groups=",
                    "id -u; id -g; grep Groups /proc/self/status", "65534\n65534\nGroups:\t \n");
        expect_said("group=4", "id -u; id -g", "0\n4\n");
}

Test(limits, login_names_the_user_of_the_program) {
        need_root();
        expect_said("user=nobody\nlogin_env=true", "echo $USER $LOGNAME $HOME",
                    "nobody nobody /nonexistent\n");
        expect_said("user=nobody\nlogin_env=true\nenvironment=HOME=\"/tmp\"", "echo $USER $HOME",
                    "nobody /tmp\n");
}

Test(limits, environment_files_are_read_at_every_start) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *facts = NULL, *again = NULL, *facts_path = scenario_path(s, "facts");

        scenario_write(s, "env", "# for a\nONE=\"from  file\"\nTWO=file\nTHREE=file\n");
        scenario_configure(s, "environment=TWO=\"daemon\"",
                           "[program:a]\ncommand=%(ENV_CHILD)s facts=%(here)s/facts\nstartsecs=0\n"
                           "autorestart=true\nenvironment=THREE=\"own\"\n"
                           "environment_file=%(here)s/%(program_name)s.missing-%%, %(here)s/env\n");
        scenario_start(s, NULL);
        scenario_await(s,
                       "spawnerr: couldn't read environment file '.*/a.missing-%': No such file");
        scenario_write(s, "a.missing-%", "ONE=never seen\n");
        facts = scenario_read(s, "facts");
        cr_expect(strstr(facts, "env ONE=from  file\n"), "%s", facts);
        cr_expect(strstr(facts, "env TWO=file\n"));
        cr_expect(strstr(facts, "env THREE=own\n"));

        scenario_write(s, "env", "ONE=changed\n");
        cr_assert_eq(unlink(facts_path), 0);
        scenario_mark(s);
        cr_assert_eq(kill(atoi(strstr(facts, "pid ") + 4), SIGKILL), 0);
        again = scenario_read(s, "facts");
        cr_expect(strstr(again, "env ONE=changed\n"), "%s", again);
        scenario_stop(s);
}

Test(limits, of_a_tree_without_a_control_group_are_warned_about) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "cgroups=false",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\nmemory_max=100MB\n"
                           "cpu_max=50%\n");
        scenario_start(s, NULL);
        scenario_await(s, "WARN a: memory_max has no effect: it needs a control group for the "
                          "process, but cgroups = false; cpu_max has no effect: ");
        scenario_await(s, "success: a entered RUNNING");
        scenario_stop(s);
}

/* Where the controllers are there, they limit; elsewhere each key is warned about. */
Test(limits, of_a_tree_have_effect_or_are_warned_about) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *said = NULL;

        start_script(s, "", "pids_max=77\ncpu_max=150%",
                     "d=$(sed -n s/^0::// /proc/self/cgroup); r=/sys/fs/cgroup; "
                     "test -e $r/cgroup.procs || r=$r/unified; "
                     "cat $r$d/pids.max $r$d/cpu.max 2>/dev/null || echo none");
        said = scenario_read(s, "said");
        scenario_await(s, "spawned: 'a'");
        if (strcmp(said, "77\n150000 100000\n") != 0) {
                cr_expect_geq(scenario_count(s, "WARN a: .*(pids_max|cpu_max) has no effect: "), 1,
                              "said: %s", said);
        } else {
                cr_expect_eq(scenario_count(s, "has no effect"), 0);
        }
        scenario_stop(s);
}
