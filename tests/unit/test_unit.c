/* What systemd's unit files say about the service that runs a configuration. */
#include "main/unit.h"

#include <sys/stat.h>

#include "files.h"

static void use_folder(void) {
        make_folder();
        cr_assert_eq(setenv("SYSTEMD_UNIT_PATH", in_folder("first"), 1), 0);
        cr_assert_eq(mkdir(in_folder("first"), 0777), 0);
        cr_assert_eq(mkdir(in_folder("second"), 0777), 0);
}

TestSuite(unit, .init = use_folder, .fini = remove_folder, .timeout = 20);

static void both_folders(void) {
        char path[2 * PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s:%s", in_folder("first"), in_folder("second"));
        cr_assert_eq(setenv("SYSTEMD_UNIT_PATH", path, 1), 0);
}

static void put(const char *name, const char *text) {
        _cleanup_(fclosep) FILE *f = NULL;
        char *path = in_folder(name), *slash = strrchr(path, '/');

        *slash = '\0';
        (void)mkdir(path, 0777); /* it may be there */
        *slash = '/';
        f = fopen(path, "we");
        cr_assert(f);
        cr_assert_geq(fputs(text, f), 0);
}

#define SERVICE(lines) "[Unit]\nDescription=x\n[Service]\n" lines "\n[Install]\nTimeoutStopSec=9\n"
#define SERVER "ExecStart=/usr/bin/supervisord -n -c /etc/x.conf\n"

static uint64_t timeout_of(const char *name) {
        _cleanup_(unit_done) Unit unit = { 0 };

        cr_assert_eq(unit_find(name, "/etc/x.conf", &unit), 1, "%s", name ?: "by its command");
        return unit.timeout_stop_usec;
}

static int found(const char *config_path) {
        _cleanup_(unit_done) Unit unit = { 0 };

        return unit_find(NULL, config_path, &unit);
}

Test(unit, is_found_by_what_it_runs) {
        _cleanup_(unit_done) Unit unit = { 0 };

        put("first/other.service", SERVICE("ExecStart=/usr/bin/cat -c /etc/x.conf"));
        put("first/mine.service", SERVICE("Type=notify\nTimeoutStopSec=7\n" SERVER));
        cr_assert_eq(unit_find(NULL, "/etc/x.conf", &unit), 1);
        cr_expect_str_eq(unit.name, "mine.service");
        cr_expect_eq(unit.timeout_stop_usec, 7 * USEC_PER_SEC);
        cr_expect(unit.notifies);
        cr_expect_eq(found("/etc/y.conf"), 0);
}

Test(unit, is_found_by_its_name) {
        _cleanup_(unit_done) Unit unit = { 0 };

        put("first/any.service", SERVICE("ExecStart=/bin/true\nTimeoutSec=3"));
        cr_expect_eq(timeout_of("any"), 3 * USEC_PER_SEC);
        cr_expect_eq(timeout_of("any.service"), 3 * USEC_PER_SEC);
        cr_expect_eq(unit_find("none", "/etc/x.conf", &unit), 0);
        cr_expect_eq(unit_find("../first/any", "/etc/x.conf", &unit), 0);
}

Test(unit, may_write_its_command_in_many_ways) {
        static const char *const commands[] = {
                "ExecStart=-/usr/local/sbin/supervisord -c/etc/x.conf",
                "ExecStart=/usr/bin/supervisord --configuration=/etc/x.conf -n",
                "ExecStart=/usr/bin/supervisord --configuration \"/etc/x.conf\"",
                "ExecStart = @+/usr/bin/supervisord \\\n# a comment\n  -n \\\n  -c /etc/x.conf",
                "ExecStart=/bin/false\nExecStart=\nExecStart=/usr/bin/supervisord -c /etc/x.conf",
        };
        char text[512];

        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                (void)snprintf(text, sizeof(text), SERVICE("%s"), commands[i]);
                put("first/mine.service", text);
                cr_expect_eq(found("/etc/x.conf"), 1, "%s", commands[i]);
        }
        put("first/mine.service", SERVICE("ExecStart=/usr/bin/supervisord -n"));
        cr_expect_eq(found("/etc/x.conf"), 0, "it looks for another file");
        cr_expect_eq(found("/etc/supervisor/supervisord.conf"), 1);
}

Test(unit, is_changed_by_what_is_dropped_in) {
        both_folders();
        put("first/mine.service", SERVICE("TimeoutStopSec=7\n" SERVER));
        put("second/mine.service", SERVICE("TimeoutStopSec=8\n" SERVER));
        cr_expect_eq(timeout_of(NULL), 7 * USEC_PER_SEC, "the first folder counts");
        put("second/mine.service.d/20.conf", "[Service]\nTimeoutStopSec=20\n");
        put("first/mine.service.d/10.conf", "[Service]\nTimeoutStopSec=10\n");
        put("first/mine.service.d/30.txt", "[Service]\nTimeoutStopSec=30\n");
        cr_expect_eq(timeout_of(NULL), 20 * USEC_PER_SEC, "the last name counts");
        put("first/mine.service.d/20.conf", "[Service]\nType=notify\n");
        cr_expect_eq(timeout_of(NULL), 10 * USEC_PER_SEC, "one masks its namesake");
}

Test(unit, without_a_word_has_systemd_s_own_timeout) {
        put("first/mine.service", SERVICE(SERVER));
        cr_expect_geq(timeout_of(NULL), USEC_PER_SEC); /* 90 s, or what this machine says */
        put("first/mine.service", SERVICE("TimeoutStopSec=rubbish\n" SERVER));
        cr_expect_geq(timeout_of(NULL), USEC_PER_SEC);
        put("first/mine.service", SERVICE("TimeoutStopSec=0\n" SERVER));
        cr_expect_eq(timeout_of(NULL), USEC_INFINITY);
        put("first/mine.service", SERVICE("TimeoutStopSec=infinity\n" SERVER));
        cr_expect_eq(timeout_of(NULL), USEC_INFINITY);
}

Test(unit, that_is_no_file_is_passed_over) {
        cr_assert_eq(symlink("/dev/null", in_folder("first/masked.service")), 0);
        cr_assert_eq(mkfifo(in_folder("first/pipe.service"), 0666), 0);
        cr_assert_eq(mkdir(in_folder("first/folder.service"), 0777), 0);
        cr_assert_eq(symlink("nowhere", in_folder("first/dangling.service")), 0);
        put("first/zero.service", "");
        put("first/long.service", "[Service]\nno assignment\n=\n\\\n");
        cr_expect_eq(found("/etc/x.conf"), 0);
}

Test(unit, time_spans_are_systemd_s) {
        static const struct {
                const char *text;
                uint64_t usec;
        } cases[] = {
                { "90", 90 * USEC_PER_SEC },
                { "1min 30s", 90 * USEC_PER_SEC },
                { "1h30min", 5400 * USEC_PER_SEC },
                { "2 hours 1 second", 7201 * USEC_PER_SEC },
                { "1.5s", 1500 * USEC_PER_MSEC },
                { "250ms", 250 * USEC_PER_MSEC },
                { "5m", 300 * USEC_PER_SEC },
                { "infinity", USEC_INFINITY },
                { "99999999999999999999", USEC_INFINITY },
        };
        static const char *const wrong[] = { "", "x", "-5", "5 apples", "5s x", "1min,30s" };
        uint64_t usec;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                cr_expect_eq(unit_parse_span(cases[i].text, &usec), 0, "%s", cases[i].text);
                cr_expect_eq(usec, cases[i].usec, "%s", cases[i].text);
        }
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                cr_expect_eq(unit_parse_span(wrong[i], &usec), -EINVAL, "%s", wrong[i]);
}
