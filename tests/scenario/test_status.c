/* What the service manager above is told about the programs and what they say. */
#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"

TestSuite(status, .timeout = 120);

/* The manager's end of NOTIFY_SOCKET, for the daemon that is started next. */
static int be_the_manager(Scenario *s) {
        _cleanup_(freep) char *path = scenario_path(s, "manager");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
        cr_assert_eq(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
        cr_assert_eq(setenv("NOTIFY_SOCKET", path, 1), 0);
        return fd;
}

/* Wait for a message with @part in it; what follows that in its line is the caller's. */
static char *await_message(int fd, const char *part) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        struct pollfd poller = { .fd = fd, .events = POLLIN };
        char message[4096], *found;
        ssize_t n;

        for (;;) {
                int64_t left = deadline - now_msec();

                cr_assert(left > 0 && poll(&poller, 1, (int)left) > 0, "no message with '%s'",
                          part);
                n = recv(fd, message, sizeof(message) - 1, 0);
                cr_assert_geq(n, 0);
                message[n] = '\0';
                found = strstr(message, part);
                if (!found)
                        continue;
                found += strlen(part);
                return strndup(found, strcspn(found, "\n"));
        }
}

static void expect_message(int fd, const char *part) {
        free(await_message(fd, part));
}

Test(status, names_the_one_that_is_waited_for_with_its_own_words) {
        _scenario_ s = scenario_new();
        _cleanup_(closep) int fd = be_the_manager(s);

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n"
                           "[program:b]\nreadiness=notify\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s notify=STATUS=loading await=%(here)s/go "
                           "notify=READY=1|STATUS=at-work\n");
        scenario_start(s, NULL);
        expect_message(fd, "STATUS=2 of 2 running, waiting for b: loading");
        scenario_write(s, "go", "");
        expect_message(fd, "READY=1\nSTATUS=2 of 2 running");
        scenario_stop(s);
}

Test(status, shows_what_the_only_program_says) {
        _scenario_ s = scenario_new();
        _cleanup_(closep) int fd = be_the_manager(s);

        scenario_configure(s, "",
                           "[program:a]\nnotify_socket=true\nstartsecs=0\n"
                           "command=%(ENV_CHILD)s notify=STATUS=serving\n");
        scenario_start(s, NULL);
        expect_message(fd, "STATUS=1 of 1 running: serving");
        scenario_stop(s);
}

Test(status, names_whose_health_checks_fail) {
        _scenario_ s = scenario_new();
        _cleanup_(closep) int fd = be_the_manager(s);

        scenario_configure(s, "",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n"
                           "healthcheck_interval=100ms\nhealthcheck_retries=1000\n"
                           "healthcheck_command=test -e %(here)s/good\n");
        scenario_start(s, NULL);
        expect_message(fd, "STATUS=1 of 1 running, failing health checks: a");
        scenario_write(s, "good", "");
        scenario_await(s, "a is healthy");
        expect_message(fd, "STATUS=1 of 1 running");
        scenario_stop(s);
}

Test(status, says_while_stopping_for_whom_and_for_how_long) {
        _scenario_ s = scenario_new();
        _cleanup_(closep) int fd = be_the_manager(s);
        _cleanup_(freep) char *extended = NULL, *rest = NULL;

        scenario_configure(s, "",
                           "[program:a]\nnotify_socket=true\nstartsecs=0\nstopwaitsecs=2\n"
                           "command=%(ENV_CHILD)s append=%(here)s/ready "
                           "tell=15:600:EXTEND_TIMEOUT_USEC=90000000|STATUS=flushing "
                           "append=%(here)s/ready\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 2);
        scenario_signal(s, SIGTERM);
        extended = await_message(fd, "STOPPING=1\nEXTEND_TIMEOUT_USEC=");
        cr_expect_lt(strtol(extended, NULL, 10), 10000000, "%s", extended);
        rest = await_message(fd, "STATUS=Stopping: waiting for a (SIGKILL in 1 min ");
        cr_expect(strstr(rest, "): flushing"), "%s", rest);
        free(extended);
        extended = await_message(fd, "EXTEND_TIMEOUT_USEC=");
        cr_expect_gt(strtol(extended, NULL, 10), 50000000, "%s", extended);
        cr_expect_eq(scenario_exit_status(s), 0);
        cr_expect_eq(scenario_count(s, "killing"), 0);
}

/* From the first moment nothing above may send more work, whatever the programs still do. */
Test(status, announces_the_end_before_anybody_is_asked_to_stop) {
        _scenario_ s = scenario_new();
        _cleanup_(closep) int fd = be_the_manager(s);
        _cleanup_(freep) char *file = scenario_path(s, "is-ready");

        scenario_configure(s, "drain_delay=1\nreadiness_file=%(here)s/is-ready\n",
                           "[program:a]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_start(s, NULL);
        expect_message(fd, "READY=1");
        cr_expect_eq(access(file, F_OK), 0);
        scenario_signal(s, SIGTERM);
        expect_message(fd, "STOPPING=1");
        cr_expect_eq(access(file, F_OK), -1);
        cr_expect_eq(scenario_count(s, "waiting for a to stop"), 0);
        cr_expect_eq(scenario_exit_status(s), 0);
}
