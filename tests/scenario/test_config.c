/* A configuration with an error: it is said where and what, nothing is started, the status is 2. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(config, .timeout = 120);

#define STARTS "[program:witness]\ncommand=%(ENV_CHILD)s append=%(here)s/started\n"
#define LONG_LINE_BYTES (100 * 1024 * 1024)

static void expect_nothing_started(Scenario *s) {
        _cleanup_(freep) char *started = scenario_path(s, "started");

        scenario_assert_nothing_left(s);
        cr_assert_neq(access(started, F_OK), 0, "a program was started");
}

/* Start on the configuration as it is: exit status 2, and a line that matches. */
static void expect_refusal(Scenario *s, const char *regex) {
        int status;

        scenario_start(s, NULL);
        status = scenario_exit_status(s);
        scenario_await(s, regex);
        cr_assert_eq(status, 2, "exit status %d", status);
        expect_nothing_started(s);
}

static void expect_error(const char *programs, const char *regex) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *text = NULL;

        cr_assert(asprintf(&text, "%s%s", STARTS, programs) >= 0);
        scenario_configure(s, "", text);
        expect_refusal(s, regex);
}

Test(config, with_a_missing_user_is_refused) {
        expect_error("[program:a]\ncommand=/bin/true\nuser=no-such-user\n",
                     "supervisord.conf:[0-9]+:.*\\[program:a\\].*user.*no-such-user");
}

Test(config, with_a_missing_directory_for_a_log_is_refused) {
        expect_error("[program:a]\ncommand=/bin/true\nstdout_logfile=/no/such/place/log\n",
                     "supervisord.conf:[0-9]+:.*\\[program:a\\].*stdout_logfile.*/no/such/place");
}

Test(config, with_a_bad_word_is_refused) {
        expect_error("[program:a]\ncommand=/bin/true\nautostart=ture\n",
                     "supervisord.conf:[0-9]+:.*\\[program:a\\].*autostart.*ture");
}

Test(config, with_a_bad_signal_is_refused) {
        expect_error("[program:a]\ncommand=/bin/true\nstopsignal=TREM\n",
                     "supervisord.conf:[0-9]+:.*\\[program:a\\].*stopsignal.*TREM.*TERM");
}

Test(config, with_two_errors_names_both) {
        expect_error("[program:a]\ncommand=/bin/true\nstartsecs=soon\n[program:b]\npriority=1\n",
                     "\\[program:a\\].*startsecs.*soon");
        expect_error("[program:a]\ncommand=/bin/true\nstartsecs=soon\n[program:b]\npriority=1\n",
                     "\\[program:b\\].*command");
}

Test(config, with_a_mistyped_key_warns_and_starts) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nautorestrat=true\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "\\[program:a\\].*autorestrat.*autorestart");
        scenario_await(s, "success: a");
        scenario_stop(s);
}

Test(config, with_a_mistyped_key_is_refused_when_strict) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", STARTS "[program:a]\ncommand=/bin/true\nautorestrat=true\n");
        scenario_start(s, "--strict", NULL);
        cr_assert_eq(scenario_exit_status(s), 2);
        scenario_await(s, "\\[program:a\\].*autorestrat.*autorestart");
        expect_nothing_started(s);
}

Test(config, that_includes_itself_comes_to_an_end) {
        _scenario_ s = scenario_new();
        int status;

        scenario_configure(s, "",
                           STARTS "[include]\nfiles=%(here)s/supervisord.conf %(here)s/*.conf\n");
        scenario_start(s, "-t", NULL);
        status = scenario_exit_status(s);
        cr_assert(status == 0 || status == 2, "exit status %d", status);
        expect_nothing_started(s);
}

Test(config, that_is_binary_is_refused) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *path = scenario_path(s, "supervisord.conf");
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        int random = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        char bytes[65536];
        ssize_t n = read(random, bytes, sizeof(bytes));

        cr_assert(n > 0 && write(fd, bytes, n) == n);
        close(fd);
        close(random);
        expect_refusal(s, "supervisord.conf");
}

Test(config, with_a_line_of_100_megabytes_is_refused) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *path = scenario_path(s, "supervisord.conf"), *block = NULL;
        FILE *f;

        scenario_configure(s, "", STARTS "[program:a]\ncommand=/bin/echo ");
        block = malloc(1024 * 1024);
        cr_assert(block);
        memset(block, 'x', 1024 * 1024);
        f = fopen(path, "ae");
        cr_assert(f);
        for (int i = 0; i < LONG_LINE_BYTES / (1024 * 1024); i++)
                cr_assert_eq(fwrite(block, 1024 * 1024, 1, f), 1);
        cr_assert_eq(fclose(f), 0);
        expect_refusal(s, "supervisord.conf:[0-9]+:");
}

Test(config, that_is_missing_is_refused) {
        _scenario_ s = scenario_new();

        expect_refusal(s, "supervisord.conf");
}

Test(config, that_is_a_directory_is_refused) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *path = scenario_path(s, "supervisord.conf");

        cr_assert(mkdir(path, 0755) == 0);
        expect_refusal(s, "supervisord.conf");
}

Test(config, that_is_a_fifo_is_refused_without_waiting) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *path = scenario_path(s, "supervisord.conf");

        cr_assert(mkfifo(path, 0644) == 0);
        expect_refusal(s, "supervisord.conf");
}

Test(config, without_a_supervisord_section_is_refused) {
        _scenario_ s = scenario_new();

        scenario_write(s, "supervisord.conf", STARTS);
        expect_refusal(s, "supervisord");
}

Test(config, is_checked_by_t_which_starts_nothing) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", STARTS);
        scenario_start(s, "-t", NULL);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_await(s, "witness");
        expect_nothing_started(s);
}

/* A systemctl first in PATH that knows mine.service, which runs the configuration of @s. */
static void fake_systemctl(Scenario *s) {
        _cleanup_(freep) char *folder = scenario_path(s, ""), *path = NULL, *script = NULL;

        cr_assert_gt(asprintf(&script,
                              "#!/bin/sh\n"
                              "echo Type=simple\necho TimeoutStopUSec=1min\n"
                              "echo 'ExecStart={ path=/usr/bin/supervisord ; "
                              "argv[]=/usr/bin/supervisord -n -c %ssupervisord.conf ; }'\n"
                              "echo Id=mine.service\n"
                              "case $* in *yours) echo LoadState=not-found;; "
                              "*) echo LoadState=loaded;; esac\n",
                              folder),
                     0);
        scenario_write(s, "systemctl", script);
        free(script);
        script = scenario_path(s, "systemctl");
        cr_assert_eq(chmod(script, 0755), 0);
        cr_assert_gt(asprintf(&path, "%s:%s", folder, getenv("PATH")), 0);
        cr_assert_eq(setenv("PATH", path, 1), 0);
}

Test(config, that_stops_slower_than_its_unit_allows_is_warned_about_by_t) {
        _scenario_ s = scenario_new();

        fake_systemctl(s);
        scenario_configure(s, "", "[program:a]\ncommand=/bin/true\nstopwaitsecs=61\n");
        scenario_start(s, "-t", NULL);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_await(s, "Warning: stopping may take 1 min 1 s, but mine.service allows 1 min "
                          "only, then systemd kills");
        scenario_start(s, "-t", "--unit=yours", NULL);
        cr_assert_eq(scenario_exit_status(s), 1);
        scenario_await(s, "Error: the unit yours cannot be read");
}

Test(config, with_an_error_is_refused_by_t_too) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", STARTS "[program:a]\ncommand=/bin/true\nuser=no-such-user\n");
        scenario_start(s, "-t", NULL);
        cr_assert_eq(scenario_exit_status(s), 2);
        scenario_await(s, "no-such-user");
        expect_nothing_started(s);
}
