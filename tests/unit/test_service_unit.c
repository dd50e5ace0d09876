/* What systemd says about the service that runs a configuration; the systemctl here is a script. */
#include "manager/service-unit.h"

#include "files.h"

static char *old_path;

static void use_folder(void) {
        const char *path = getenv("PATH");

        make_folder();
        old_path = strdup(path ?: "/usr/bin:/bin");
        cr_assert(old_path);
        cr_assert_eq(setenv("PATH", folder, 1), 0);
}

static void leave_folder(void) {
        cr_assert_eq(setenv("PATH", old_path, 1), 0);
        free(old_path);
        remove_folder();
}

TestSuite(service_unit, .init = use_folder, .fini = leave_folder, .timeout = 20);

/* Have a systemctl that is the shell @script. */
static void be_systemctl(const char *script) {
        _cleanup_(fclosep) FILE *f = fopen(in_folder("systemctl"), "we");

        cr_assert(f);
        cr_assert_gt(fprintf(f, "#!/bin/sh\nPATH=%s\n%s\n", old_path, script), 0);
        cr_assert_eq(fchmod(fileno(f), 0755), 0);
}

/* Have one that answers @text. */
static void answer(const char *text) {
        char script[4096];

        (void)snprintf(script, sizeof(script), "cat <<'END'\n%s\nEND", text);
        be_systemctl(script);
}

#define EXEC(path, argv)                                                                       \
        "ExecStart={ path=" path " ; argv[]=" argv " ; ignore_errors=no ; start_time=[n/a] ; " \
        "stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }\n"
#define SERVER EXEC("/usr/bin/supervisord", "/usr/bin/supervisord -n -c /etc/x.conf")
#define UNIT(name, type, time, exec) \
        "Type=" type "\nTimeoutStopUSec=" time "\n" exec "Id=" name "\nLoadState=loaded\n"

static int find(const char *name, ServiceUnit *ret) {
        return service_unit_find(name, "/etc/x.conf", ret);
}

static int found(const char *config_path) {
        _cleanup_(service_unit_done) ServiceUnit unit = { 0 };

        return service_unit_find(NULL, config_path, &unit);
}

Test(service_unit, is_found_by_what_it_runs) {
        _cleanup_(service_unit_done) ServiceUnit unit = { 0 };

        answer(UNIT("other.service", "simple", "1s", EXEC("/usr/bin/cat", "cat -c /etc/x.conf")) //
               "\n" UNIT("mine.service", "notify", "1min 30s", SERVER)                           //
               "\n" UNIT("next.service", "simple", "2s", SERVER));
        cr_assert_eq(find(NULL, &unit), 1);
        cr_expect_str_eq(unit.name, "mine.service");
        cr_expect_eq(unit.timeout_stop_usec, 90 * USEC_PER_SEC);
        cr_expect(unit.notifies);
        cr_expect_eq(found("/etc/y.conf"), 0);
}

Test(service_unit, is_asked_for_by_its_name) {
        _cleanup_(service_unit_done) ServiceUnit unit = { 0 };

        be_systemctl("printf '%s ' \"$@\" >${0%/*}/words; echo Id=any.service\n"
                     "echo LoadState=loaded; echo Type=exec; echo TimeoutStopUSec=3s");
        cr_assert_eq(find("any", &unit), 1);
        cr_expect_str_eq(unit.name, "any.service");
        cr_expect_eq(unit.timeout_stop_usec, 3 * USEC_PER_SEC);
        cr_expect_not(unit.notifies);
        expect_file(in_folder("words"),
                    "show --property=Id,LoadState,Type,TimeoutStopUSec,ExecStart "
                    "-- any ");
}

Test(service_unit, that_systemd_does_not_know_is_none) {
        ServiceUnit unit;

        answer("TimeoutStopUSec=1min 30s\nId=any.service\nLoadState=not-found\n");
        cr_expect_eq(find("any", &unit), 0);
        answer("Id=x.mount\nLoadState=loaded\n");
        cr_expect_eq(find("x.mount", &unit), 0);
        answer("\n\n=\nno assignment\n");
        cr_expect_eq(find("any", &unit), 0);
}

Test(service_unit, may_write_its_command_in_many_ways) {
        static const char *const texts[] = {
                UNIT("a.service", "exec", "1s", EXEC("/sbin/supervisord", "sv -c/etc/x.conf")),
                UNIT("a.service", "exec", "1s", EXEC("/supervisord", "x -n -c /etc/x.conf -s")),
                UNIT("a.service", "exec", "1s",
                     EXEC("/supervisord", "x --configuration=/etc/x.conf")),
                UNIT("a.service", "exec", "1s",
                     EXEC("/supervisord", "x --configuration /etc/x.conf")),
                UNIT("a.service", "oneshot", "1s", EXEC("/bin/true", "true") SERVER),
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
                answer(texts[i]);
                cr_expect_eq(found("/etc/x.conf"), 1, "%s", texts[i]);
        }
        answer(UNIT("a.service", "exec", "1s", EXEC("/usr/bin/supervisord", "supervisord -n")));
        cr_expect_eq(found("/etc/x.conf"), 0, "it looks for another file");
        cr_expect_eq(found("/etc/supervisor/supervisord.conf"), 1);
}

Test(service_unit, tells_times_in_systemd_s_words) {
        static const struct {
                const char *text;
                uint64_t usec; /* 0: it is passed over */
        } cases[] = {
                { "1min 30s", 90 * USEC_PER_SEC },
                { "1h 30min", 5400 * USEC_PER_SEC },
                { "1d 1s", 86401 * USEC_PER_SEC },
                { "1.500s", 1500 * USEC_PER_MSEC },
                { "250ms", 250 * USEC_PER_MSEC },
                { "infinity", USEC_INFINITY },
                { "0", USEC_INFINITY },
                { "5 apples", 0 },
                { "-5s", 0 },
                { "", 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(service_unit_done) ServiceUnit unit = { 0 };
                char text[256];

                (void)snprintf(text, sizeof(text), UNIT("a.service", "exec", "%s", ""),
                               cases[i].text);
                answer(text);
                cr_expect_eq(find("a", &unit), cases[i].usec > 0, "%s", cases[i].text);
                cr_expect_eq(unit.timeout_stop_usec, cases[i].usec, "%s", cases[i].text);
        }
}

Test(service_unit, is_none_where_no_systemd_is) {
        ServiceUnit unit;

        cr_expect_eq(find("a", &unit), 0, "there is no systemctl");
        be_systemctl("echo 'System has not been booted with systemd' >&2; exit 1");
        cr_expect_eq(find("a", &unit), 0);
}

Test(service_unit, is_asked_for_with_a_clean_environment_and_no_input) {
        ServiceUnit unit;

        cr_assert_eq(setenv("SYSTEMD_LOG_LEVEL", "debug", 1), 0);
        be_systemctl("cat >${0%/*}/input; env | grep -v -e ^PWD -e ^_= -e ^SHLVL -e ^OLDPWD | sort"
                     " | grep -v ^PATH >${0%/*}/environment");
        cr_expect_eq(find("a", &unit), 0);
        expect_file(in_folder("environment"), "LC_ALL=C\nSYSTEMD_COLORS=0\nSYSTEMD_PAGER=\n");
}

Test(service_unit, is_not_waited_for_without_end) {
        ServiceUnit unit;

        be_systemctl("exec sleep 1000");
        cr_expect_eq(find("a", &unit), -ETIMEDOUT);
        be_systemctl("exec cat /dev/zero");
        cr_expect_eq(find("a", &unit), -EFBIG);
}
