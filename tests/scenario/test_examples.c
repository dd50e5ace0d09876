/*
 * The worked examples of conf/examples, run as they are but for their places: files lie in the
 * test's folder, and the port is a free one.
 */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(examples, .timeout = 180);

static void need_python(void) {
        if (system("python3 -c '' 2>/dev/null") != 0)
                cr_skip_test("python3 is not installed");
}

static struct sockaddr_in loopback(int port) {
        return (struct sockaddr_in){ .sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int free_port(void) {
        struct sockaddr_in address = loopback(0);
        socklen_t len = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        cr_assert(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                  getsockname(fd, (struct sockaddr *)&address, &len) == 0);
        close(fd);
        return ntohs(address.sin_port);
}

/* Make the example @name the configuration; "PLACE/x" becomes a file of the folder. */
static void use_example(Scenario *s, const char *name, const char *place, int port) {
        _cleanup_(freep) char *command = NULL;

        cr_assert_gt(asprintf(&command,
                              "sed -e 's|%%(here)s|'\"$PWD\"'/conf/examples|' -e 's|%s|%s/|g'"
                              " -e 's|8080|%d|g' -e 's|^drain_delay = 5s|drain_delay = 1s|'"
                              " conf/examples/%s >%s/supervisord.conf",
                              place, s->dir, port, name, s->dir),
                     0);
        cr_assert_eq(system(command), 0, "%s", command);
}

Test(examples, are_correct) {
        static const char *const paths[] = {
                "conf/demo.conf",
                "conf/examples/shop.conf",
                "conf/examples/web.conf",
                "conf/examples/legacy.conf",
                "conf/examples/container.conf",
                "conf/examples/web.conf",
        };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                _scenario_ s = scenario_new();

                scenario_launch(s, "-t", "--strict", "--no-host-checks", "-c", paths[i], NULL);
                cr_expect_eq(scenario_exit_status(s), 0, "%s:\n%s", paths[i], s->log);
        }
}

/* ---------------------------------------------------------------- requests */

/*
 * Send a request and read the answer up to its end; gives its body, which the caller frees, or NULL
 * if it could not be sent or was not answered in full with @status.
 */
static char *ask(int port, const char *request, const char *status) {
        struct sockaddr_in address = loopback(port);
        char answer[1024] = "", *body;
        size_t size = 0;
        ssize_t n;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        cr_assert(fd >= 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
            send(fd, request, strlen(request), MSG_NOSIGNAL) == (ssize_t)strlen(request))
                while ((n = read(fd, answer + size, sizeof(answer) - 1 - size)) > 0)
                        size += (size_t)n;
        close(fd);
        body = strstr(answer, "\r\n\r\n");
        return strstr(answer, status) && body && body[strlen(body) - 1] == '\n' ? strdup(body + 4)
                                                                                : NULL;
}

typedef struct Customer {
        int port;
        pthread_t thread;
        volatile size_t n_confirmed;
        int numbers[100000]; /* of the orders that were confirmed */
} Customer;

/* Order until the shop is closed. */
static void *order(void *userdata) {
        Customer *c = userdata;

        while (c->n_confirmed < ELEMENTSOF(c->numbers)) {
                _cleanup_(freep) char *number =
                        ask(c->port, "POST /orders HTTP/1.0\r\nContent-Length: 4\r\n\r\nbook",
                            " 201 ");

                if (!number)
                        break;
                c->numbers[c->n_confirmed] = atoi(number);
                c->n_confirmed++;
        }
        return NULL;
}

static void await_orders(const Customer *c, size_t n) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;

        while (c->n_confirmed < n) {
                cr_assert(now_msec() < deadline, "%zu orders only", c->n_confirmed);
                (void)poll(NULL, 0, 5);
        }
}

static size_t count_lines(const char *text, const char *line) {
        size_t n = 0;

        for (const char *p = strstr(text, line); p; p = strstr(p + 1, line))
                n++;
        return n;
}

/* ---------------------------------------------------------------- the shop */

static void expect_all_in_journal(Scenario *s, const Customer *c) {
        _cleanup_(freep) char *journal = scenario_read(s, "journal");

        for (size_t i = 0; i < c->n_confirmed; i++) {
                char line[64];

                snprintf(line, sizeof(line), "\n+ %d book\n", c->numbers[i]);
                cr_expect_eq(count_lines(journal, line), 1, "order %d", c->numbers[i]);
                snprintf(line, sizeof(line), "\n- %d packed\n", c->numbers[i]);
                cr_expect_leq(count_lines(journal, line), 1, "order %d", c->numbers[i]);
        }
        /* A batch is brought in as a whole. */
        cr_expect_eq(count_lines(journal, " 1 of 3\n"), count_lines(journal, " 3 of 3\n"));
}

/* The customer, who would stop ordering at the first failure, goes on. */
static void restart_web_server(Scenario *s, const Customer *c, const char *name) {
        _cleanup_(freep) char *ready = NULL;
        pid_t pid = scenario_pid(s, name);
        size_t before;

        cr_assert_gt(asprintf(&ready, "%s is ready", name), 0);
        scenario_mark(s);
        cr_assert_eq(kill(pid, SIGTERM), 0);
        scenario_await(s, ready);
        before = c->n_confirmed;
        await_orders(c, before + 10);
}

Test(examples, the_shop_keeps_each_order_that_it_has_confirmed) {
        _cleanup_(freep) Customer *c = calloc(1, sizeof(*c));
        _scenario_ s = NULL;

        need_python();
        s = scenario_new();
        c->port = free_port();
        use_example(s, "shop.conf", "/tmp/supervisord-shop/*", c->port);
        scenario_start(s, NULL);
        scenario_await_count(s, 2, "web_[01] is ready");
        scenario_await(s, "batch 1 is in");
        cr_assert_eq(pthread_create(&c->thread, NULL, order, c), 0);
        await_orders(c, 30);
        restart_web_server(s, c, "web_1");
        scenario_mark(s);
        scenario_stop(s);
        cr_assert_eq(pthread_join(c->thread, NULL), 0);

        scenario_await_count(s, 6, "stopped: .* \\(exit status 0\\)");
        cr_expect_eq(scenario_count(s, "killing"), 0);
        cr_expect_lt(scenario_position(s, "stopped: web_1"),
                     scenario_position(s, "waiting for database to stop"));
        cr_expect_lt(scenario_position(s, "stopped: packer_1"),
                     scenario_position(s, "waiting for database to stop"));
        cr_expect_eq(scenario_count(s, "Traceback"), 0, "%s", s->log);
        expect_all_in_journal(s, c);
        cr_log_info("the shop confirmed %zu orders before it closed", c->n_confirmed);

        scenario_start(s, NULL);
        scenario_await(s, "was shut down in order");
        scenario_stop(s);
}

/* ---------------------------------------------------------------- old programs */

Test(examples, nothing_is_left_of_legacy_programs) {
        _scenario_ s = scenario_new();
        int64_t took;

        use_example(s, "legacy.conf", "/tmp/supervisord-", 8080);
        scenario_start(s, NULL);
        scenario_await(s, "^legacyd: at work");
        scenario_await(s, "^stubborn: at work");
        scenario_await(s, "success: legacyd");
        took = now_msec();
        scenario_stop(s);
        took = now_msec() - took;
        scenario_await(s, "^legacyd: bye");
        scenario_await(s, "stopped: legacyd \\(exit status 0\\)");
        scenario_await(s, "stopped: stubborn \\(terminated by SIGKILL\\)");
        cr_expect_geq(took, 2000);
        cr_expect_lt(took, 20000);
}

/* ---------------------------------------------------------------- the web tier */

/* From one client after the other, without a pause, until the first answer holds @part. */
static void ask_until(int port, const char *part) {
        int64_t end = now_msec() + PATIENCE_MSEC;
        bool found = false;

        while (!found) {
                _cleanup_(freep) char *body = ask(port, "GET / HTTP/1.0\r\n\r\n", " 200 ");

                cr_assert(body, "a request failed");
                found = strstr(body, part);
                cr_assert(now_msec() < end, "no answer with '%s'", part);
        }
}

Test(examples, the_web_tier_replaces_its_workers_without_refusing_anybody) {
        int port = free_port();
        _cleanup_(freep) char *change = NULL;
        _scenario_ s = NULL;

        need_python();
        s = scenario_new();
        use_example(s, "web.conf", "/tmp/supervisord-", port);
        scenario_start(s, NULL);
        scenario_await(s, "listening at 127.0.0.1");
        ask_until(port, "hello from "); /* before any worker is ready */

        cr_assert_gt(asprintf(&change,
                              "sed -i 's|GREETING=.*|GREETING=good-day|' %s/supervisord.conf",
                              s->dir),
                     0);
        cr_assert_eq(system(change), 0);
        scenario_await_count(s, 4, "worker_[0-3] is ready");
        scenario_mark(s);
        scenario_signal(s, SIGHUP);
        ask_until(port, "good-day from ");
        scenario_await_count(s, 4, "stopped: worker_[0-3] \\(exit status 0\\)");
        scenario_await_count(s, 4, "worker_[0-3] is ready");
        scenario_stop(s);
}

/* ---------------------------------------------------------------- the container */

static void *ask_slowly(void *userdata) {
        return ask(*(int *)userdata, "GET /slow HTTP/1.0\r\n\r\n", " 200 ");
}

Test(examples, the_container_answers_while_it_drains_and_ships_its_last_words) {
        int port = free_port();
        _cleanup_(freep) char *ready = NULL, *during = NULL;
        _scenario_ s = NULL;
        pthread_t thread;
        void *slow = NULL;

        need_python();
        s = scenario_new();
        scenario_run_as_pid_1(s);
        use_example(s, "container.conf", "/run/", port);
        scenario_start(s, NULL);
        scenario_await(s, "web is ready");
        free(scenario_read(s, "supervisord-ready"));
        ready = scenario_path(s, "supervisord-ready");

        scenario_signal(s, SIGTERM);
        scenario_await(s, "draining for");
        cr_expect(access(ready, F_OK) < 0, "it is still shown as ready");
        during = ask(port, "GET /during HTTP/1.0\r\n\r\n", " 200 ");
        cr_expect(during, "a request while it drains is refused");
        cr_assert_eq(pthread_create(&thread, NULL, ask_slowly, &port), 0);
        cr_expect_eq(scenario_exit_status(s), 0);
        cr_assert_eq(pthread_join(thread, &slow), 0);
        cr_expect(slow, "a slow request is cut");
        free(slow);

        scenario_await(s, "stopped: web \\(exit status 0\\)");
        scenario_await(s, "shipped: /slow");
        scenario_await(s, "stopped: shipper \\(exit status 0\\)");
        scenario_assert_nothing_left(s);
}
