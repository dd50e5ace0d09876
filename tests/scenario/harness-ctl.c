#include "harness-ctl.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"

/* ---------------------------------------------------------------- running it */

static _Noreturn void run_shell(Scenario *s, const char *script, int output) {
        char *command = NULL;

        cr_assert(asprintf(&command, "%s -c %s/supervisord.conf", getenv("SUPERVISORCTL"), s->dir) >
                  0);
        (void)setenv("CTL", command, 1);
        (void)setenv("DIR", s->dir, 1);
        (void)setenv("TZ", "UTC", 1);
        (void)dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
        (void)dup2(output, STDOUT_FILENO);
        (void)dup2(output, STDERR_FILENO);
        (void)execl("/bin/sh", "sh", "-c", script, NULL);
        _exit(127);
}

/* All that comes from @fd until its end. */
static char *read_all(int fd) {
        char *text = NULL;
        size_t n = 0;

        for (;;) {
                ssize_t got;

                text = realloc(text, n + 65536);
                cr_assert_not_null(text);
                got = read(fd, text + n, 65535);
                if (got <= 0)
                        break;
                n += (size_t)got;
        }
        text[n] = '\0';
        return text;
}

char *ctl_shell(Scenario *s, const char *script, int *ret_status) {
        int fds[2], status;
        char *text;
        pid_t pid;

        cr_assert_not_null(getenv("SUPERVISORCTL"), "SUPERVISORCTL is not set");
        cr_assert_eq(pipe2(fds, O_CLOEXEC), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
                run_shell(s, script, fds[1]);
        (void)close(fds[1]);
        text = read_all(fds[0]);
        (void)close(fds[0]);
        while (waitpid(pid, &status, 0) < 0)
                cr_assert_eq(errno, EINTR);
        *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return text;
}

/* ---------------------------------------------------------------- comparing */

static bool fits(char shape, unsigned char c) {
        switch (shape) {
        case '0':
                return isdigit(c);
        case 'A':
                return isupper(c);
        case 'a':
                return islower(c);
        default:
                return c == (unsigned char)shape;
        }
}

/* How many characters at @text are a time such as "Nov 22 04:52 PM"; 0 if none are. */
static size_t time_length(const char *text) {
        static const char shape[] = "Aaa 00 00:00 AM";

        for (size_t i = 0; i < strlen(shape); i++)
                if (!fits(shape[i], (unsigned char)text[i]))
                        return 0;
        return strlen(shape);
}

static size_t count_digits(const char *text) {
        size_t n = 0;

        while (isdigit((unsigned char)text[n]))
                n++;
        return n;
}

bool ctl_matches(const char *text, const char *expected) {
        for (; *expected; expected++) {
                size_t n;

                if (*expected == '~') {
                        for (; *text != '\n' && *text != '\0'; text++)
                                if (ctl_matches(text + 1, expected + 1))
                                        return true;
                        return false;
                }
                n = *expected == '#'   ? count_digits(text)
                    : *expected == '@' ? time_length(text)
                                       : *text == *expected;
                if (n == 0)
                        return false;
                text += n;
        }
        return *text == '\0';
}

void ctl_expect_shell(Scenario *s, const char *script, const char *expected, int status) {
        _cleanup_(freep) char *text = NULL;
        int got;

        text = ctl_shell(s, script, &got);
        cr_expect(ctl_matches(text, expected), "%s\nwrote:\n%sinstead of:\n%s", script, text,
                  expected);
        cr_expect_eq(got, status, "%s\nexited with %d instead of %d", script, got, status);
}

void ctl_expect(Scenario *s, const char *arguments, const char *expected, int status) {
        _cleanup_(freep) char *script = NULL;

        cr_assert(asprintf(&script, "exec $CTL %s", arguments) > 0);
        ctl_expect_shell(s, script, expected, status);
}

void ctl_await(Scenario *s, const char *arguments, const char *expected) {
        const struct timespec pause = { .tv_nsec = 20000000 };
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        _cleanup_(freep) char *script = NULL;

        cr_assert(asprintf(&script, "exec $CTL %s", arguments) > 0);
        for (;;) {
                _cleanup_(freep) char *text = NULL;
                int status;

                text = ctl_shell(s, script, &status);
                if (ctl_matches(text, expected))
                        return;
                cr_assert_lt(now_msec(), deadline, "%s\nwrote in the end:\n%sinstead of:\n%s",
                             script, text, expected);
                (void)nanosleep(&pause, NULL); /* asked again, as this has no event to wait for */
        }
}
