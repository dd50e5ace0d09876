/* The options of supervisorctl, where it looks for the daemon, and what goes through ssh. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/strv.h"
#include "ctl/remote.h"
#include "ctl/session/setup.h"

TestSuite(command_line, .timeout = 20);

/* What is wrong with the command line @argv; empty if nothing is. */
static char *complaint(char **argv, CtlOptions *ret) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        int r;

        cr_assert_not_null(f);
        r = ctl_options_parse(argv, ret, f);
        cr_assert_eq(fclose(f), 0);
        cr_assert_eq(r < 0, *text != '\0');
        return text;
}

#define ARGV(...) ((char *[]){ "supervisorctl", __VA_ARGS__, NULL })

Test(command_line, takes_options_in_every_spelling) {
        char **spellings[] = {
                ARGV("-c", "f", "-i", "status", "-x"),
                ARGV("-cf", "-i", "status", "-x"),
                ARGV("-icf", "status", "-x"),
                ARGV("--configuration", "f", "--interactive", "status", "-x"),
                ARGV("--conf=f", "--int", "--", "status", "-x"),
        };

        for (size_t i = 0; i < ELEMENTSOF(spellings); i++) {
                CtlOptions o = { 0 };
                _cleanup_(freep) char *text = complaint(spellings[i], &o);

                cr_assert_str_eq(text, "");
                cr_expect_str_eq(o.config_path, "f");
                cr_expect(o.interactive);
                cr_expect_str_eq(o.arguments[0], "status");
                cr_expect_str_eq(o.arguments[1], "-x");
        }
}

Test(command_line, complains_in_pythons_words) {
        static const struct {
                char *argv[4];
                const char *text;
        } cases[] = {
                { { "x", "--bogus" }, "Error: option --bogus not recognized\n" },
                { { "x", "-z" }, "Error: option -z not recognized\n" },
                { { "x", "-c" }, "Error: option -c requires argument\n" },
                { { "x", "--serverurl" }, "Error: option --serverurl requires argument\n" },
                { { "x", "--ser" }, "Error: option --serverurl requires argument\n" },
                { { "x", "--h" }, "Error: option --h not a unique prefix\n" },
                { { "x", "--help=1" }, "Error: option --help must not have an argument\n" },
                { { "x", "-s", "foo" },
                  "Error: invalid value for -s 'foo': value 'foo' is not a URL\n" },
                { { "x", "-i", "-i" }, "Error: conflicting command line option '-i'\n" },
                { { "x", "-H", "-oProxyCommand=x" },
                  "Error: invalid value for -H '-oProxyCommand=x': not the name of a host\n" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char *argv[5] = { NULL };
                CtlOptions o = { 0 };
                _cleanup_(freep) char *text = NULL;

                memcpy(argv, cases[i].argv, sizeof(cases[i].argv));
                text = complaint(argv, &o);
                cr_expect_str_eq(text, cases[i].text);
        }
}

Test(command_line, accepts_what_only_http_needs) {
        CtlOptions o = { 0 };
        _cleanup_(freep) char *text = complaint(ARGV("-u", "me", "-p", "secret", "pid"), &o);

        cr_assert_str_eq(text, "");
        cr_assert_str_eq(o.arguments[0], "pid");
}

/* ---------------------------------------------------------------- ssh */

Test(command_line, quotes_for_the_shell_on_the_other_host) {
        char *arguments[] = { "status", "it's", NULL };
        const CtlOptions o = {
                .host = "host", .config_path = "a b", .interactive = true, .arguments = arguments
        };
        _cleanup_(strv_freep) char **words = NULL;
        char *expected[] = { "ssh",           "-t",         "--",    "host",
                             "supervisorctl", "-c",         "'a b'", "-i",
                             "'status'",      "'it'\\''s'", NULL };

        cr_assert_eq(remote_words(&o, true, &words), 0);
        cr_assert(strv_equal(words, expected));
}

/* ---------------------------------------------------------------- the daemon's place */

typedef struct Place {
        char dir[32];
        char file[64];
} Place;

static void write_config(Place *p, const char *text) {
        FILE *f;

        (void)snprintf(p->dir, sizeof(p->dir), "/tmp/ctl-place-XXXXXX");
        cr_assert_not_null(mkdtemp(p->dir));
        (void)snprintf(p->file, sizeof(p->file), "%s/s.conf", p->dir);
        f = fopen(p->file, "we");
        cr_assert_not_null(f);
        cr_assert_geq(fputs(text, f), 0);
        cr_assert_eq(fclose(f), 0);
}

static void place_done(Place *p) {
        (void)unlink(p->file);
        (void)rmdir(p->dir);
}

/* Load a file with @text, and -s @server. */
static int load(const char *text, const char *server, Setup *ret) {
        _cleanup_(place_done) Place p = { 0 };
        _cleanup_(freep) char *errors = NULL;
        CtlOptions o = { .server = server };
        size_t size;
        FILE *f = open_memstream(&errors, &size);
        int r;

        cr_assert_not_null(f);
        write_config(&p, text);
        o.config_path = p.file;
        r = setup_load(&o, "supervisorctl", ret, f);
        cr_assert_eq(fclose(f), 0);
        cr_assert_eq(r < 0, *errors != '\0');
        return r;
}

Test(command_line, derives_the_socket_from_the_file) {
        _cleanup_(setup_done) Setup s = { 0 };

        cr_assert_eq(load("[supervisord]\n", NULL, &s), 0);
        cr_assert_not_null(strstr(s.sockets[0], "/control"));
        cr_assert_str_eq(s.prompt, "supervisor");
        cr_assert_null(s.history_file);
}

Test(command_line, reads_what_python_reads) {
        _cleanup_(setup_done) Setup s = { 0 };

        cr_assert_eq(load("[supervisord]\n[supervisorctl]\nserverurl=unix:///run/x.sock\n"
                          "prompt=mine\nhistory_file=/a/../b\n",
                          NULL, &s),
                     0);
        cr_assert_not_null(strstr(s.sockets[0], "/control"));
        cr_assert_str_eq(s.prompt, "mine");
        cr_assert_str_eq(s.history_file, "/b");
}

Test(command_line, knows_the_servers_url_of_its_own_file) {
        static const char text[] = "[supervisord]\n[supervisorctl]\nserverurl=unix:///run/x.sock\n";
        _cleanup_(setup_done) Setup own = { 0 }, other = { 0 };

        cr_assert_eq(load(text, "unix:///run/x.sock", &own), 0);
        cr_assert_not_null(strstr(own.sockets[0], "/control"));
        cr_assert_eq(load(text, "unix:///run/y.sock", &other), 0);
        cr_assert_str_eq(other.sockets[0], "/run/y.sock");
        cr_assert_null(other.sockets[1]);
}

Test(command_line, goes_where_control_socket_says) {
        _cleanup_(setup_done) Setup s = { 0 }, none = { 0 };

        cr_assert_eq(load("[supervisord]\ncontrol_socket=/run/mine\n", NULL, &s), 0);
        cr_assert_str_eq(s.sockets[0], "/run/mine");
        cr_assert_null(s.sockets[1]);
        cr_assert_eq(load("[supervisord]\ncontrol_socket=none\n", NULL, &none), 0);
        cr_assert_eq(strv_length(none.sockets), 0);
        cr_assert_not_null(strstr(none.why_none, "control_socket = none"));
}

Test(command_line, says_that_it_does_not_speak_http) {
        _cleanup_(setup_done) Setup s = { 0 };

        cr_assert_eq(load("[supervisorctl]\n", NULL, &s), 0);
        cr_assert_eq(strv_length(s.sockets), 0);
        cr_assert_not_null(strstr(s.why_none, "http://localhost:9001"));
}

Test(command_line, does_not_mind_what_is_wrong_elsewhere_in_the_file) {
        _cleanup_(setup_done) Setup s = { 0 };

        cr_assert_eq(load("[supervisord]\n[program:x]\nnonsense\n[broken\n", NULL, &s), 0);
        cr_assert_gt(strv_length(s.sockets), 0);
}

Test(command_line, refuses_a_file_of_something_else) {
        _cleanup_(setup_done) Setup s = { 0 };

        cr_assert_lt(load("[other]\n", NULL, &s), 0);
}
