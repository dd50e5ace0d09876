/* Health checks and the watchdog: from keys to settings, and back in dumps. */
#include <signal.h>

#include "base/strv.h"
#include "config-fixture.h"

TestSuite(config_health, .init = make_folder, .fini = remove_folder, .timeout = 20);

Test(config_health, is_not_checked_by_default) {
        LOAD(l, PROGRAM(""));
        const ProcessConfig *p = l.config->processes[0];

        cr_expect_eq(p->settings->healthcheck.kind, READINESS_STARTSECS);
        cr_expect_eq(p->settings->healthcheck_interval_usec, 30 * (int64_t)USEC_PER_SEC);
        cr_expect_eq(p->settings->healthcheck_timeout_usec, 30 * (int64_t)USEC_PER_SEC);
        cr_expect_eq(p->settings->healthcheck_retries, 3);
        cr_expect_eq(p->settings->healthcheck_start_period_usec, 0);
        cr_expect_eq(process_config_watchdog_usec(p), 0);
        cr_expect_not(process_config_notifies(p));
}

Test(config_health, takes_an_address_or_a_command) {
        LOAD(l, "[supervisord]\n"
                "[program:a]\ncommand=x\nhealthcheck=TCP:[::1]:81\n"
                "[program:b]\ncommand=x\nhealthcheck=unix:/run/x\n"
                "[program:c]\ncommand=x\nhealthcheck=exec: check 'a b' %(process_num)d\n"
                "[program:d]\ncommand=x\nhealthcheck_command=check %(program_name)s\n"
                "[program:e]\ncommand=x\nhealthcheck=none\n");
        ProcessConfig **p = l.config->processes;

        cr_expect_str_eq(p[0]->settings->healthcheck.text, "tcp:[::1]:81");
        cr_expect_str_eq(p[1]->settings->healthcheck.path, "/run/x");
        cr_assert_eq(strv_length(p[2]->settings->healthcheck.argv), 3);
        cr_expect_str_eq(p[2]->settings->healthcheck.argv[2], "0");
        cr_expect_eq(p[3]->settings->healthcheck.kind, READINESS_EXEC);
        cr_expect_str_eq(p[3]->settings->healthcheck.text, "exec:check d");
        cr_expect_null(p[4]->settings->healthcheck.text);
}

Test(config_health, may_be_said_twice_only_alike) {
        LOAD(l, PROGRAM("healthcheck=exec:/bin/x -q\nhealthcheck_command=/bin/x -q"));
        cr_expect_str_eq(l.config->processes[0]->settings->healthcheck.text, "exec:/bin/x -q");
        REFUSE(PROGRAM("healthcheck=tcp:127.0.0.1:80\nhealthcheck_command=/bin/x"),
               "[program:a] healthcheck_command: healthcheck says something else");
}

Test(config_health, says_what_would_be_right) {
        REFUSE(PROGRAM("healthcheck=notify"),
               "[program:a] healthcheck: 'notify' is no health check; write none, tcp:HOST:PORT");
        REFUSE(PROGRAM("healthcheck=fd:3"), "is no health check");
        REFUSE(PROGRAM("healthcheck=http://x/"), "is no health check");
        REFUSE(PROGRAM("healthcheck=tcp:example.org:80"), "is no numeric address");
        REFUSE(PROGRAM("healthcheck=exec:"), "there is no command");
        REFUSE(PROGRAM("healthcheck_command='x"), "is no command");
        REFUSE(PROGRAM("healthcheck_retries=0"), "healthcheck_retries: '0' is out of range");
        REFUSE(PROGRAM("watchdog_signal=BARK"), "watchdog_signal: ");
}

Test(config_health, socket_comes_with_whatever_needs_it) {
        LOAD(l, "[supervisord]\n"
                "[program:a]\ncommand=x\nreadiness=notify\n"
                "[program:b]\ncommand=x\nwatchdog=250ms\n"
                "[program:c]\ncommand=x\nnotify_socket=yes\n"
                "[program:d]\ncommand=x\nwatchdog=infinity\n");
        ProcessConfig **p = l.config->processes;

        cr_expect(process_config_notifies(p[0]));
        cr_expect(process_config_notifies(p[1]));
        cr_expect_eq(process_config_watchdog_usec(p[1]), 250 * USEC_PER_MSEC);
        cr_expect(process_config_notifies(p[2]));
        cr_expect_not(process_config_notifies(p[3]));
        cr_expect_eq(process_config_watchdog_usec(p[3]), 0);
}

/* A dump that is read again means the same. */
Test(config_health, survives_a_dump) {
        _cleanup_(freep) char *text = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        size_t size;

        LOAD(before, PROGRAM("healthcheck_command=check 'a b'\nhealthcheck_interval=1.5\n"
                             "watchdog=5\nwatchdog_signal=ABRT"));
        f = open_memstream(&text, &size);
        cr_assert_eq(config_dump_ini(before.config, f), 0);
        LOAD(after, text);
        cr_expect_str_eq(after.config->processes[0]->settings->healthcheck.text,
                         "exec:check 'a b'");
        cr_expect_eq(after.config->processes[0]->settings->watchdog_signal, SIGABRT);
        cr_expect_eq(process_config_compare(before.config->processes[0],
                                            after.config->processes[0]),
                     CONFIG_SAME);
}
