/* What a reload has to notice: every key of a program, and whether it costs a restart. */
#include <criterion/criterion.h>

#include "config-fixture.h"
#include "config/keys/keys.h"

TestSuite(config_compare, .init = make_folder, .fini = remove_folder, .timeout = 30);

/* A value of each key that differs from its default. */
static const struct {
        const char *key, *line;
        ConfigDifference difference;
} changes[] = {
        { "command", "command=/bin/other", CONFIG_RESTART },
        { "priority", "priority=7", CONFIG_LIVE },
        { "autostart", "autostart=false", CONFIG_LIVE },
        { "autorestart", "autorestart=true", CONFIG_LIVE },
        { "startsecs", "startsecs=250ms", CONFIG_LIVE },
        { "startretries", "startretries=9", CONFIG_LIVE },
        { "exitcodes", "exitcodes=0,2", CONFIG_LIVE },
        { "stopsignal", "stopsignal=QUIT", CONFIG_LIVE },
        { "stopsignal", "stopsignal=TERM:1s,INT", CONFIG_LIVE },
        { "stopwaitsecs", "stopwaitsecs=11", CONFIG_LIVE },
        { "send_sigkill", "send_sigkill=false", CONFIG_LIVE },
        { "essential", "essential=true", CONFIG_LIVE },
        { "stopasgroup", "stopasgroup=true", CONFIG_LIVE },
        { "killasgroup", "killasgroup=true", CONFIG_LIVE },
        { "kill_mode", "kill_mode=process", CONFIG_LIVE },
        { "user", "user=nobody", CONFIG_RESTART },
        { "redirect_stderr", "redirect_stderr=true", CONFIG_RESTART },
        { "stdout_logfile", "stdout_logfile=NONE", CONFIG_RESTART },
        { "stderr_logfile", "stderr_logfile=/tmp/x", CONFIG_RESTART },
        { "stdout_logfile_maxbytes", "stdout_logfile_maxbytes=1MB", CONFIG_RESTART },
        { "stderr_logfile_backups", "stderr_logfile_backups=1", CONFIG_RESTART },
        { "stdout_syslog", "stdout_syslog=true", CONFIG_RESTART },
        { "environment", "environment=A=1", CONFIG_RESTART },
        { "directory", "directory=/tmp", CONFIG_RESTART },
        { "umask", "umask=077", CONFIG_RESTART },
        { "serverurl", "serverurl=unix:///x", CONFIG_RESTART },
        { "type", "type=oneshot", CONFIG_RESTART },
        { "pidfile", "pidfile=/run/x", CONFIG_RESTART },
        { "readiness", "readiness=notify", CONFIG_RESTART },
        { "readiness_timeout", "readiness_timeout=3", CONFIG_LIVE },
        { "surge", "surge=true", CONFIG_LIVE },
        { "depends_on", "depends_on=b:started\n[program:b]\ncommand=b", CONFIG_LIVE },
        { "on_dependency_failure", "on_dependency_failure=stop", CONFIG_LIVE },
        { "pre_start_command", "pre_start_command=x", CONFIG_LIVE },
        { "pre_stop_command", "pre_stop_command=x", CONFIG_LIVE },
        { "post_stop_command", "post_stop_command=x", CONFIG_LIVE },
        { "hook_timeout", "hook_timeout=3", CONFIG_LIVE },
        { "reload_command", "reload_command=x", CONFIG_LIVE },
        { "reload_signal", "reload_signal=HUP", CONFIG_LIVE },
        { "notify_socket", "notify_socket=true", CONFIG_RESTART },
        { "watchdog", "watchdog=5", CONFIG_RESTART },
        { "watchdog_signal", "watchdog_signal=ABRT", CONFIG_LIVE },
        { "healthcheck", "healthcheck=tcp:127.0.0.1:80", CONFIG_LIVE },
        { "healthcheck_command", "healthcheck_command=/bin/true", CONFIG_LIVE },
        { "healthcheck_interval", "healthcheck_interval=5", CONFIG_LIVE },
        { "healthcheck_timeout", "healthcheck_timeout=5", CONFIG_LIVE },
        { "healthcheck_retries", "healthcheck_retries=5", CONFIG_LIVE },
        { "healthcheck_start_period", "healthcheck_start_period=5", CONFIG_LIVE },
        { "backoff_min", "backoff_min=3", CONFIG_LIVE },
        { "backoff_max", "backoff_max=3", CONFIG_LIVE },
        { "backoff_factor", "backoff_factor=2", CONFIG_LIVE },
        { "backoff_jitter", "backoff_jitter=0.5", CONFIG_LIVE },
};

Test(config_compare, notices_a_change_of_each_key) {
        LOAD(before, "[supervisord]\n[program:a]\ncommand=/bin/a\n");

        for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
                _cleanup_(freep) char *text = NULL;

                cr_assert_gt(asprintf(&text, "[supervisord]\n[program:a]\ncommand=/bin/a\n%s\n",
                                      changes[i].line),
                             0);
                LOAD(after, text);
                cr_expect_eq(process_config_compare(before.config->processes[0],
                                                    after.config->processes[0]),
                             changes[i].difference, "%s", changes[i].line);
        }
}

Test(config_compare, agrees_with_what_the_table_of_keys_says) {
        for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
                const Key *key = key_find(SECTION_PROGRAM, changes[i].key);

                cr_assert_not_null(key, "%s", changes[i].key);
                cr_expect_eq(key->effect,
                             changes[i].difference == CONFIG_LIVE ? EFFECT_LIVE : EFFECT_PROCESS,
                             "%s", changes[i].key);
        }
}
