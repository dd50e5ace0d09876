/*
 * Servers of the distribution, as people supervise them: each is stopped with the signal that its
 * manual names, in the middle of work, and has to end in order. Each runs as the user that its
 * package made, on unix sockets only, in a folder of its own. A server that is not installed is
 * skipped.
 */
#include <criterion/criterion.h>
#include <glob.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macro.h"
#include "scenario/harness.h"

TestSuite(nginx, .timeout = 120);
TestSuite(redis, .timeout = 120);
TestSuite(postgresql, .timeout = 180);

#define BIG_BYTES (256 * 1024) /* sent at 128 KiB/s, so that a stop falls into it */

/* The path that @pattern matches, or the test is skipped. Owned. */
static char *installed(const char *pattern) {
        char *path = NULL;
        glob_t found;

        if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0)
                path = strdup(found.gl_pathv[found.gl_pathc - 1]);
        globfree(&found);
        if (!path)
                cr_skip_test("not installed");
        return path;
}

/* As root the servers run as @user, who then owns the folder; gives "user=…" for the program. */
static const char *give_folder_to(Scenario *s, const char *user) {
        static char line[64];
        struct passwd *pw;

        if (getuid() != 0)
                return "";
        pw = getpwnam(user);
        if (!pw)
                cr_skip_test("the package's user is missing");
        cr_assert(chown(s->dir, pw->pw_uid, pw->pw_gid) == 0);
        snprintf(line, sizeof(line), "user=%s", user);
        return line;
}

static void run(const char *command) {
        cr_assert(system(command) == 0, "%s", command);
}

/* Connect to the unix socket @name of the folder; waits until somebody listens. */
static int connect_to(Scenario *s, const char *name) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        cr_assert(fd >= 0);
        snprintf(address.sun_path, sizeof(address.sun_path), "%s/%s", s->dir, name);
        while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
                cr_assert(now_msec() < deadline, "%s: %m", address.sun_path);
                (void)poll(NULL, 0, 10);
        }
        return fd;
}

static void send_text(int fd, const char *text) {
        cr_assert_eq(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Read until the end and give the number of bytes. */
static size_t receive_rest(int fd) {
        char buffer[65536];
        size_t sum = 0;
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) > 0)
                sum += n;
        return sum;
}

static void await_text(Scenario *s, const char *file, const char *text) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;

        for (;;) {
                _cleanup_(freep) char *all = scenario_read(s, file);

                if (strstr(all, text))
                        return;
                cr_assert(now_msec() < deadline, "'%s' does not come in %s:\n%s", text, file, all);
                (void)poll(NULL, 0, 20);
        }
}

static void expect_text(Scenario *s, const char *file, const char *text, bool expected) {
        _cleanup_(freep) char *all = scenario_read(s, file);

        cr_assert_eq(strstr(all, text) != NULL, expected, "'%s' is %s in %s:\n%s", text,
                     expected ? "missing" : "present", file, all);
}

static void write_nginx_files(Scenario *s) {
        _cleanup_(freep) char *big = scenario_path(s, "big"), *text = NULL;

        cr_assert(asprintf(&text,
                           "pid %1$s/nginx.pid;\nerror_log %1$s/error.log notice;\n"
                           "worker_processes 2;\nevents { worker_connections 64; }\n"
                           "http {\n  access_log off;\n"
                           "  client_body_temp_path %1$s/t1; proxy_temp_path %1$s/t2;\n"
                           "  fastcgi_temp_path %1$s/t3; uwsgi_temp_path %1$s/t4;\n"
                           "  scgi_temp_path %1$s/t5;\n"
                           "  server { listen unix:%1$s/nginx.sock; root %1$s; limit_rate 128k; }\n"
                           "}\n",
                           s->dir) >= 0);
        scenario_write(s, "nginx.conf", text);
        scenario_write(s, "big", "");
        cr_assert(truncate(big, BIG_BYTES) == 0);
}

/* Stop nginx while it sends a file slowly: all of the file has to arrive. */
static void expect_graceful_nginx(const char *daemon_mode, const char *keys) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *nginx = installed("/usr/sbin/nginx"), *programs = NULL;
        char first[256];
        size_t received;
        int fd;

        write_nginx_files(s);
        cr_assert(asprintf(&programs,
                           "[program:nginx]\n"
                           "command=%s -e %s/error.log -c %s/nginx.conf -g \"daemon %s;\"\n"
                           "stopsignal=QUIT\nstartsecs=1\n%s\n%s\n",
                           nginx, s->dir, s->dir, daemon_mode, give_folder_to(s, "www-data"),
                           keys) >= 0);
        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await(s, "success: nginx");
        fd = connect_to(s, "nginx.sock");
        send_text(fd, "GET /big HTTP/1.0\r\n\r\n");
        received = read(fd, first, sizeof(first));
        cr_assert(received > 0 && strncmp(first, "HTTP/1.1 200", 12) == 0);
        scenario_signal(s, SIGTERM);
        received += receive_rest(fd);
        close(fd);
        cr_assert_gt(received, BIG_BYTES, "%zu bytes of %d", received, BIG_BYTES);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_await(s, "INFO stopped: nginx \\(exit status 0\\)");
        cr_assert_eq(scenario_count(s, "killing"), 0);
        expect_text(s, "error.log", "gracefully shutting down", true);
        scenario_assert_nothing_left(s);
}

Test(nginx, finishes_its_requests_on_sigquit) {
        expect_graceful_nginx("off", "");
}

Test(nginx, is_followed_when_it_makes_itself_a_daemon) {
        expect_graceful_nginx("on", "type=forking\npidfile=%(here)s/nginx.pid");
}

Test(redis, saves_its_data_before_it_ends) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *redis = installed("/usr/bin/redis-server"), *programs = NULL;
        char reply[64] = "";
        int fd;

        cr_assert(
                asprintf(&programs,
                         "[program:redis]\n"
                         "command=%s --port 0 --unixsocket %s/redis.sock --dir %s --save \"900 1\""
                         " --daemonize no\n"
                         "stdout_logfile=%s/redis.log\n%s\n",
                         redis, s->dir, s->dir, s->dir, give_folder_to(s, "redis")) >= 0);
        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await(s, "success: redis");
        fd = connect_to(s, "redis.sock");
        send_text(fd, "SET kept yes\r\n");
        cr_assert(read(fd, reply, sizeof(reply) - 1) > 0 && strncmp(reply, "+OK", 3) == 0, "%s",
                  reply);
        scenario_stop(s);
        close(fd);
        scenario_await(s, "INFO stopped: redis \\(exit status 0\\)");
        expect_text(s, "redis.log", "Redis is now ready to exit, bye bye", true);

        scenario_start(s, NULL);
        scenario_await(s, "success: redis");
        fd = connect_to(s, "redis.sock");
        send_text(fd, "GET kept\r\n");
        memset(reply, 0, sizeof(reply));
        cr_assert(read(fd, reply, sizeof(reply) - 1) > 0 && strncmp(reply, "$3\r\nyes", 7) == 0,
                  "%s", reply);
        close(fd);
        scenario_stop(s);
}

/* A cluster in the folder, made by the package's initdb as the user who will run it. */
static void make_cluster(Scenario *s, const char *postgres) {
        _cleanup_(freep) char *command = NULL;

        cr_assert(
                asprintf(
                        &command,
                        "cd %s && %s %.*s/initdb -D data -A trust --no-sync -U tester >initdb.log 2>&1",
                        s->dir,
                        getuid() == 0 ? "setpriv --reuid postgres --regid postgres --init-groups"
                                      : "",
                        (int)(strrchr(postgres, '/') - postgres), postgres) >= 0);
        run(command);
}

/* Open a connection that is in the middle of a transaction for longer than the test takes. */
static FILE *begin_transaction(Scenario *s, const char *postgres) {
        _cleanup_(freep) char *command = NULL;
        FILE *session;

        cr_assert(asprintf(&command, "%.*s/psql -q -h %s -U tester postgres >%s/session.log 2>&1",
                           (int)(strrchr(postgres, '/') - postgres), postgres, s->dir,
                           s->dir) >= 0);
        session = popen(command, "we");
        cr_assert(session);
        fputs("CREATE TABLE kept (n int);\nINSERT INTO kept VALUES (42);\nBEGIN;\n"
              "INSERT INTO kept VALUES (43);\nSELECT 'in-progress';\n",
              session);
        cr_assert_eq(fflush(session), 0);
        await_text(s, "session.log", "in-progress");
        return session;
}

Test(postgresql, shuts_down_cleanly_on_sigint) {
        _scenario_ s = scenario_new();
        _cleanup_(freep) char *postgres = installed("/usr/lib/postgresql/*/bin/postgres");
        _cleanup_(freep) char *programs = NULL;
        const char *user = give_folder_to(s, "postgres");
        FILE *session;

        make_cluster(s, postgres);
        cr_assert(
                asprintf(
                        &programs,
                        "[program:postgres]\n"
                        "command=%s -D %s/data -c listen_addresses= -c unix_socket_directories=%s\n"
                        "stopsignal=INT\nstopwaitsecs=60\nredirect_stderr=true\n"
                        "stdout_logfile=%s/postgres-%%(ENV_ROUND)s.log\n%s\n",
                        postgres, s->dir, s->dir, s->dir, user) >= 0);
        scenario_configure(s, "", programs);
        cr_assert(setenv("ROUND", "1", 1) == 0);
        scenario_start(s, NULL);
        await_text(s, "postgres-1.log", "database system is ready to accept connections");
        session = begin_transaction(s, postgres);
        scenario_signal(s, SIGTERM);
        cr_assert_eq(scenario_exit_status(s), 0);
        (void)pclose(session); /* its server is gone: it fails, as it should */
        scenario_await(s, "INFO stopped: postgres \\(exit status 0\\)");
        expect_text(s, "postgres-1.log", "received fast shutdown request", true);
        expect_text(s, "postgres-1.log", "database system is shut down", true);
        scenario_assert_nothing_left(s);

        cr_assert(setenv("ROUND", "2", 1) == 0);
        scenario_start(s, NULL);
        await_text(s, "postgres-2.log", "database system is ready to accept connections");
        expect_text(s, "postgres-2.log", "database system was shut down at", true);
        expect_text(s, "postgres-2.log", "recovery", false);
        scenario_stop(s);
}
