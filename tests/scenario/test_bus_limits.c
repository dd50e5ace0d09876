/* What no client may do to the daemon, and where its socket is. */
#include <criterion/criterion.h>
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bus-client.h"

TestSuite(bus_limits, .timeout = 120);

#define A "[program:a]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"

static Scenario *running_with(const char *keys) {
        Scenario *s = scenario_new();

        scenario_configure(s, keys, A);
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        scenario_await(s, "success: ");
        return s;
}

static size_t resident_kb(pid_t pid) {
        char path[64], line[128];
        size_t kb = 0;
        FILE *f;

        (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
        f = fopen(path, "re");
        cr_assert(f);
        while (fgets(line, sizeof(line), f))
                if (sscanf(line, "VmRSS: %zu", &kb) == 1)
                        break;
        (void)fclose(f);
        return kb;
}

/* The daemon ends a connection: reads until that. */
static void await_end(int fd) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        char buffer[65536];

        while (poll(&p, 1, PATIENCE_MSEC) > 0)
                if (read(fd, buffer, sizeof(buffer)) <= 0)
                        return;
        cr_assert_fail("the connection was not ended");
}

static void expect_served(Scenario *s) {
        _client_ c = client_new(s);

        expect_state(c, "a", "RUNNING up");
}

Test(bus_limits, garbage_ends_its_connection_and_nothing_else) {
        _scenario_ s = running_with(CONTROL_KEYS);
        static const char *const garbage[] = {
                "GET / HTTP/1.0\r\n\r\n",
                "\0AUTH KERBEROS_V4\r\nBEGIN\r\n",
                "\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        };
        static const size_t sizes[] = { 18, 28, 84 };

        for (size_t i = 0; i < ELEMENTSOF(garbage); i++) {
                _cleanup_(closep) int fd = client_raw(s);

                cr_assert_gt(send(fd, garbage[i], sizes[i], MSG_NOSIGNAL), 0);
                (void)shutdown(fd, SHUT_WR);
                await_end(fd);
        }
        expect_served(s);
        scenario_stop(s);
}

Test(bus_limits, a_thousand_connections_leave_room_for_another) {
        _scenario_ s = running_with(CONTROL_KEYS);
        int fds[1000];

        for (size_t i = 0; i < ELEMENTSOF(fds); i++) {
                fds[i] = client_raw(s);
                cr_assert_geq(fds[i], 0);
        }
        expect_served(s);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                (void)close(fds[i]);
        scenario_stop(s);
}

/* Authenticated by hand, so that whatever follows can be sent. */
static int client_authenticated(Scenario *s) {
        char hello[64], hex[32] = "", answer[256], uid[16];
        int fd = client_raw(s);
        size_t n = 0;

        (void)snprintf(uid, sizeof(uid), "%u", (unsigned)getuid());
        for (const char *p = uid; *p; p++)
                n += (size_t)sprintf(hex + n, "%02x", (unsigned)*p);
        n = (size_t)snprintf(hello, sizeof(hello), "%cAUTH EXTERNAL %s\r\nBEGIN\r\n", '\0', hex);
        cr_assert_eq(send(fd, hello, n, MSG_NOSIGNAL), (ssize_t)n);
        cr_assert_gt(read(fd, answer, sizeof(answer)), 0);
        return fd;
}

Test(bus_limits, a_huge_message_is_not_taken) {
        _scenario_ s = running_with(CONTROL_KEYS);
        _cleanup_(closep) int fd = client_authenticated(s);
        /* A method call of 100 MB, little endian; its fields take nothing. */
        static const unsigned char header[16] = { 'l', 1, 0, 1, 0, 0xe1, 0xf5, 5, 1 };
        static char block[65536];
        size_t before = resident_kb(scenario_daemon(s)), sent = 0;

        cr_assert_eq(send(fd, header, sizeof(header), MSG_NOSIGNAL), (ssize_t)sizeof(header));
        while (sent < 50000000) {
                ssize_t n = send(fd, block, sizeof(block), MSG_NOSIGNAL);

                if (n < 0)
                        break;
                sent += (size_t)n;
        }
        cr_expect_lt(sent, 20000000, "it took %zu bytes", sent);
        await_end(fd);
        cr_expect_lt(resident_kb(scenario_daemon(s)), before + 16384);
        expect_served(s);
        scenario_stop(s);
}

Test(bus_limits, half_a_message_keeps_nobody_waiting) {
        _scenario_ s = running_with(CONTROL_KEYS);
        _cleanup_(closep) int fd = client_authenticated(s);
        static const unsigned char header[16] = { 'l', 1, 0, 1, 0, 1, 0, 0, 1 };

        cr_assert_eq(send(fd, header, 9, MSG_NOSIGNAL), 9);
        expect_served(s);
        scenario_stop(s);
}

static void *fill_unread(Scenario *s, unsigned n) {
        sd_bus *c = client_new(s);

        for (unsigned i = 0; i < n; i++) {
                _message_ m = new_call(c, "GetPlan");

                cr_assert(sd_bus_message_append(m, "uu", 0, 0) >= 0);
                cr_assert(sd_bus_message_set_expect_reply(m, true) >= 0);
                if (sd_bus_send(c, m, NULL) < 0)
                        break;
        }
        return c;
}

Test(bus_limits, a_client_that_never_reads_does_not_make_it_grow) {
        _scenario_ s = running_with(CONTROL_KEYS);
        size_t before = resident_kb(scenario_daemon(s));
        sd_bus *c = fill_unread(s, 50000);

        for (unsigned i = 0; i < 10; i++)
                expect_served(s);
        cr_expect_lt(resident_kb(scenario_daemon(s)), before + 16384);
        sd_bus_close_unref(c);
        scenario_stop(s);
}

/* ---------------------------------------------------------------- who */

/* As user and group @id, with @member as a supplementary group: what @name of a call gives. */
static void as_user(Scenario *s, uid_t id, gid_t member, void (*body)(Scenario *s)) {
        pid_t pid = fork();
        int status = 0;

        if (pid == 0) {
                gid_t groups[] = { member };

                if (setgroups(1, groups) < 0 || setgid(id) < 0 || setuid(id) < 0)
                        _exit(9);
                body(s);
                _exit(0);
        }
        cr_assert(waitpid(pid, &status, 0) == pid);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
}

/* Without Criterion, as this runs in a process of its own. */
static int call_error(sd_bus *c, const char *member, const char *types, ...) {
        _error_ error = SD_BUS_ERROR_NULL;
        va_list ap;
        int r;

        va_start(ap, types);
        r = sd_bus_call_methodv(c, "org.supervisord", BUS_PATH, BUS_MANAGER, member, &error, NULL,
                                types, ap);
        va_end(ap);
        if (r >= 0)
                return 0;
        return strcmp(error.name ?: "", BUS_ERROR(BUS_ERROR_ACCESS_DENIED)) == 0 ? 1 : 2;
}

static void is_kept_out(Scenario *s) {
        if (client_raw(s) >= 0 || errno != EACCES)
                _exit(1);
}

static void may_look_and_operate(Scenario *s) {
        char path[256];
        sd_bus *c;

        (void)snprintf(path, sizeof(path), "%s/control", s->dir);
        c = client_at(path);
        if (!c)
                _exit(1);
        if (call_error(c, "ListProcesses", "asuu", 0, 0, 0) != 0)
                _exit(2);
        if (call_error(c, "Stop", "asa{sv}", 1, "a", 0) != 0)
                _exit(3);
        if (call_error(c, "Shutdown", "s", "now") != 1)
                _exit(4);
        if (call_error(c, "NoSuchThing", "") != 1) /* what nobody knows takes everything */
                _exit(5);
}

static void may_look_only(Scenario *s) {
        char path[256];
        sd_bus *c;

        (void)snprintf(path, sizeof(path), "%s/control", s->dir);
        c = client_at(path);
        if (!c || call_error(c, "ListProcesses", "asuu", 0, 0, 0) != 0)
                _exit(1);
        if (call_error(c, "Stop", "asa{sv}", 1, "a", 0) != 1)
                _exit(2);
}

Test(bus_limits, strangers_are_kept_out) {
        _scenario_ s = NULL;

        if (getuid() != 0)
                cr_skip_test("needs root");
        s = running_with(CONTROL_KEYS);
        cr_assert(chmod(s->dir, 0755) == 0);
        as_user(s, 4711, 4712, is_kept_out);
        scenario_stop(s);
}

/* A group that exists everywhere and that nobody here is in. */
#define GROUP "games"

Test(bus_limits, the_control_group_may_do_what_the_mode_says) {
        const struct group *group = getgrnam(GROUP);
        _scenario_ s = NULL;
        gid_t gid;

        if (getuid() != 0 || !group)
                cr_skip_test("needs root and a group " GROUP);
        gid = group->gr_gid;
        s = running_with(CONTROL_KEYS "control_group=" GROUP "\n");
        cr_assert(chmod(s->dir, 0755) == 0);
        as_user(s, 4711, gid, may_look_and_operate);
        scenario_await(s, "uid 4711 \\(pid [0-9]+\\) asks for Stop a");
        scenario_await(s, "uid 4711 \\(pid [0-9]+\\) may not Shutdown now");
        as_user(s, 4711, 4713, is_kept_out);

        scenario_configure(s, CONTROL_KEYS "control_group=" GROUP "\ncontrol_mode=read\n", A);
        scenario_signal(s, SIGHUP);
        scenario_await(s, "configuration reloaded");
        as_user(s, 4711, gid, may_look_only);
        scenario_stop(s);
}

/* ---------------------------------------------------------------- where */

Test(bus_limits, a_socket_that_was_left_behind_is_replaced) {
        _scenario_ s = running_with(CONTROL_KEYS);
        char *path = scenario_path(s, "control");
        struct stat st;

        pid_t a = scenario_pid(s, "a");

        scenario_signal(s, SIGKILL);
        (void)scenario_wait(s);
        (void)kill(a, SIGKILL);
        await_death(a);
        cr_assert(lstat(path, &st) == 0 && S_ISSOCK(st.st_mode));
        scenario_mark(s);
        scenario_start(s, NULL);
        scenario_await(s, "success: a");
        expect_served(s);
        scenario_stop(s);
        cr_expect(lstat(path, &st) < 0 && errno == ENOENT,
                  "it is left behind after an end in order");
        free(path);
}

Test(bus_limits, a_living_daemons_socket_is_not_taken) {
        _scenario_ s = running_with(CONTROL_KEYS);
        _scenario_ other = scenario_new();
        char keys[512];

        (void)snprintf(keys, sizeof(keys), "control_socket=%s/control\n", s->dir);
        scenario_configure(other, keys, A);
        scenario_start(other, NULL);
        scenario_await(other, "belongs to another supervisord");
        scenario_await_ready(other, 1);
        expect_served(s);
        scenario_signal(other, SIGTERM);
        cr_expect_eq(scenario_exit_status(other), 0);
        expect_served(s);
        scenario_stop(s);
}

Test(bus_limits, what_is_no_socket_is_not_replaced) {
        _scenario_ s = scenario_new();

        scenario_write(s, "control", "precious");
        scenario_configure(s, CONTROL_KEYS, A);
        scenario_start(s, NULL);
        scenario_await(s, "cannot make the control socket");
        scenario_await_ready(s, 1);
        scenario_await_text(s, "control", "precious");
        scenario_stop(s);
}

Test(bus_limits, none_makes_none) {
        _scenario_ s = running_with("control_socket=none\n");

        cr_expect_eq(client_raw(s), -1);
        cr_expect_eq(scenario_count(s, "control socket"), 0);
        scenario_stop(s);
}
