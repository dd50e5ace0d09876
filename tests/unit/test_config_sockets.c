/* [socket:x] sections, and sockets= of programs. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <string.h>

#include "config-fixture.h"
#include "config/keys/address.h"
#include "config/keys/keys.h"

TestSuite(config_sockets, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* ---------------------------------------------------------------- addresses */

typedef struct Sample {
        char text[64];
        AddressKind kind;
        char spelling[64]; /* "" for what is refused, with part of the message: */
        char part[64];
} Sample;

ParameterizedTestParameters(config_sockets, reads_addresses) {
        static Sample samples[] = {
                { "127.0.0.1:8080", ADDRESS_IPV4, "127.0.0.1:8080", "" },
                { "0.0.0.0:80", ADDRESS_IPV4, "0.0.0.0:80", "" },
                { "localhost:80", ADDRESS_IPV4, "127.0.0.1:80", "" },
                { "LocalHost:80", ADDRESS_IPV4, "127.0.0.1:80", "" },
                { "tcp://127.0.0.1:1", ADDRESS_IPV4, "127.0.0.1:1", "" },
                { "tcp:127.0.0.1:65535", ADDRESS_IPV4, "127.0.0.1:65535", "" },
                { ":80", ADDRESS_ANY, ":80", "" },
                { "*:80", ADDRESS_ANY, ":80", "" },
                { "80", ADDRESS_ANY, ":80", "" },
                { "[::1]:80", ADDRESS_IPV6, "[::1]:80", "" },
                { "[0:0:0:0:0:0:0:1]:80", ADDRESS_IPV6, "[::1]:80", "" },
                { "[::]:80", ADDRESS_IPV6, "[::]:80", "" },
                { "/run/x.sock", ADDRESS_UNIX, "/run/x.sock", "" },
                { "/run//./y/../x.sock", ADDRESS_UNIX, "/run/x.sock", "" },
                { "unix:///run/x", ADDRESS_UNIX, "/run/x", "" },
                { "unix:/run/x", ADDRESS_UNIX, "/run/x", "" },
                { "@name", ADDRESS_UNIX, "@name", "" },
                { "unix:@name/a", ADDRESS_UNIX, "@name/a", "" },
                { "", 0, "", "is no port" },
                { ":", 0, "", "is no port" },
                { "0", 0, "", "is no port" },
                { "1.2.3.4:0", 0, "", "is no port" },
                { "1.2.3.4:65536", 0, "", "is no port" },
                { "1.2.3.4:+1", 0, "", "is no port" },
                { "1.2.3.4: 1", 0, "", "is no port" },
                { "1.2.3.4:99999999999999999999", 0, "", "is no port" },
                { "host", 0, "", "is no address" },
                { "::1:80", 0, "", "in brackets" },
                { "[::g]:80", 0, "", "is no IPv6 address" },
                { "[]:80", 0, "", "neither" },
                { "no-such-host.invalid:80", 0, "", "nor in /etc/hosts" },
                { "run/x.sock", 0, "", "no absolute path" },
                { "unix:x", 0, "", "no absolute path" },
                { "unix://host:80", 0, "", "no absolute path" },
                { "/", 0, "", "no absolute path" },
                { "@", 0, "", "no absolute path" },
                { "/run/", 0, "", "is a directory" },
        };

        return cr_make_param_array(Sample, samples, ELEMENTSOF(samples));
}

ParameterizedTest(Sample *sample, config_sockets, reads_addresses) {
        _cleanup_(address_done) SocketAddress a = { 0 };
        _cleanup_(freep) char *why = NULL;
        int r = address_parse(sample->text, false, &a, &why);

        if (*sample->spelling) {
                cr_assert_eq(r, 0, "%s: %s", sample->text, why);
                cr_expect_eq(a.kind, sample->kind, "%s", sample->text);
                cr_expect_str_eq(a.text, sample->spelling);
                return;
        }
        cr_assert_eq(r, -EINVAL, "%s", sample->text);
        cr_expect(strstr(why, sample->part), "%s: %s", sample->text, why);
}

Test(config_sockets, leaves_names_alone_where_the_host_does_not_matter) {
        _cleanup_(address_done) SocketAddress a = { 0 };
        _cleanup_(freep) char *why = NULL;

        cr_assert_eq(address_parse("web.example.org:80", true, &a, &why), 0);
        cr_expect_str_eq(a.text, "web.example.org:80");
}

Test(config_sockets, refuses_paths_that_no_socket_can_have) {
        _cleanup_(address_done) SocketAddress a = { 0 };
        _cleanup_(freep) char *why = NULL;
        char path[200] = "/";

        memset(path + 1, 'x', 107);
        cr_assert_eq(address_parse(path, false, &a, &why), -EINVAL);
        cr_expect(strstr(why, "too long"));
        path[107] = '\0';
        free(why);
        why = NULL;
        cr_assert_eq(address_parse(path, false, &a, &why), 0);
}

/* ---------------------------------------------------------------- sections */

#define SOCKET(keys) "[supervisord]\n[socket:s]\n" keys "\n[program:p]\ncommand=x\nsockets=s\n"

Test(config_sockets, reads_a_section_with_all_its_keys) {
        LOAD(l,
             SOCKET("listen = :80, [::1]:81\n\t/run/s.sock\n\n\t@s\nbacklog=5\nsocket_mode=0660\n"
                    "socket_owner=me:us\nreuse_port=yes"));
        const SocketConfig *s;

        cr_assert_eq(l.config->n_sockets, 1);
        s = l.config->sockets[0];
        cr_expect_str_eq(s->name, "s");
        cr_expect_str_eq(s->section, "socket:s");
        cr_assert_eq(s->n_addresses, 4);
        cr_expect_str_eq(s->addresses[0].text, ":80");
        cr_expect_str_eq(s->addresses[1].text, "[::1]:81");
        cr_expect_str_eq(s->addresses[2].text, "/run/s.sock");
        cr_expect_str_eq(s->addresses[3].text, "@s");
        cr_expect_eq(s->type, SOCKET_TYPE_STREAM);
        cr_expect_eq(s->backlog, 5);
        cr_expect_eq(s->mode, 0660);
        cr_expect_str_eq(s->owner, "me:us");
        cr_expect(s->reuse_port);
        cr_expect_null(s->url);
        cr_expect_eq(l.config->processes[0]->settings->sockets[0], s);
        cr_expect_eq(l.report.n, 0);
}

Test(config_sockets, wait_for_the_service_manager_without_an_address) {
        LOAD(none, SOCKET(""));
        LOAD(word, SOCKET("listen=systemd"));
        const SocketConfig *s = none.config->sockets[0];

        cr_expect_eq(s->n_addresses, 0);
        cr_expect_eq(s->backlog, 0);
        cr_expect_eq(s->mode, 0700);
        cr_expect_not(s->reuse_port);
        cr_expect_eq(word.config->sockets[0]->n_addresses, 0);
        REFUSE(SOCKET("listen=systemd, :80"), "stands alone");
}

Test(config_sockets, expand_names_in_their_addresses) {
        LOAD(l, SOCKET("listen=%(here)s/s.sock"));

        cr_expect(strstr(l.config->sockets[0]->addresses[0].path, "/s.sock"));
        REFUSE(SOCKET("listen=%(process_num)d"), "not known here");
}

Test(config_sockets, refuses_what_makes_no_sense) {
        REFUSE(SOCKET("listen="), "there is no address");
        REFUSE(SOCKET("listen=x"), "main.conf:3: [socket:s] listen: 'x' is no address");
        REFUSE(SOCKET("listen=:80\ntype=packet"), "is not known");
        REFUSE(SOCKET("listen=:80\ntype=seqpacket"), "for unix sockets");
        REFUSE(SOCKET("listen=:80\nbacklog=0"), "backlog");
        REFUSE(SOCKET("listen=:80\nbacklog=2147483648"), "backlog");
        REFUSE(SOCKET("listen=:80, :80"), "is an address of [socket:s] already");
        REFUSE(SOCKET("listen=/a") "[socket:t]\nlisten=/b/../a\n",
               "is an address of [socket:s] already");
        REFUSE("[supervisord]\n[socket:a b]\nlisten=:1\n", "is no name");
        REFUSE("[supervisord]\n[socket:]\nlisten=:1\n", "needs a name");
        REFUSE("[supervisord]\n[socket:\xc3\xa4]\nlisten=:1\n", "ASCII");
}

Test(config_sockets, warns_of_what_has_no_effect) {
        LOAD(mode, SOCKET("listen=:80\nsocket_mode=0600"));
        LOAD(owner, SOCKET("listen=@x\nsocket_owner=me"));
        LOAD(unused, "[supervisord]\n[socket:s]\nlisten=:80\n");
        LOAD(wrong, SOCKET("listen=:80\nsocket_mod=0600"));

        cr_expect(mentions(&mode, "a path only"));
        cr_expect(mentions(&owner, "a path only"));
        cr_expect(mentions(&unused, "no program has it in its sockets"));
        cr_expect(mentions(&wrong, "did you mean socket_mode"));
}

Test(config_sockets, the_same_address_may_be_there_for_connections_and_datagrams) {
        LOAD(l,
             SOCKET("listen=:53") "[socket:t]\nlisten=:53\ntype=dgram\n[program:q]\ncommand=x\nsockets=t\n");

        cr_expect_eq(l.config->sockets[1]->type, SOCKET_TYPE_DGRAM);
}

/* ---------------------------------------------------------------- programs */

#define TWO(keys)                                                           \
        "[supervisord]\n[socket:a]\nlisten=:1, :2\n[socket:b]\nlisten=:3\n" \
        "[program:p]\ncommand=x\n" keys "\n"

Test(config_sockets, go_to_the_programs_that_name_them) {
        LOAD(l, TWO("sockets = b, a") "[program:q]\ncommand=x\nsockets=b\nsocket_style=stdin\n"
                                      "[eventlistener:e]\ncommand=x\nevents=TICK\nsockets=a\n");
        const ProcessConfig *e = l.config->processes[0], *p = l.config->processes[1],
                            *q = l.config->processes[2];

        cr_assert_eq(p->settings->n_sockets, 2);
        cr_expect_str_eq(p->settings->sockets[0]->name, "b");
        cr_expect_str_eq(p->settings->sockets[1]->name, "a");
        cr_expect_eq(p->settings->socket_style, SOCKET_STYLE_LISTEN_FDS);
        cr_expect_eq(q->settings->socket_style, SOCKET_STYLE_STDIN);
        cr_expect_eq(q->settings->sockets[0], p->settings->sockets[0]);
        cr_expect_eq(e->settings->n_sockets, 1);
        cr_expect_null(p->fcgi_socket);
}

Test(config_sockets, unknown_ones_are_refused_with_a_suggestion) {
        REFUSE("[supervisord]\n[socket:frontend]\nlisten=:1\n[program:p]\ncommand=x\n"
               "sockets=fronted\n",
               "there is no [socket:fronted]; did you mean frontend?");
        REFUSE(TWO("sockets=nothing-like-it"), "add that section or remove the name");
        REFUSE(TWO("sockets=a,"), "empty name");
        REFUSE(TWO("sockets=b,b"), "listed twice");
}

Test(config_sockets, stdin_is_one_address) {
        REFUSE(TWO("socket_style=stdin"), "stdin is one socket with one address");
        REFUSE(TWO("sockets=a\nsocket_style=stdin"), "sockets names 2");
        REFUSE(TWO("sockets=a,b\nsocket_style=stdin"), "sockets names 3");
}

Test(config_sockets, do_not_meet_the_descriptor_of_the_readiness) {
        LOAD(l, TWO("sockets=a,b\nreadiness=fd:6"));
        LOAD(in, TWO("sockets=b\nsocket_style=stdin\nreadiness=fd:3"));

        cr_expect_eq(l.config->processes[0]->settings->readiness.fd, 6);
        cr_expect_eq(in.config->processes[0]->settings->readiness.fd, 3);
        REFUSE(TWO("sockets=a,b\nreadiness=fd:5"), "use another, such as fd:6");
}

Test(config_sockets, are_limited_in_number) {
        char text[4096] = "[supervisord]\n[socket:a]\nlisten=";
        size_t n = strlen(text);

        for (int port = 1; port <= PROCESS_SOCKETS_MAX + 1; port++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, ":%d,", port);
        cr_assert_lt(n, sizeof(text) - 1);
        REFUSE(text, "more than 64 addresses");
}

/* ---------------------------------------------------------------- changes */

static ConfigDifference compare(const char *before, const char *after) {
        _cleanup_(loaded_done) Loaded a = load_text(before), b = load_text(after);

        cr_assert(a.config && b.config, "%s%s", before, after);
        return process_config_compare(a.config->processes[0], b.config->processes[0]);
}

Test(config_sockets, what_a_process_finds_behind_them_is_a_reason_to_restart_it) {
        cr_expect_eq(compare(SOCKET("listen=:80"), SOCKET("listen=*:80")), CONFIG_SAME);
        cr_expect_eq(compare(SOCKET("listen=:80"), SOCKET("listen=:81")), CONFIG_RESTART);
        cr_expect_eq(compare(SOCKET("listen=:80"), SOCKET("listen=:80, :81")), CONFIG_RESTART);
        cr_expect_eq(compare(SOCKET("listen=:80"), SOCKET("")), CONFIG_RESTART);
        cr_expect_eq(compare(SOCKET("listen=@a"), SOCKET("listen=@a\ntype=dgram")), CONFIG_RESTART);
        cr_expect_eq(compare(TWO("sockets=a,b"), TWO("sockets=b,a")), CONFIG_RESTART);
        cr_expect_eq(compare(TWO("sockets=b"), TWO("sockets=b\nsocket_style=stdin")),
                     CONFIG_RESTART);
}

Test(config_sockets, all_else_about_them_changes_while_it_runs) {
        static const char *const keys[] = { "listen=/a\nbacklog=7", "listen=/a\nsocket_mode=0777",
                                            "listen=/a\nreuse_port=true" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                _cleanup_(freep) char *text = NULL;

                cr_assert_geq(asprintf(&text, SOCKET("%s"), keys[i]), 0);
                cr_expect_eq(compare(SOCKET("listen=/a"), text), CONFIG_LIVE, "%s", keys[i]);
        }
}

#define FCGI(keys) "[supervisord]\n[fcgi-program:f]\ncommand=x\n" keys "\n"

Test(config_sockets, those_of_fcgi_programs_change_in_the_same_way) {
        cr_expect_eq(compare(FCGI("socket=tcp://h:1"), FCGI("socket=tcp://h:2")), CONFIG_RESTART);
        cr_expect_eq(compare(FCGI("socket=unix:///a"), FCGI("socket=unix:///a\nsocket_mode=0777")),
                     CONFIG_LIVE);
        cr_expect_eq(compare(FCGI("socket=unix:///a"), FCGI("socket=unix:///b/../a")), CONFIG_SAME);
}
