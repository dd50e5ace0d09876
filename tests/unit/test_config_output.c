/* What is told about configurations: dumps, help, the look-up, comparison. */
#include "config-fixture.h"
#include "config/keys/keys.h"

TestSuite(config_output, .init = make_folder, .fini = remove_folder, .timeout = 20);

static char *dumped(const Config *c, int (*dump)(const Config *, FILE *)) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert(f);
        cr_assert_eq(dump(c, f), 0);
        cr_assert_eq(fclose(f), 0);
        return text;
}

static const char sample[] =
        "[supervisord]\nenvironment=A=\"100%%%%\",B=\"x\"\nidentifier=50%%\n"
        "[program:web]\ncommand=/bin/sh -c \"x;y\"\n  more\n\n  'a  b'\nnumprocs=2\n"
        "process_name=%(program_name)s_%(process_num)02d\nexitcodes=2,0\nstopwaitsecs=1.25\n"
        "environment=P=\"%(process_num)d\"\nstdout_logfile=/tmp/%%%%x.log\n"
        "[program:one]\ncommand=echo 5%%\nstdout_logfile=/tmp/%%%%y\nkillasgroup=true\nserverurl=AUTO\n"
        "[group:g]\nprograms=web\n[eventlistener:l]\ncommand=l\nevents=TICK_5\npriority=3\n"
        "[fcgi-program:f]\ncommand=f\nsocket=unix:///tmp/s\n"
        "[unix_http_server]\nfile=/tmp/sock\n[inet_http_server]\nport=*:9001\n"
        "[rpcinterface:r]\nsupervisor.rpcinterface_factory=a:b\nx=%%\n[supervisorctl]\nprompt=p\n";

Test(config_output, writes_an_ini_file_that_means_the_same) {
        LOAD(first, sample);
        _cleanup_(freep) char *ini = dumped(first.config, config_dump_ini);
        LOAD(second, ini);

        cr_assert_eq(second.config->n_processes, first.config->n_processes);
        for (size_t i = 0; i < first.config->n_processes; i++) {
                const ProcessConfig *a = first.config->processes[i],
                                    *b = second.config->processes[i];

                cr_expect_eq(process_config_compare(a, b), CONFIG_SAME, "%s", a->name);
        }
        cr_expect_str_eq(second.config->daemon.identifier, "50%");
        cr_expect_str_eq(second.config->daemon.environment[0], "A=100%");
        cr_expect_str_eq(second.config->serverurl, first.config->serverurl);
        cr_expect_str_eq(second.config->rpcinterfaces[0]->options[0], "x=%");
        cr_expect_eq(second.report.n_warnings, first.report.n_warnings);
}

Test(config_output, tells_where_each_value_came_from) {
        LOAD(l, "[supervisord]\n[program:a]\ncommand=x\n\npriority=5\n");
        _cleanup_(freep) char *ini = dumped(l.config, config_dump_ini);

        cr_expect(strstr(ini, "priority = 5 ; "), "%s", ini);
        cr_expect(strstr(ini, "main.conf:5\n"));
        cr_expect(strstr(ini, "startsecs = 1 ; default\n"));
        cr_expect(strstr(ini, "; directory is not set\n"));
}

Test(config_output, writes_json_in_pythons_terms) {
        LOAD(l,
             PROGRAM("startsecs=2.5\nautorestart=true\nexitcodes=2,0\numask=022\nstdout_logfile=off"));
        _cleanup_(freep) char *json = dumped(l.config, config_dump_json);
        static const char *const parts[] = {
                "\"startsecs\": 2.5",       "\"stopwaitsecs\": 10",
                "\"autorestart\": true",    "\"umask\": 18",
                "\"stdout_logfile\": null", "\"stderr_logfile\": \"AUTO\"",
                "\"stopsignal\": 15",       "\"stopsignal_name\": \"SIGTERM\"",
                "\"environment\": {}",      "\"exitcodes\": [\n    2,\n    0\n   ]",
                "\"accepted\": true",
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++)
                cr_expect(strstr(json, parts[i]), "%s", parts[i]);
}

Test(config_output, reports_an_error_of_writing) {
        LOAD(l, PROGRAM(""));
        _cleanup_(fclosep) FILE *full = fopen("/dev/full", "we");

        cr_assert(full);
        cr_expect_lt(config_dump_json(l.config, full), 0);
        clearerr(full);
        cr_expect_lt(config_dump_ini(l.config, full), 0);
}

static char *help_of(const char *key, int *ret) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert(f);
        *ret = config_help(f, key);
        cr_assert_eq(fclose(f), 0);
        return text;
}

Test(config_output, explains_keys) {
        int one, other, wrong, all;
        _cleanup_(freep) char *startsecs = help_of("startsecs", &one);
        _cleanup_(freep) char *user = help_of("program.user", &other);
        _cleanup_(freep) char *typo = help_of("startsec", &wrong);
        _cleanup_(freep) char *everything = help_of(NULL, &all);

        cr_expect(one == 0 && other == 0 && wrong == -ENOENT && all == 0);
        cr_expect(strstr(startsecs, "duration (seconds), default 1"), "%s", startsecs);
        cr_expect(!strstr(user, "[supervisord]"), "%s", user);
        cr_expect(strstr(typo, "did you mean startsecs?"), "%s", typo);
        for (size_t i = 0; i < n_config_keys; i++)
                cr_expect(strstr(everything, config_keys[i].name), "%s", config_keys[i].name);
}

Test(config_output, has_a_manual_for_every_key) {
        _cleanup_(freep) char *manual = slurp("man/supervisord.conf.5");

        if (!manual)
                cr_skip_test("there is no manual here");
        for (size_t i = 0; i < n_config_keys; i++) {
                _cleanup_(freep) char *item = NULL;

                cr_assert_geq(asprintf(&item, "\n.It Cm %s\n", config_keys[i].name), 0);
                if (strstr(manual, item))
                        continue;
                item[strlen(item) - 1] = ' ';
                cr_expect(strstr(manual, item), "supervisord.conf.5 lacks %s", config_keys[i].name);
        }
}

Test(config_output, has_sound_rows_in_the_table_of_keys) {
        for (size_t i = 0; i < n_config_keys; i++) {
                const Key *key = config_keys + i;

                cr_expect(key->sections != 0 && key->help, "%s", key->name);
                cr_expect_eq(key->type == KEY_CHOICE, key->choices != NULL, "%s", key->name);
                cr_expect(!key->required || !key->fallback, "%s", key->name);
                for (size_t k = 0; k < i; k++)
                        cr_expect(!(config_keys[k].sections & key->sections) ||
                                          strcmp(config_keys[k].name, key->name) != 0,
                                  "%s stands twice", key->name);
        }
}

Test(config_output, looks_for_a_file_where_python_does) {
        char *path = NULL, **tried = NULL;

        cr_assert_eq(chdir(folder), 0);
        cr_expect_eq(config_find("/opt/x/bin/supervisord", &path, &tried), -ENOENT);
        cr_assert_not_null(tried);
        cr_expect_str_eq(tried[0], "/opt/x/bin/../etc/supervisord.conf");
        cr_expect_str_eq(tried[1], "/opt/x/bin/../supervisord.conf");
        cr_expect_str_eq(tried[5], "/etc/supervisor/supervisord.conf");
        for (char **t = tried; *t; t++)
                free(*t);
        free(tried);

        write_text("supervisord.conf", "");
        cr_assert_eq(config_find("/opt/x/bin/supervisord", &path, NULL), 0);
        cr_expect_str_eq(path, "supervisord.conf");
        free(path);
}

Test(config_output, compares_what_a_restart_would_change) {
        LOAD(a, PROGRAM("user=nobody"));
        LOAD(same, PROGRAM("startsecs=1.0\nuser=nobody"));
        LOAD(other, PROGRAM("environment=A=1\nuser=nobody"));

        cr_expect_eq(process_config_compare(a.config->processes[0], same.config->processes[0]),
                     CONFIG_SAME);
        cr_expect_eq(process_config_compare(a.config->processes[0], other.config->processes[0]),
                     CONFIG_RESTART);
}
