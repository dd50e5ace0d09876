/* From keys to settings: defaults, types, expansion, errors. */
#include <errno.h>
#include <signal.h>

#include "base/strv.h"
#include "config-fixture.h"

TestSuite(config_values, .init = make_folder, .fini = remove_folder, .timeout = 20);

Test(config_values, has_the_documented_defaults_of_a_program) {
        LOAD(l, PROGRAM(""));
        const ProcessConfig *p = l.config->processes[0];

        cr_assert_eq(l.config->n_processes, 1);
        cr_expect_str_eq(p->name, "a");
        cr_expect_str_eq(p->group, "a");
        cr_expect_eq(p->priority, 999);
        cr_expect_eq(p->group_priority, 999);
        cr_expect(p->settings->autostart);
        cr_expect_eq(p->settings->autorestart, AUTORESTART_UNEXPECTED);
        cr_expect_eq(p->settings->startsecs_usec, 1000000);
        cr_expect_eq(p->settings->startretries, 3);
        cr_expect(process_config_expects(p, 0) && !process_config_expects(p, 2));
        cr_expect_eq(p->settings->stopsignal, SIGTERM);
        cr_expect_eq(p->settings->stopwait_usec, 10000000);
        cr_expect(!p->settings->stopasgroup && !p->settings->killasgroup &&
                  !p->settings->redirect_stderr);
        cr_expect_eq(p->settings->kill_mode, KILL_MODE_MIXED);
        cr_expect_eq(p->settings->backoff_max_usec, DURATION_INFINITY);
        cr_expect_eq(p->settings->umask, -1);
        cr_expect_null(p->settings->user);
        cr_expect_null(p->directory);
        cr_expect_eq(p->log[0].kind, LOG_KIND_AUTO);
        cr_expect_eq(p->log[1].max_bytes, 50 << 20);
        cr_expect_eq(p->log[1].backups, 10);
}

Test(config_values, has_the_documented_defaults_of_the_daemon) {
        LOAD(l, "[supervisord]\n");
        const DaemonConfig *d = &l.config->daemon;

        cr_expect(d->logfile[0] == '/' && strstr(d->logfile, "/supervisord.log"));
        cr_expect(d->pidfile[0] == '/' && strstr(d->pidfile, "/supervisord.pid"));
        cr_expect_eq(d->loglevel, LOG_LEVEL_INFO);
        cr_expect_eq(d->umask, 022);
        cr_expect_eq(d->minfds, 1024);
        cr_expect_str_eq(d->identifier, "supervisor");
        cr_expect_eq(d->fast_shutdown_timeout_usec, 2000000);
        cr_expect(d->cgroups && !d->nodaemon);
}

Test(config_values, lets_stopasgroup_imply_killasgroup) {
        LOAD(l, PROGRAM("stopasgroup=true"));
        cr_expect(l.config->processes[0]->settings->killasgroup);
        REFUSE(PROGRAM("stopasgroup=true\nkillasgroup=false"),
               "[program:a] killasgroup: stopasgroup=true");
}

Test(config_values, takes_python_s_numbers_and_our_durations) {
        LOAD(l, PROGRAM("startsecs=1_0\nstopwaitsecs=250ms\nbackoff_min=1.5\nstartretries=-1"));
        const ProcessConfig *p = l.config->processes[0];

        cr_expect_eq(p->settings->startsecs_usec, 10000000);
        cr_expect_eq(p->settings->stopwait_usec, 250000);
        cr_expect_eq(p->settings->backoff_min_usec, 1500000);
        cr_expect_eq(p->settings->startretries, -1);
}

Test(config_values, knows_every_kind_of_log) {
        LOAD(l,
             PROGRAM("stdout_logfile=syslog\nstderr_logfile=/tmp/x-%%%%(a)s\n"
                     "[program:b]\ncommand=x\nstdout_logfile=NONE\nstderr_logfile=journal\n"
                     "[program:c]\ncommand=x\nstdout_logfile=inherit\nstderr_logfile=/tmp/e\nredirect_stderr=1"));
        ProcessConfig **p = l.config->processes;

        cr_expect(p[0]->log[0].kind == LOG_KIND_NONE && p[0]->log[0].syslog);
        cr_expect_str_eq(p[0]->log[1].path, "/tmp/x-%(a)s", "it is expanded twice");
        cr_expect_eq(p[1]->log[0].kind, LOG_KIND_NONE);
        cr_expect_eq(p[1]->log[1].kind, LOG_KIND_JOURNAL);
        cr_expect_eq(p[2]->log[0].kind, LOG_KIND_INHERIT);
        cr_expect_eq(p[2]->log[1].kind, LOG_KIND_NONE);
        cr_expect(mentions(&l, "\"syslog\" as a file is deprecated; write stdout_syslog"));
        cr_expect(mentions(&l, "ignored because of redirect_stderr"));
}

Test(config_values, expands_per_copy) {
        LOAD(l,
             PROGRAM("numprocs=11\nnumprocs_start=1\nprocess_name=%(program_name)s%(process_num)d\n"
                     "environment=N=\"%(process_num)d/%(numprocs)d\"\ndirectory=/d/%(ENV_N)s"));
        ProcessConfig **p = l.config->processes;

        cr_assert_eq(l.config->n_processes, 11);
        cr_expect_str_eq(p[0]->name, "a1");
        cr_expect_str_eq(p[1]->name, "a10", "names sort as text");
        cr_expect_str_eq(p[3]->name, "a2");
        cr_expect_str_eq(p[3]->directory, "/d/2/11");
        cr_expect_str_eq(strv_env_get(p[3]->environment, "N"), "2/11");
}

Test(config_values, needs_different_names_for_copies) {
        REFUSE(PROGRAM("numprocs=2"), "%(process_num)02d");
        REFUSE(PROGRAM("numprocs=100001\nprocess_name=%(process_num)d"),
               "more than 100000 processes");
        REFUSE(PROGRAM("process_name=a b"), "holds a blank");
}

Test(config_values, makes_no_process_of_numprocs_0_but_checks_it) {
        LOAD(l, PROGRAM("numprocs=0"));
        cr_expect_eq(l.config->n_processes, 0);
        cr_expect_eq(l.config->n_groups, 1);
        REFUSE(PROGRAM("numprocs=0\nstartsecs=x"), "no duration");
}

Test(config_values, merges_the_environment_of_the_daemon) {
        LOAD(l,
             "[supervisord]\nenvironment=B=2,A=\"1\"\n[program:a]\ncommand=%(ENV_A)s\nenvironment=B=3,C=4\n");
        const ProcessConfig *p = l.config->processes[0];

        cr_expect_str_eq(p->command, "1");
        cr_expect_eq(strv_length(p->environment), 3);
        cr_expect_str_eq(p->environment[0], "A=1");
        cr_expect_str_eq(p->environment[1], "B=3");
}

Test(config_values, keeps_a_command_that_cannot_be_split) {
        LOAD(l, PROGRAM("[program:b]\ncommand=echo 'x\n[program:c]\ncommand="));
        ProcessConfig **p = l.config->processes;
        _cleanup_(strv_freep) char **words = NULL;
        const char *why = NULL;

        cr_expect_eq(process_config_split_command(p[1], &words, &why), -EINVAL);
        cr_expect_str_eq(why, "No closing quotation");
        cr_expect_eq(process_config_split_command(p[2], &words, &why), -ENODATA);
        cr_expect_str_eq(why, "command is empty");
        cr_expect_null(words);
        cr_assert_eq(process_config_split_command(p[0], &words, &why), 0);
        cr_expect_str_eq(words[0], "/bin/cat");
        cr_expect(mentions(&l, "[program:b] command: No closing quotation"));
}

Test(config_values, finds_all_errors_in_one_pass) {
        _cleanup_(loaded_done) Loaded l =
                load_text("[supervisord]\nloglevel=warning\nminfds=x\n"
                          "[program:a]\nautorestart=always\nstopsignal=TREM\n"
                          "user=a b\nexitcodes=0,256\numask=9\n"
                          "[program:b c]\ncommand=x\n[group:g]\nprograms=a,d\n"
                          "[inet_http_server]\nport=http\n");
        static const char *const parts[] = {
                "main.conf:2: [supervisord] loglevel: 'warning' is not known; ",
                "main.conf:3: [supervisord] minfds: 'x' is no whole number",
                "main.conf:5: [program:a] autorestart: 'always' is not known; write one of true, ",
                "main.conf:6: [program:a] stopsignal: 'TREM' is no signal; did you mean TERM?",
                "main.conf:7: [program:a] user: there is no user or group 'a b'",
                "main.conf:8: [program:a] exitcodes: '256' is no exit status",
                "main.conf:9: [program:a] umask: '9' is no octal number",
                "main.conf:4: [program:a]: command is missing",
                "main.conf:10: [program:b c]: 'b c' is no name",
                "main.conf:13: [group:g] programs: there is no [program:d]",
                "main.conf:15: [inet_http_server] port: 'http' is no address",
        };

        cr_expect_eq(l.result, -EINVAL);
        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                cr_expect(mentions(&l, parts[i]), "%s", parts[i]);
}

Test(config_values, warns_of_unknown_keys_and_sections) {
        static const char text[] =
                "[supervisord]\nlogfiel=x\n[progam:a]\n[ program:b ]\n[program]\n"
                "[zzz]\n[program:c]\ncommand=x\nnodaemon=true\n";
        static const char *const parts[] = {
                "[supervisord] logfiel: unknown key, ignored; did you mean logfile?",
                "[progam:a]: unknown section, ignored; did you mean [program:a]?",
                "[ program:b ]: unknown section, because blanks belong to its name",
                "[program]: unknown section, ignored; write [program:NAME]",
                "[zzz]: unknown section",
                "[program:c] nodaemon: a key of [supervisord], ignored here",
        };
        LOAD(l, text);

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                cr_expect(mentions(&l, parts[i]), "%s", parts[i]);
        cr_expect_eq(l.report.n_warnings, ELEMENTSOF(parts));
}

Test(config_values, names_once_what_is_not_served_yet) {
        LOAD(l,
             PROGRAM("stdout_events_enabled=true\n[program:b]\ncommand=x\nstdout_events_enabled=1\n"
                     "stderr_events_enabled=false\n[inet_http_server]\nport=9001"));

        cr_expect_eq(l.report.n_warnings, 1);
        cr_expect(mentions(&l, "not served yet: [inet_http_server], stdout_events_enabled;"));
        cr_expect(mentions(&l, "supervisorctl works without an HTTP server"));
}

Test(config_values, takes_warnings_for_errors_when_strict) {
        _cleanup_(loaded_done) Loaded l =
                load_with("[supervisord]\nx=y\n",
                          &(ConfigOptions){ .no_host_checks = true, .strict = true });

        cr_expect_eq(l.result, -EINVAL);
        cr_expect_eq(l.report.n_errors, 1);
}

Test(config_values, directories_that_cannot_be_looked_at_are_not_told_as_missing) {
        static const ConfigOptions here = { 0 };
        char text[256];

        make_folder();
        cr_assert_eq(symlink("loop", in_folder("loop")), 0);
        (void)snprintf(text, sizeof(text),
                       "[supervisord]\nlogfile=%s/loop/x\nchildlogdir=%s/loop\n", folder, folder);
        _cleanup_(loaded_done) Loaded bad = load_with(text, &here);

        cr_expect(mentions(&bad, "[supervisord] logfile: the directory of "));
        cr_expect(mentions(&bad, "/loop/x cannot be looked at: Too many levels of symbolic links"));
        cr_expect(mentions(&bad, "/loop cannot be looked at: Too many levels of symbolic links"));
        remove_folder();
}

Test(config_values, looks_at_users_and_directories_of_this_host) {
        static const ConfigOptions here = { 0 };
        _cleanup_(loaded_done) Loaded good = load_with(PROGRAM("user=root"), &here);
        _cleanup_(loaded_done) Loaded bad = load_with(
                "[supervisord]\nlogfile=/no/such/dir/x\nchildlogdir=/no/such/dir\nuser=no-such-user\n",
                &here);

        cr_assert_eq(good.result, 0);
        cr_expect_eq(good.config->processes[0]->settings->uid, 0);
        cr_expect_geq(good.config->processes[0]->settings->n_groups, 1);
        cr_expect(
                mentions(&bad,
                         "[supervisord] logfile: the directory of /no/such/dir/x does not exist"));
        cr_expect(
                mentions(&bad, "[supervisord] childlogdir: /no/such/dir is no existing directory"));
        cr_expect(mentions(&bad, "[supervisord] user: there is no user or group 'no-such-user'"));
}

Test(config_values, lets_the_command_line_win) {
        static const ConfigOverride overrides[] = {
                { "loglevel", "debug", "-e" },
                { "logfile", "/tmp/%.log", "-l" },
                { "umask", "077", "-m" },
        };
        static const ConfigOverride wrong[] = { { "loglevel", "foo", "-e" } };
        _cleanup_(loaded_done) Loaded l =
                load_with("[supervisord]\nloglevel=warn\nlogfile=syslog\n",
                          &(ConfigOptions){ .overrides = overrides,
                                            .n_overrides = ELEMENTSOF(overrides) });
        _cleanup_(loaded_done) Loaded bad =
                load_with("[supervisord]\n",
                          &(ConfigOptions){ .overrides = wrong, .n_overrides = 1 });

        cr_assert_eq(l.result, 0);
        cr_expect_eq(l.config->daemon.loglevel, LOG_LEVEL_DEBUG);
        cr_expect_str_eq(l.config->daemon.logfile, "/tmp/%.log");
        cr_expect(!l.config->daemon.syslog);
        cr_expect_eq(l.config->daemon.umask, 077);
        cr_expect_eq(bad.result, -EINVAL);
        cr_expect(mentions(&bad, "invalid value for -e: 'foo' is not known"));
}

Test(config_values, keeps_at_most_so_many_messages_but_counts_all) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        (void)fputs("[supervisord]\n", f);
        for (int i = 0; i < 3000; i++)
                (void)fprintf(f, "rubbish %d\n", i);
        cr_assert_eq(fclose(f), 0);
        _cleanup_(loaded_done) Loaded l = load_text(text);
        cr_expect_eq(l.report.n, CONFIG_REPORT_MAX);
        cr_expect_eq(l.report.n_errors, 3000);
}

/* ---------------------------------------------------------------- readiness */

Test(config_values, reads_every_kind_of_readiness) {
        static const struct {
                const char *value, *text;
                ReadinessKind kind;
        } cases[] = {
                { "startsecs", "startsecs", READINESS_STARTSECS },
                { "NOTIFY", "notify", READINESS_NOTIFY },
                { "fd:3", "fd:3", READINESS_FD },
                { "fd: 1023", "fd:1023", READINESS_FD },
                { "tcp:127.0.0.1:8080", "tcp:127.0.0.1:8080", READINESS_TCP },
                { "tcp:Localhost:080", "tcp:localhost:80", READINESS_TCP },
                { "tcp:[::0001]:65535", "tcp:[::1]:65535", READINESS_TCP },
                { "unix:/run/x.sock", "unix:/run/x.sock", READINESS_UNIX },
                { "unix:@name", "unix:@name", READINESS_UNIX },
                { "exec:/bin/check -q 'a b:c'", "exec:/bin/check -q 'a b:c'", READINESS_EXEC },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char keys[256], text[512];

                (void)snprintf(keys, sizeof(keys), "readiness=%s", cases[i].value);
                (void)snprintf(text, sizeof(text), PROGRAM("%s"), keys);
                LOAD(l, text);
                cr_expect_eq(l.config->processes[0]->settings->readiness.kind, cases[i].kind);
                cr_expect_str_eq(l.config->processes[0]->settings->readiness.text, cases[i].text);
        }
}

Test(config_values, takes_a_readiness_apart) {
        LOAD(l, "[supervisord]\n"
                "[program:a]\ncommand=x\nreadiness=tcp:[fe80:0::1]:81\n"
                "[program:b]\ncommand=x\nreadiness=unix:/run/x\n"
                "[program:c]\ncommand=x\nreadiness=exec: check 'a b' c\n"
                "[program:d]\ncommand=x\nreadiness=fd:9\n"
                "[program:e]\ncommand=x\n");
        ProcessConfig **p = l.config->processes;

        cr_expect_str_eq(p[0]->settings->readiness.host, "fe80::1");
        cr_expect_eq(p[0]->settings->readiness.port, 81);
        cr_expect_str_eq(p[1]->settings->readiness.path, "/run/x");
        cr_assert_eq(strv_length(p[2]->settings->readiness.argv), 3);
        cr_expect_str_eq(p[2]->settings->readiness.argv[1], "a b");
        cr_expect_eq(p[3]->settings->readiness.fd, 9);
        cr_expect_eq(p[4]->settings->readiness.kind, READINESS_STARTSECS);
}

Test(config_values, gives_each_copy_its_own_readiness) {
        LOAD(l, PROGRAM("numprocs=2\nprocess_name=a%(process_num)d\n"
                        "readiness=tcp:127.0.0.1:80%(process_num)02d"));

        cr_expect_eq(l.config->processes[0]->settings->readiness.port, 8000);
        cr_expect_eq(l.config->processes[1]->settings->readiness.port, 8001);
}

Test(config_values, says_what_readiness_would_be_right) {
        static const char *const cases[][2] = {
                { "readyness", "write startsecs, notify, fd:N, tcp:HOST:PORT" },
                { "", "'' is no readiness; write startsecs" },
                { "notfy", "did you mean notify?" },
                { "tpc:127.0.0.1:1", "did you mean tcp:…?" },
                { "notify:x", "nothing may follow notify" },
                { "fd", "'fd' says not all; write fd:…" },
                { "fd:2", "write a number from 3 to 1023" },
                { "fd:1024", "write a number from 3 to 1023" },
                { "fd:", "write a number from 3 to 1023" },
                { "tcp:8080", "'8080' is not HOST:PORT; write one such as tcp:127.0.0.1:8080" },
                { "tcp::8080", "is not HOST:PORT" },
                { "tcp:127.0.0.1:", "'' is no port; write a number from 1 to 65535" },
                { "tcp:127.0.0.1:0", "'0' is no port" },
                { "tcp:127.0.0.1:65536", "'65536' is no port" },
                { "tcp:127.0.0.1:+80", "'+80' is no port" },
                { "tcp:db.example.org:80", "names are not looked up" },
                { "tcp:::1:80", "write one such as 127.0.0.1 or [::1]" },
                { "tcp:[127.0.0.1]:80", "is no numeric address" },
                { "tcp:[::1:80", "is no numeric address" },
                { "unix:run/x", "'run/x' is no absolute path; write one such as unix:/run/x.sock" },
                { "unix:", "is no absolute path" },
                { "unix:@", "is no absolute path" },
                { "unix:/", "is no absolute path" },
                { "unix:/run/", "'/run/' is a directory" },
                { "exec:", "there is no command; write one such as exec:" },
                { "exec:''", "there is no command" },
                { "exec:a 'b", "No closing quotation" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char text[256];

                (void)snprintf(text, sizeof(text), PROGRAM("readiness=%s"), cases[i][0]);
                REFUSE(text, cases[i][1]);
        }
}

Test(config_values, limits_the_path_of_a_socket_to_what_the_kernel_takes) {
        char path[110], text[256];

        memset(path, 'x', sizeof(path));
        path[0] = '/';
        path[107] = '\0';
        (void)snprintf(text, sizeof(text), PROGRAM("readiness=unix:%s"), path);
        LOAD(l, text);
        path[107] = 'x';
        path[108] = '\0';
        (void)snprintf(text, sizeof(text), PROGRAM("readiness=unix:%s"), path);
        REFUSE(text, "use a path of at most 107 bytes");
}
