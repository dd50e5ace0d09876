/* Which processes have their settings in common: those for which all of them are the same. */
#include "config-fixture.h"
#include "config/keys/keys.h"
#include "config/model/settings.h"

TestSuite(settings, .init = make_folder, .fini = remove_folder, .timeout = 20);

static const struct Other {
        const char *key, *value; /* not the default */
} others[] = {
        { "autostart", "false" },
        { "autorestart", "true" },
        { "startsecs", "2" },
        { "startretries", "7" },
        { "exitcodes", "0,2" },
        { "stopsignal", "QUIT" },
        { "stopwaitsecs", "11" },
        { "send_sigkill", "false" },
        { "essential", "true" },
        { "stopasgroup", "true" },
        { "killasgroup", "true" },
        { "kill_mode", "process" },
        { "surge", "true" },
        { "on_dependency_failure", "stop" },
        { "pre_start_command", "/bin/true" },
        { "pre_stop_command", "/bin/true" },
        { "post_stop_command", "/bin/true" },
        { "hook_timeout", "61" },
        { "reload_command", "/bin/true" },
        { "reload_signal", "HUP" },
        { "user", "root" },
        { "group", "root" },
        { "supplementary_groups", "root" },
        { "login_env", "true" },
        { "redirect_stderr", "true" },
        { "log_format", "json" },
        { "last_output_lines", "5" },
        { "syslog_tag", "x" },
        { "syslog_facility", "daemon" },
        { "environment_file", "/etc/default/x" },
        { "umask", "027" },
        { "limit_nofile", "100" },
        { "limit_nproc", "100" },
        { "limit_core", "100" },
        { "limit_memlock", "100" },
        { "limit_stack", "100" },
        { "limit_as", "100" },
        { "limit_fsize", "100" },
        { "limit_cpu", "100" },
        { "limit_data", "100" },
        { "limit_rss", "100" },
        { "limit_nice", "10" },
        { "limit_rtprio", "10" },
        { "limit_sigpending", "100" },
        { "limit_msgqueue", "100" },
        { "nice", "5" },
        { "oom_score_adj", "5" },
        { "no_new_privileges", "true" },
        { "memory_max", "1MB" },
        { "pids_max", "5" },
        { "cpu_max", "50%" },
        { "serverurl", "http://localhost:9001" },
        { "type", "oneshot" },
        { "sockets", "s" },
        { "socket_style", "stdin\nsockets = s" },
        { "readiness", "fd:5" },
        { "readiness_timeout", "91" },
        { "notify_socket", "true" },
        { "watchdog", "5" },
        { "watchdog_signal", "ABRT" },
        { "healthcheck", "tcp:127.0.0.1:1" },
        { "healthcheck_interval", "31" },
        { "healthcheck_timeout", "31" },
        { "healthcheck_retries", "4" },
        { "healthcheck_start_period", "1" },
        { "backoff_min", "2" },
        { "backoff_max", "9" },
        { "backoff_factor", "2" },
        { "backoff_jitter", "0.5" },
};

static const char *other_value(const char *key) {
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (strcmp(others[i].key, key) == 0)
                        return others[i].value;
        return NULL;
}

Test(settings, differ_by_each_of_their_keys) {
        size_t n = 0;

        for (size_t i = 0; i < n_config_keys; i++) {
                _cleanup_(freep) char *text = NULL;
                const char *key = config_keys[i].name, *value = other_value(key);

                if (!config_keys[i].in_settings || !(config_keys[i].sections & SECTION_PROGRAM))
                        continue;
                cr_assert_not_null(value, "no value to try %s with", key);
                cr_assert_geq(asprintf(&text,
                                       "[supervisord]\n"
                                       "[socket:s]\nlisten = 127.0.0.1:9\n"
                                       "[program:a]\ncommand = /bin/a\n"
                                       "[program:b]\ncommand = /bin/b\n%s = %s\n"
                                       "[program:c]\ncommand = /bin/c\n"
                                       "[program:d]\ncommand = /bin/d\n%s = %s\n",
                                       key, value, key, value),
                              0);
                LOAD(l, text);
                ProcessConfig **p = l.config->processes;

                cr_expect_neq(p[0]->settings, p[1]->settings, "%s", key);
                cr_expect_eq(p[0]->settings, p[2]->settings, "%s", key);
                cr_expect_eq(p[1]->settings, p[3]->settings, "%s", key);
                n++;
        }
        cr_expect_eq(n, ELEMENTSOF(others), "a value for a key that there is not");
}

Test(settings, differ_by_how_exit_codes_are_written) {
        LOAD(l, "[supervisord]\n"
                "[program:a]\ncommand = /bin/a\nexitcodes = 0,2\n"
                "[program:b]\ncommand = /bin/b\nexitcodes = 2,0\n");

        cr_expect_neq(l.config->processes[0]->settings, l.config->processes[1]->settings);
}

Test(settings, are_those_of_all_copies) {
        LOAD(l, PROGRAM("numprocs = 3\nprocess_name = %(process_num)d\nuser = root"));

        cr_assert_eq(l.config->n_processes, 3);
        cr_expect_eq(l.config->processes[0]->settings, l.config->processes[1]->settings);
        cr_expect_eq(l.config->processes[0]->settings, l.config->processes[2]->settings);
        cr_expect_eq(l.config->processes[0]->settings->n_ref, 3);
}

Test(settings, outlive_the_configuration_with_whoever_holds_them) {
        _cleanup_(process_config_unrefp) ProcessConfig *kept = NULL;

        {
                LOAD(l, PROGRAM("stopwaitsecs = 12\n[program:b]\ncommand=/bin/b\nstopwaitsecs=12"));
                kept = process_config_ref(l.config->processes[0]);
                cr_expect_eq(kept->settings, l.config->processes[1]->settings);
        }
        cr_expect_eq(kept->settings->n_ref, 1);
        cr_expect_eq(kept->settings->stopwait_usec, 12 * (int64_t)USEC_PER_SEC);
}

static ProcessSettings *sample(int64_t stopwait_usec) {
        ProcessSettings *s = process_settings_new();

        cr_assert_not_null(s);
        s->stopwait_usec = stopwait_usec;
        return s;
}

Test(settings, that_were_not_seen_for_long_are_kept_anew) {
        RecentSettings recent = { 0 };
        ProcessSettings *first = recent_settings_share(&recent, sample(1)), *again;

        for (int i = 2; i <= SETTINGS_RECENT; i++)
                process_settings_unref(recent_settings_share(&recent, sample(i)));
        again = recent_settings_share(&recent, sample(1));
        cr_expect_eq(again, first, "one of the last ones");
        process_settings_unref(again);

        for (int i = 2; i <= SETTINGS_RECENT + 1; i++)
                process_settings_unref(recent_settings_share(&recent, sample(i)));
        again = recent_settings_share(&recent, sample(1));
        cr_expect_neq(again, first, "too many came between");
        process_settings_unref(again);
        process_settings_unref(first);
        recent_settings_done(&recent);
}
