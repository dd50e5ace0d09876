/* Listening sockets: who is given them, and that clients wait while programs come and go. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness-ctl.h"

TestSuite(sockets, .timeout = 120);

#define FACTS(name) "command=%(ENV_CHILD)s facts=%(here)s/" name "\nstartsecs=0\n"
/* One connection for each run. */
#define ANSWER                                                                   \
        "command=%(ENV_CHILD)s accept=3 exit=0\nautorestart=true\nstartsecs=0\n" \
        "backoff_min=10ms\n"

/* ---------------------------------------------------------------- clients */

static int connect_to(Scenario *s, const char *name) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        struct timeval patience = { .tv_sec = PATIENCE_MSEC / 1000 };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", s->dir, name);
        cr_assert_eq(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
                int r = -errno;

                close(fd);
                return r;
        }
        return fd;
}

/* The pid that answers, 0 if nobody does. */
static pid_t answer_from(int fd) {
        char text[32] = "";
        ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_WAITALL); /* until it is closed */

        close(fd);
        return n > 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

static struct stat stat_of(Scenario *s, const char *name) {
        _cleanup_(freep) char *path = scenario_path(s, name);
        struct stat st = { 0 };

        cr_assert_eq(stat(path, &st), 0, "%s: %m", path);
        return st;
}

/* A listening socket of the test's own at a free port. */
static int new_listener(int *ret_port) {
        struct sockaddr_in a = { .sin_family = AF_INET };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(a);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        cr_assert_eq(bind(fd, (struct sockaddr *)&a, size), 0);
        cr_assert_eq(listen(fd, 5), 0);
        cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &size), 0);
        *ret_port = ntohs(a.sin_port);
        return fd;
}

static int connect_to_port(int port) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0, "%m");
        return fd;
}

/* The fact @name begins with @expected, or there is none if that is NULL. */
static void expect_fact(Scenario *s, const char *file, const char *name, const char *expected) {
        _cleanup_(freep) char *facts = scenario_read(s, file);
        const char *value = fact(facts, name);

        if (!expected)
                cr_expect_null(value, "%s %s", name, value);
        else
                cr_expect(value && strncmp(value, expected, strlen(expected)) == 0, "%s %s", name,
                          value);
}

/* ---------------------------------------------------------------- what programs find */

Test(sockets, are_given_to_those_programs_alone_that_name_them) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[socket:web]\nlisten=%(here)s/a, %(here)s/b\n"
                           "[socket:api]\nlisten=%(here)s/c\n"
                           "[program:served]\nsockets=api,web\n" FACTS(
                                   "served") "[program:plain]\n" FACTS("plain"));
        scenario_start(s, NULL);
        scenario_await_count(s, 2, "success: ");

        expect_fact(s, "served", "fd 3", "socket:");
        expect_fact(s, "served", "fd 4", "socket:");
        expect_fact(s, "served", "fd 5", "socket:");
        expect_fact(s, "served", "fd 6", NULL);
        expect_fact(s, "plain", "fd 3", NULL);
        scenario_stop(s);
}

static void expect_line(Scenario *s, const char *file, const char *line) {
        _cleanup_(freep) char *facts = scenario_read(s, file);
        const char *found = strstr(facts, line);

        cr_expect(found && (found == facts || found[-1] == '\n') && found[strlen(line)] == '\n',
                  "no line '%s' in:\n%s", line, facts);
}

Test(sockets, are_told_of_in_the_variables_of_sd_listen_fds) {
        _scenario_ s = scenario_new();
        char line[64];

        scenario_configure(
                s, "",
                "[socket:web]\nlisten=%(here)s/a, %(here)s/b\n"
                "[socket:api]\nlisten=%(here)s/c\n"
                "[program:a]\nsockets=api,web\nenvironment=LISTEN_FDS=77,LISTEN_PID=1\n" FACTS(
                        "facts"));
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        expect_line(s, "facts", "env LISTEN_FDS=3");
        expect_line(s, "facts", "env LISTEN_FDNAMES=api:web:web");
        snprintf(line, sizeof(line), "env LISTEN_PID=%d", scenario_pid(s, "a"));
        expect_line(s, "facts", line);
        scenario_stop(s);
}

Test(sockets, can_be_descriptor_0) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/a\n"
                           "[program:a]\nsockets=in\nsocket_style=stdin\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s facts=%(here)s/facts accept=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        pid = answer_from(connect_to(s, "a"));
        cr_expect_eq(pid, scenario_pid(s, "a"));
        expect_fact(s, "facts", "fd 0", "socket:");
        expect_fact(s, "facts", "fd 3", NULL);
        scenario_stop(s);
}

Test(sockets, live_beside_a_descriptor_for_the_readiness) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/a\n"
                           "[program:a]\nsockets=in\nreadiness=fd:4\n"
                           "command=%(ENV_CHILD)s newline=4 accept=3\n");
        scenario_start(s, NULL);
        scenario_await(s, "a is ready");
        pid = answer_from(connect_to(s, "a"));
        cr_expect_eq(pid, scenario_pid(s, "a"));
        scenario_stop(s);
}

/* ---------------------------------------------------------------- clients wait */

Test(sockets, let_clients_wait_until_the_program_is_back) {
        _scenario_ s = scenario_new();
        pid_t last = 0;

        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/a\n[program:a]\nsockets=in\n" ANSWER);
        scenario_start(s, NULL);
        scenario_await(s, "listening at .*/a for socket 'in'");
        for (int i = 0; i < 20; i++) {
                int fd = connect_to(s, "a"); /* right after the last one has gone */
                pid_t pid;

                cr_assert_geq(fd, 0, "refused");
                pid = answer_from(fd);
                cr_assert(pid > 0 && pid != last);
                last = pid;
        }
        scenario_stop(s);
}

Test(sockets, let_clients_wait_while_a_failed_start_is_put_off) {
        _scenario_ s = scenario_new();
        int fd;

        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/a\n"
                           "[program:a]\ncommand=%(ENV_CHILD)s accept=3 exit=1\nsockets=in\n"
                           "backoff_min=500ms\n");
        scenario_start(s, NULL);
        scenario_await(s, "spawned: 'a'");
        cr_expect_eq(answer_from(connect_to(s, "a")), scenario_pid(s, "a"));
        scenario_await(s, "exited: a");
        scenario_mark(s);
        fd = connect_to(s, "a");
        cr_assert_geq(fd, 0, "refused");
        cr_expect_eq(scenario_count(s, "spawned: 'a'"), 0, "it is down");
        cr_expect_eq(answer_from(fd), scenario_pid(s, "a"));
        scenario_stop(s);
}

Test(sockets, belong_to_all_copies_together) {
        _scenario_ s = scenario_new();
        pid_t pids[4];

        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/a\n"
                           "[program:a]\nsockets=in\nnumprocs=4\nprocess_name=a%(process_num)d\n"
                           "startsecs=0\ncommand=%(ENV_CHILD)s accept=3\n");
        scenario_start(s, NULL);
        scenario_await(s, "listening at");
        for (size_t i = 0; i < ELEMENTSOF(pids); i++) {
                pids[i] = answer_from(connect_to(s, "a"));
                cr_expect_gt(pids[i], 0);
                for (size_t k = 0; k < i; k++)
                        cr_expect_neq(pids[i], pids[k], "each copy takes one");
        }
        scenario_stop(s);
}

/* ---------------------------------------------------------------- reload */

#define IN "[socket:in]\nlisten=%(here)s/a\n"

Test(sockets, are_not_touched_by_a_reload_that_does_not_concern_them) {
        _scenario_ s = scenario_new();
        ino_t ino;
        int fd;

        scenario_configure(s, "",
                           IN "[program:a]\nsockets=in\nstartsecs=0\n"
                              "command=%(ENV_CHILD)s append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        ino = stat_of(s, "a").st_ino;
        fd = connect_to(s, "a");
        scenario_configure(s, "", IN "[program:a]\nsockets=in\n" ANSWER);
        scenario_signal(s, SIGHUP);
        cr_expect_gt(answer_from(fd), 0, "it waited for the new program");
        cr_expect_eq(stat_of(s, "a").st_ino, ino);
        cr_expect_eq(scenario_count(s, "listening at"), 1);
        scenario_stop(s);
}

Test(sockets, of_another_address_are_open_before_the_program_restarts_for_them) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", IN "[program:a]\nsockets=in\n" ANSWER "[program:b]\n" FACTS("b"));
        scenario_start(s, NULL);
        scenario_await(s, "success: b");
        scenario_configure(s, "",
                           "[socket:in]\nlisten=%(here)s/new\n[program:a]\nsockets=in\n" ANSWER
                           "[program:b]\n" FACTS("b"));
        scenario_mark(s);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "spawned: 'a'");
        cr_expect_lt(scenario_position(s, "listening at .*/new for socket 'in'"),
                     scenario_position(s, "stopped: a"));
        cr_expect_gt(answer_from(connect_to(s, "new")), 0);
        cr_expect_eq(connect_to(s, "a"), -ENOENT, "the old one is gone");
        cr_expect_eq(scenario_count(s, "stopped: b"), 0);
        scenario_stop(s);
}

Test(sockets, keep_the_addresses_that_stay) {
        _scenario_ s = scenario_new();
        ino_t ino;

        scenario_configure(s, "", IN "[program:a]\nsockets=in\n" FACTS("facts"));
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        ino = stat_of(s, "a").st_ino;
        scenario_configure(
                s, "",
                "[socket:in]\nlisten=%(here)s/a, %(here)s/b\n[program:a]\nsockets=in\n" FACTS(
                        "more"));
        scenario_signal(s, SIGHUP);
        scenario_await_count(s, 2, "success: a");
        cr_expect_eq(stat_of(s, "a").st_ino, ino);
        expect_fact(s, "more", "fd 4", "socket:");
        scenario_stop(s);
}

Test(sockets, get_another_mode_without_a_restart) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(
                s, "",
                IN "[program:a]\nsockets=in\n" FACTS(
                        "facts") "[fcgi-program:f]\nsocket=unix://%(here)s/f\n" FACTS("fcgi"));
        scenario_start(s, NULL);
        scenario_await_count(s, 2, "success: ");
        pid = scenario_pid(s, "a");
        cr_expect_eq(stat_of(s, "a").st_mode, S_IFSOCK | 0700);
        cr_expect_eq(stat_of(s, "f").st_mode, S_IFSOCK | 0700);
        scenario_configure(
                s, "",
                IN "socket_mode=0666\n[program:a]\nsockets=in\n" FACTS(
                        "facts") "[fcgi-program:f]\nsocket=unix://%(here)s/f\nsocket_mode=0660\n" FACTS("fcgi"));
        scenario_signal(s, SIGHUP);
        scenario_await(s, "configuration reloaded");
        cr_expect_eq(stat_of(s, "a").st_mode, S_IFSOCK | 0666);
        cr_expect_eq(stat_of(s, "f").st_mode, S_IFSOCK | 0660);
        cr_expect_eq(scenario_pid(s, "a"), pid);
        cr_expect_eq(scenario_count(s, "spawned: "), 2);
        scenario_stop(s);
}

Test(sockets, that_are_gone_from_the_file_are_closed) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", IN "[program:a]\nsockets=in\n" FACTS("facts"));
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        scenario_configure(s, "", "[program:a]\n" FACTS("facts"));
        scenario_signal(s, SIGHUP);
        scenario_await(s, "closed the socket 'in'");
        cr_expect_eq(connect_to(s, "a"), -ENOENT);
        scenario_stop(s);
}

/* ---------------------------------------------------------------- when it does not work */

/* As %(ENV_PORT)s in the configuration. */
static void export_port(int port) {
        char text[16];

        snprintf(text, sizeof(text), "%d", port);
        cr_assert_eq(setenv("PORT", text, 1), 0);
}

Test(sockets, that_cannot_be_opened_are_tried_again_by_the_program_that_needs_them) {
        _scenario_ s = scenario_new();
        int port, fd = new_listener(&port);

        export_port(port);
        scenario_configure(s, "",
                           "[socket:in]\nlisten=127.0.0.1:%(ENV_PORT)s\n"
                           "[program:a]\nsockets=in\nbackoff_max=100ms\nstartretries=-1\n" ANSWER
                           "[program:b]\n" FACTS("b"));
        scenario_start(s, NULL);
        scenario_await(s,
                       "CRIT socket 'in' is not open: cannot listen at 127.0.0.1:[0-9]+: Address "
                       "already in use, held by ");
        scenario_await(s, "spawnerr: socket 'in': cannot listen at");
        scenario_await(s, "success: b");
        close(fd);
        scenario_await(s, "opened the socket 'in' at last");
        cr_expect_gt(answer_from(connect_to_port(port)), 0);
        scenario_stop(s);
}

Test(sockets, of_the_daemon_before_are_taken_over_only_when_it_is_dead) {
        _scenario_ s = scenario_new();
        pid_t pid;

        scenario_configure(
                s, "",
                IN "[program:a]\nsockets=in\nstartretries=-1\n"
                   "backoff_max=100ms\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        pid = scenario_pid(s, "a");
        scenario_signal(s, SIGKILL);
        (void)scenario_wait(s);

        scenario_start(s, NULL);
        scenario_await(s, "CRIT socket 'in' is not open: .* held by ");
        cr_assert_eq(kill(pid, SIGKILL), 0);
        scenario_await(s, "opened the socket 'in' at last");
        scenario_await_ready(s, 2);
        scenario_stop(s);
}

/* The highest that root alone may have and nobody has. */
static int free_low_port(void) {
        for (int port = 1023; port > 0; port--) {
                struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
                int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                int r = bind(fd, (struct sockaddr *)&a, sizeof(a));

                close(fd);
                if (r == 0)
                        return port;
        }
        cr_skip_test("no port is free");
        return 0;
}

Test(sockets, of_a_port_below_1024_are_open_before_root_is_given_up) {
        _scenario_ s = scenario_new();
        int port;

        if (getuid() != 0)
                cr_skip_test("needs root");
        port = free_low_port();
        export_port(port);
        cr_assert_eq(chmod(s->dir, 01777), 0);
        scenario_configure(s, "user=nobody",
                           "[socket:in]\nlisten=127.0.0.1:%(ENV_PORT)s\n[program:a]\nsockets=in\n"
                           "command=%(ENV_CHILD)s facts=%(here)s/facts accept=3\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        cr_expect_gt(answer_from(connect_to_port(port)), 0);
        expect_fact(s, "facts", "uid", "65534 65534");
        scenario_stop(s);
}

/* ---------------------------------------------------------------- shutdown */

Test(sockets, are_closed_with_the_last_program_that_serves_them_when_all_goes_down) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           IN "[program:db]\npriority=1\nstartsecs=0\nstopwaitsecs=60\n"
                              "command=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n"
                              "[program:web]\nsockets=in\nstartsecs=0\n"
                              "command=%(ENV_CHILD)s on=15:300:0 append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_signal(s, SIGTERM);
        scenario_await(s, "waiting for web to stop");
        cr_expect_geq(connect_to(s, "a"), 0, "web may still answer");
        scenario_await(s, "waiting for db to stop");
        cr_expect_eq(connect_to(s, "a"), -ENOENT, "nobody is kept waiting for nothing");
        cr_assert_eq(kill(scenario_pid(s, "db"), SIGKILL), 0);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_assert_nothing_left(s);
}

/* ---------------------------------------------------------------- passed by the manager */

Test(sockets, that_are_passed_belong_to_the_section_of_their_name) {
        _scenario_ s = scenario_new();
        int port, other_port, fd = new_listener(&port), other = new_listener(&other_port);
        char line[64];

        scenario_pass(s, "unit.socket", other);
        scenario_pass(s, "in", fd);
        scenario_configure(
                s, "",
                "[socket:unit]\n[socket:in]\nlisten=%(here)s/a\n"
                "[program:a]\nsockets=in\nstartsecs=0\n"
                "command=%(ENV_CHILD)s facts=%(here)s/facts accept=3\n"
                "[program:b]\nsockets=unit\nstartsecs=0\ncommand=%(ENV_CHILD)s accept=3\n"
                "[program:c]\n" FACTS("plain"));
        scenario_start(s, NULL);
        scenario_await(s, "listening at 127.0.0.1:[0-9]+ for socket 'in', passed by the service "
                          "manager instead of what its section says");
        scenario_await(s, "listening at 127.0.0.1:[0-9]+ for socket 'unit', passed by the service "
                          "manager$");
        scenario_await_count(s, 3, "success: ");
        close(fd);
        close(other);
        cr_expect_eq(answer_from(connect_to_port(port)), scenario_pid(s, "a"));
        cr_expect_eq(answer_from(connect_to_port(other_port)), scenario_pid(s, "b"));
        cr_expect_eq(connect_to(s, "a"), -ENOENT);
        expect_line(s, "facts", "env LISTEN_FDNAMES=in");
        snprintf(line, sizeof(line), "env LISTEN_PID=%d", scenario_pid(s, "a"));
        expect_line(s, "facts", line);
        expect_fact(s, "plain", "fd 3", NULL);
        {
                _cleanup_(freep) char *plain = scenario_read(s, "plain");

                cr_expect_null(strstr(plain, "LISTEN_"), "%s", plain);
        }
        scenario_stop(s);
}

Test(sockets, that_are_passed_survive_going_into_the_background) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *pidfile = NULL;
        int port, fd = new_listener(&port);

        scenario_pass(s, "in", fd);
        s->daemonizes = true;
        scenario_configure(s, "", "[socket:in]\n[program:a]\nsockets=in\n" ANSWER);
        scenario_start(s, NULL);
        cr_assert_eq(scenario_exit_status(s), 0);
        close(fd);
        cr_expect_gt(answer_from(connect_to_port(port)), 0);
        pidfile = scenario_read(s, "supervisord.pid");
        cr_assert_eq(kill((pid_t)strtol(pidfile, NULL, 10), SIGTERM), 0);
        await_death((pid_t)strtol(pidfile, NULL, 10));
}

Test(sockets, that_are_passed_are_still_there_when_a_reload_asks_for_them) {
        _scenario_ s = scenario_new();
        int port, fd = new_listener(&port);

        scenario_pass(s, "in", fd);
        scenario_configure(s, "", "[program:b]\n" FACTS("b"));
        scenario_start(s, NULL);
        scenario_await(s, "CRIT the service manager passed a socket 'in', but there is no "
                          "\\[socket:in\\]");
        close(fd);
        scenario_configure(s, "",
                           "[program:b]\n" FACTS(
                                   "b") "[socket:in]\n[program:a]\nsockets=in\n" ANSWER);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "listening at .* passed by the service manager");
        cr_expect_gt(answer_from(connect_to_port(port)), 0);
        scenario_stop(s);
}

Test(sockets, that_nobody_passed_fail_the_start_of_their_programs) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", "[socket:in]\n[program:a]\nsockets=in\nstartretries=0\n" ANSWER);
        scenario_start(s, NULL);
        scenario_await(s, "CRIT socket 'in' is not open: the service manager passed no socket of "
                          "the name 'in': say FileDescriptorName=in in the socket's unit");
        scenario_await(s, "spawnerr: socket 'in': the service manager passed no socket");
        scenario_await(s, "gave up: a");
        scenario_stop(s);
}

/* ---------------------------------------------------------------- fcgi programs */

#define FCGI(keys) "[fcgi-program:f]\nsocket=unix://%(here)s/f\nstartsecs=0\n" keys "\n"

Test(sockets, of_fcgi_programs_are_descriptor_0_of_each_copy) {
        _scenario_ s = scenario_new();
        pid_t one, two;

        scenario_configure(s, "",
                           FCGI("process_name=f%(process_num)d\nnumprocs=2\nsocket_mode=0660\n"
                                "command=%(ENV_CHILD)s facts=%(here)s/facts accept=0"));
        scenario_start(s, NULL);
        scenario_await_count(s, 2, "success: f");
        cr_expect_eq(scenario_count(s, "Creating socket unix://.*/f$"), 1);
        cr_expect_eq(stat_of(s, "f").st_mode, S_IFSOCK | 0660);
        one = answer_from(connect_to(s, "f"));
        two = answer_from(connect_to(s, "f"));
        cr_expect(one > 0 && two > 0 && one != two);
        expect_fact(s, "facts", "fd 0", "socket:");
        scenario_stop(s);
        scenario_await(s, "Closing socket unix://.*/f$");
        cr_expect_eq(connect_to(s, "f"), -ENOENT);
}

Test(sockets, of_fcgi_programs_let_clients_wait_for_a_restart_but_not_after_the_end) {
        _scenario_ s = scenario_new();
        pid_t last = 0;

        scenario_configure(s, "",
                           FCGI("command=/bin/sh -c \"[ ! -e %(here)s/stop ] || exit 0; "
                                "exec %(ENV_CHILD)s accept=0 exit=9\"\nautorestart=unexpected\n"
                                "backoff_min=10ms"));
        scenario_start(s, NULL);
        scenario_await(s, "Creating socket");
        for (int i = 0; i < 5; i++) {
                int fd = connect_to(s, "f");
                pid_t pid;

                cr_assert_geq(fd, 0, "refused");
                pid = answer_from(fd);
                cr_assert(pid > 0 && pid != last);
                last = pid;
        }
        scenario_write(s, "stop", "");
        (void)answer_from(connect_to(s, "f"));
        scenario_await(s, "exited: f \\(exit status 0; expected\\)");
        scenario_await(s, "Closing socket");
        cr_expect_eq(connect_to(s, "f"), -ENOENT);
        scenario_stop(s);
}

/* The program has answered once; its next start is far away. */
#define ANSWERS_ONCE \
        FCGI("autorestart=true\nbackoff_min=600\ncommand=%(ENV_CHILD)s accept=0 exit=0")

static Scenario *answered_once(const char *others) {
        Scenario *s = scenario_new();
        _cleanup_(freep) char *programs = NULL;

        cr_assert(asprintf(&programs, "%s%s", ANSWERS_ONCE, others) > 0);
        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await(s, "Creating socket");
        cr_assert_gt(answer_from(connect_to(s, "f")), 0);
        scenario_await(s, "exited: f");
        return s;
}

Test(sockets, of_fcgi_programs_stay_open_until_a_restart_that_waits_is_called_off) {
        _scenario_ s = answered_once("");
        int fd = connect_to(s, "f");

        cr_expect_geq(fd, 0, "clients wait, too");
        cr_expect_eq(scenario_count(s, "Closing socket"), 0);
        ctl_expect(s, "stop f", "f: ERROR (not running)\n", 0);
        scenario_await(s, "Closing socket");
        cr_expect_eq(connect_to(s, "f"), -ENOENT);
        close(fd);
        scenario_stop(s);
}

Test(sockets, of_fcgi_programs_close_when_a_reload_calls_their_restart_off) {
        _scenario_ s = answered_once("");

        scenario_configure(s, "", FCGI("autorestart=false\ncommand=%(ENV_CHILD)s accept=0 exit=0"));
        scenario_signal(s, SIGHUP);
        scenario_await(s, "Closing socket");
        scenario_stop(s);
        cr_expect_eq(scenario_count(s, "spawned: 'f'"), 1);
}

Test(sockets, of_fcgi_programs_close_when_a_shutdown_calls_their_restart_off) {
        _scenario_ s = answered_once("[program:slow]\nstartsecs=0\nstopwaitsecs=600\n"
                                     "command=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n");

        scenario_await_ready(s, 1);
        scenario_signal(s, SIGTERM);
        scenario_await(s, "Closing socket");
        cr_expect(is_alive(scenario_pid(s, "slow")));
        cr_assert_eq(kill(scenario_pid(s, "slow"), SIGKILL), 0);
        cr_expect_eq(scenario_exit_status(s), 0);
}

Test(sockets, of_fcgi_programs_are_opened_when_the_first_copy_starts) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           FCGI("autostart=false\n"
                                "command=%(ENV_CHILD)s accept=0") "[program:b]\n" FACTS("b"));
        scenario_start(s, NULL);
        scenario_await(s, "success: b");
        cr_expect_eq(connect_to(s, "f"), -ENOENT);
        cr_expect_eq(scenario_count(s, "Creating socket"), 0);
        scenario_stop(s);
}

Test(sockets, of_fcgi_programs_belong_to_them_in_a_group_too) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", FCGI("command=%(ENV_CHILD)s accept=0") "[group:g]\nprograms=f\n");
        scenario_start(s, NULL);
        scenario_await(s, "success: f");
        cr_expect_eq(answer_from(connect_to(s, "f")), scenario_pid(s, "f"));
        scenario_stop(s);
}
