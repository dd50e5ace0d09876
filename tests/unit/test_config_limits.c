/* Limits and identity of processes: from keys to settings, and back in dumps. */
#include <grp.h>
#include <pwd.h>

#include "base/strv.h"
#include "config-fixture.h"

TestSuite(config_limits, .init = make_folder, .fini = remove_folder, .timeout = 20);

static void expect_limit(const char *key, int resource, rlim_t soft, rlim_t hard) {
        _cleanup_(freep) char *text = NULL;

        cr_assert_gt(asprintf(&text, PROGRAM("%s"), key), 0);
        LOAD(l, text);
        const ResourceLimit *limit = l.config->processes[0]->settings->limits + resource;
        cr_expect(limit->set, "%s", key);
        cr_expect_eq(limit->soft, soft, "%s", key);
        cr_expect_eq(limit->hard, hard, "%s", key);
}

Test(config_limits, are_not_set_by_default) {
        LOAD(l, PROGRAM(""));
        const ProcessConfig *p = l.config->processes[0];

        for (int i = 0; i < RLIM_NLIMITS; i++)
                cr_expect_not(p->settings->limits[i].set);
        cr_expect(!p->settings->nice.set && !p->settings->oom_score_adj.set &&
                  !p->settings->no_new_privileges);
        cr_expect(!p->settings->primary_group && !p->settings->supplementary_groups &&
                  !p->settings->login);
        cr_expect(p->settings->memory_max == 0 && p->settings->pids_max == 0 &&
                  p->settings->cpu_max_usec == 0);
        cr_expect_null(p->settings->environment_files);
}

Test(config_limits, take_one_number_two_or_infinity) {
        expect_limit("limit_nofile=4096", RLIMIT_NOFILE, 4096, 4096);
        expect_limit("limit_nofile=1024:4096", RLIMIT_NOFILE, 1024, 4096);
        expect_limit("limit_nproc=100:infinity", RLIMIT_NPROC, 100, RLIM_INFINITY);
        expect_limit("limit_core=Infinity", RLIMIT_CORE, RLIM_INFINITY, RLIM_INFINITY);
        expect_limit("limit_core=0", RLIMIT_CORE, 0, 0);
        expect_limit("limit_sigpending=7", RLIMIT_SIGPENDING, 7, 7);
        expect_limit("limit_rtprio=0:99", RLIMIT_RTPRIO, 0, 99);
}

Test(config_limits, take_the_units_of_what_they_count) {
        expect_limit("limit_memlock=64KB", RLIMIT_MEMLOCK, 65536, 65536);
        expect_limit("limit_stack=8MB:1G", RLIMIT_STACK, 8 << 20, 1 << 30);
        expect_limit("limit_as=2GB", RLIMIT_AS, (rlim_t)2 << 30, (rlim_t)2 << 30);
        expect_limit("limit_fsize=1k", RLIMIT_FSIZE, 1024, 1024);
        expect_limit("limit_data=1M", RLIMIT_DATA, 1 << 20, 1 << 20);
        expect_limit("limit_rss=1M", RLIMIT_RSS, 1 << 20, 1 << 20);
        expect_limit("limit_msgqueue=1K", RLIMIT_MSGQUEUE, 1024, 1024);
        expect_limit("limit_cpu=90", RLIMIT_CPU, 90, 90);
        expect_limit("limit_cpu=1500ms:2min", RLIMIT_CPU, 2, 120);
        expect_limit("limit_nice=-5", RLIMIT_NICE, 25, 25);
        expect_limit("limit_nice=+5", RLIMIT_NICE, 15, 15);
        expect_limit("limit_nice=0:30", RLIMIT_NICE, 0, 30);
}

Test(config_limits, that_make_no_sense_are_refused) {
        REFUSE(PROGRAM("limit_nofile=many"), "[program:a] limit_nofile: 'many' is no limit; write");
        REFUSE(PROGRAM("limit_nofile=-1"), "is no limit");
        REFUSE(PROGRAM("limit_nofile="), "is no limit");
        REFUSE(PROGRAM("limit_nofile=1:"), "is no limit");
        REFUSE(PROGRAM("limit_nofile=1:2:3"), "is no limit");
        REFUSE(PROGRAM("limit_nofile=1K"), "is no limit");
        REFUSE(PROGRAM("limit_as=1.5G"), "bytes such as");
        REFUSE(PROGRAM("limit_nice=41"), "a nice level with its sign");
        REFUSE(PROGRAM("limit_nice=-21"), "a nice level with its sign");
        REFUSE(PROGRAM("limit_core=2:1"), "soft limit above the hard one");
        REFUSE(PROGRAM("limit_core=infinity:1"), "soft limit above the hard one");
        REFUSE(PROGRAM("limit_as=99999999999999999999"), "too large");
        REFUSE(PROGRAM("nice=20"), "[program:a] nice: '20' is out of range; write -20 to 19");
        REFUSE(PROGRAM("nice=x"), "nice: 'x' is no whole number");
        REFUSE(PROGRAM("oom_score_adj=-1001"), "write -1000 to 1000");
        REFUSE(PROGRAM("memory_max=0"), "write 1 or more, or infinity");
        REFUSE(PROGRAM("pids_max=-1"), "write 1 or more, or infinity");
        REFUSE(PROGRAM("cpu_max=1.5"), "cpu_max: '1.5' is no percentage; write");
        REFUSE(PROGRAM("cpu_max=0%"), "write 0.1% to 100000%, or infinity");
        REFUSE(PROGRAM("environment_file=relative"), "'relative' is no absolute path");
        REFUSE(PROGRAM("environment_file=/a,-b"), "'-b' is no absolute path");
        REFUSE(PROGRAM("group=a b"), "[program:a] group: there is no user or group 'a b'");
        REFUSE(PROGRAM("supplementary_groups=adm,a b"), "there is no user or group 'a b'");
}

Test(config_limits, of_nice_and_memory_are_kept_as_numbers) {
        LOAD(l,
             PROGRAM("nice=-20\noom_score_adj=500\nno_new_privileges=yes\nmemory_max=1GB\npids_max=64\n"
                     "cpu_max=12.5%\n[program:b]\ncommand=x\nnice=0\ncpu_max=150 %\nmemory_max=infinity"));
        const ProcessConfig *a = l.config->processes[0], *b = l.config->processes[1];

        cr_expect(a->settings->nice.set && a->settings->nice.value == -20);
        cr_expect(a->settings->oom_score_adj.set && a->settings->oom_score_adj.value == 500);
        cr_expect(a->settings->no_new_privileges);
        cr_expect_eq(a->settings->memory_max, 1 << 30);
        cr_expect_eq(a->settings->pids_max, 64);
        cr_expect_eq(a->settings->cpu_max_usec, 125000);
        cr_expect(b->settings->nice.set && b->settings->nice.value == 0);
        cr_expect_eq(b->settings->cpu_max_usec, 1500000);
        cr_expect_eq(b->settings->memory_max, 0);
}

Test(config_limits, belong_to_listeners_and_fastcgi_too) {
        LOAD(l, "[supervisord]\n[eventlistener:l]\ncommand=l\nevents=TICK_5\nlimit_core=1\n"
                "[fcgi-program:f]\ncommand=f\nsocket=unix:///tmp/s\nlimit_core=1\nnice=1\n");

        cr_assert_eq(l.config->n_processes, 2);
        cr_expect(l.config->processes[0]->settings->limits[RLIMIT_CORE].set);
        cr_expect(l.config->processes[1]->settings->limits[RLIMIT_CORE].set);
        cr_expect_not(mentions(&l, "unknown key"));
}

Test(config_limits, survive_a_dump) {
        LOAD(first,
             PROGRAM("limit_nofile=10:20\nlimit_cpu=1500ms\nlimit_as=infinity\nlimit_nice=-5\nnice=-3\n"
                     "oom_score_adj=7\nno_new_privileges=true\nmemory_max=1M\ncpu_max=33.3%\n"
                     "environment_file=-/etc/a , %(here)s/b\ngroup=adm\n"
                     "supplementary_groups=adm,tty\nlogin_env=true"));
        _cleanup_(freep) char *ini = NULL, *json = NULL;
        size_t size;
        FILE *f = open_memstream(&ini, &size), *g = open_memstream(&json, &size);

        cr_assert(f && g);
        cr_assert_eq(config_dump_ini(first.config, f), 0);
        cr_assert_eq(config_dump_json(first.config, g), 0);
        cr_assert_eq(fclose(f), 0);
        cr_assert_eq(fclose(g), 0);

        LOAD(second, ini);
        const ProcessConfig *a = first.config->processes[0], *b = second.config->processes[0];
        cr_expect_eq(process_config_compare(a, b), CONFIG_SAME, "%s", ini);
        cr_expect_eq(b->settings->limits[RLIMIT_CPU].hard, 2);
        cr_expect_eq(b->settings->limits[RLIMIT_NICE].soft, 25);
        cr_expect_eq(b->settings->cpu_max_usec, 333000);
        cr_expect_str_eq(b->settings->supplementary_groups, "adm,tty");
        cr_expect_eq(strv_length(b->settings->environment_files), 2);
        cr_expect_str_eq(b->settings->environment_files[0], "-/etc/a");
        cr_expect(strstr(json, "\"limit_nofile\": \"10:20\""), "%s", json);
        cr_expect(strstr(json, "\"limit_core\": null"));
        cr_expect(strstr(json, "\"pids_max\": \"infinity\""));
        cr_expect(strstr(json, "\"primary_group\": \"adm\""));
}

Test(config_limits, are_reason_enough_to_restart_a_process) {
        static const char *const changes[] = {
                "limit_core=1",        "nice=0",
                "oom_score_adj=0",     "no_new_privileges=1",
                "memory_max=1",        "pids_max=1",
                "cpu_max=1%",          "login_env=1",
                "environment_file=/a", "supplementary_groups=",
        };
        static const ConfigOptions here = { 0 };
        _cleanup_(loaded_done) Loaded before = load_with(PROGRAM(""), &here);

        cr_assert_eq(before.result, 0);
        for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
                _cleanup_(freep) char *text = NULL;

                cr_assert_gt(asprintf(&text, PROGRAM("%s"), changes[i]), 0);
                _cleanup_(loaded_done) Loaded after = load_with(text, &here);
                cr_assert_eq(after.result, 0, "%s", changes[i]);
                cr_expect_eq(process_config_compare(before.config->processes[0],
                                                    after.config->processes[0]),
                             CONFIG_RESTART, "%s", changes[i]);
        }
}

/* ---------------------------------------------------------------- this host's users */

static gid_t gid_of(const char *name) {
        const struct group *g = getgrnam(name);

        if (!g)
                cr_skip("there is no group %s here", name);
        return g->gr_gid;
}

Test(config_limits, put_the_group_in_the_place_of_the_user_s) {
        static const ConfigOptions here = { 0 };
        gid_t adm = gid_of("adm");
        _cleanup_(loaded_done) Loaded l =
                load_with(PROGRAM("user=nobody\ngroup=adm\n[program:b]\ncommand=x\ngroup=adm"),
                          &here);

        cr_assert_eq(l.result, 0);
        const ProcessConfig *a = l.config->processes[0], *b = l.config->processes[1];
        cr_expect_eq(a->settings->gid, adm);
        cr_assert_geq(a->settings->n_groups, 1);
        cr_expect_eq(a->settings->groups[0], adm);
        for (size_t i = 0; i < a->settings->n_groups; i++)
                cr_expect_neq(a->settings->groups[i], getpwnam("nobody")->pw_gid);
        cr_expect_eq(b->settings->gid, adm);
        cr_expect_eq(b->settings->uid, (uid_t)-1);
        cr_expect_eq(b->settings->n_groups, 0);
}

Test(config_limits, take_exactly_the_supplementary_groups) {
        static const ConfigOptions here = { 0 };
        gid_t adm = gid_of("adm"), tty = gid_of("tty");
        _cleanup_(loaded_done) Loaded l = load_with(
                PROGRAM("user=nobody\nsupplementary_groups= adm , tty\n[program:b]\ncommand=x\n"
                        "user=root\nsupplementary_groups="),
                &here);
        _cleanup_(loaded_done) Loaded bad =
                load_with(PROGRAM("supplementary_groups=no-such"), &here);

        cr_assert_eq(l.result, 0);
        const ProcessConfig *a = l.config->processes[0], *b = l.config->processes[1];
        cr_assert_eq(a->settings->n_groups, 2);
        cr_expect_eq(a->settings->groups[0], adm);
        cr_expect_eq(a->settings->groups[1], tty);
        cr_expect_eq(b->settings->n_groups, 0);
        cr_expect_not_null(b->settings->supplementary_groups);
        cr_expect_eq(bad.result, -EINVAL);
        cr_expect(mentions(&bad, "there is no user or group 'no-such'"));
}

Test(config_limits, know_the_home_of_the_user) {
        static const ConfigOptions here = { 0 };
        _cleanup_(loaded_done) Loaded l =
                load_with(PROGRAM("user=nobody\nlogin_env=true\n[program:b]\ncommand=x\n"
                                  "login_env=true\n[program:c]\ncommand=x\nuser=nobody"),
                          &here);
        const struct passwd *pw = getpwuid(getuid());

        cr_assert_eq(l.result, 0);
        ProcessConfig **p = l.config->processes;
        cr_expect_str_eq(strv_env_get(p[0]->settings->login, "USER"), "nobody");
        cr_expect_str_eq(strv_env_get(p[0]->settings->login, "LOGNAME"), "nobody");
        cr_expect_not_null(strv_env_get(p[0]->settings->login, "SHELL"));
        cr_expect_not_null(strv_env_get(p[0]->settings->login, "HOME"));
        cr_assert_not_null(pw);
        cr_expect_str_eq(strv_env_get(p[1]->settings->login, "HOME"), pw->pw_dir);
        cr_expect_null(p[2]->settings->login);
}
