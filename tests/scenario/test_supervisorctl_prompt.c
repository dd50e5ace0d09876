/* supervisorctl's prompt: from a pipe, and on a terminal. */
#include <criterion/criterion.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness-ctl.h"

TestSuite(prompt, .timeout = 120);

#define UP "command=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
#define CAT "cat                              RUNNING   pid #, uptime #:#:#\n"

static Scenario *running(const char *programs, size_t n) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", programs);
        scenario_start(s, NULL);
        scenario_await_ready(s, n);
        scenario_await_count(s, n, "success: ");
        return s;
}

/* ---------------------------------------------------------------- from a pipe */

Test(prompt, reads_commands_from_a_pipe_as_python_does) {
        _scenario_ s = running("[program:cat]\n" UP, 1);

        ctl_expect_shell(
                s,
                "printf 'bogus\\n\\n  status cat  \\nshutdown\\nn\\nreload\\nn\\nversion\\n' | $CTL",
                CAT "supervisor> *** Unknown syntax: bogus\n"
                    "supervisor> supervisor> " CAT
                    "supervisor> Really shut the remote supervisord process down y/N? "
                    "supervisor> Really restart the remote supervisord process y/N? "
                    "supervisor> #.#.#\n"
                    "supervisor> \n",
                0);
        scenario_stop(s);
}

Test(prompt, ends_with_good_status_whatever_has_failed) {
        _scenario_ s = running("[program:cat]\n" UP, 1);

        ctl_expect_shell(s, "printf 'stop nope\\nquit\\nversion\\n' | $CTL",
                         CAT "supervisor> nope: ERROR (no such process)\nsupervisor> \n", 0);
        ctl_expect_shell(s, "printf 'EOF\\n' | $CTL", CAT "supervisor> \n", 0);
        ctl_expect_shell(s, "printf 'version\\n' | $CTL -i pid cat",
                         "#\n" CAT "supervisor> #.#.#\nsupervisor> \n", 0);
        scenario_stop(s);
}

Test(prompt, shuts_down_when_that_is_confirmed) {
        _scenario_ s = running("[program:cat]\n" UP, 1);

        ctl_expect_shell(
                s, "printf 'shutdown --wait\\ny\\nquit\\n' | $CTL",
                CAT "supervisor> Really shut the remote supervisord process down y/N? Shut down\n"
                    "supervisor> \n",
                0);
        cr_assert_eq(scenario_exit_status(s), 0);
}

Test(prompt, finds_the_daemon_again_after_it_was_away) {
        _scenario_ s = running("[program:cat]\n" UP, 1);

        ctl_expect_shell(s,
                         "{ pid=$($CTL pid cat); echo reload; echo y\n"
                         "  until new=$($CTL pid cat 2>/dev/null) && [ \"$new\" != $pid ] &&\n"
                         "    $CTL status cat | grep -q RUNNING; do sleep 0.05; done\n"
                         "  echo 'status cat'; } | $CTL | tail -n 2",
                         "supervisor> " CAT "supervisor> \n", 0);
        scenario_stop(s);
}

/* ---------------------------------------------------------------- on a terminal */

typedef struct Terminal {
        int fd;
        pid_t pid;
        char seen[65536];
        size_t n;
        size_t mark; /* expect() looks from here on */
} Terminal;

static Terminal *terminal_open(Scenario *s, const char *arguments) {
        const struct winsize size = { .ws_row = 40, .ws_col = 120 };
        Terminal *t = calloc(1, sizeof(*t));
        char *script;

        cr_assert_not_null(t);
        cr_assert(asprintf(&script, "exec %s -c %s/supervisord.conf %s", getenv("SUPERVISORCTL"),
                           s->dir, arguments) > 0);
        t->pid = forkpty(&t->fd, NULL, NULL, &size);
        cr_assert_geq(t->pid, 0);
        if (t->pid == 0) {
                (void)setenv("TERM", "xterm", 1);
                (void)execl("/bin/sh", "sh", "-c", script, NULL);
                _exit(127);
        }
        free(script);
        return t;
}

static void terminal_closep(Terminal **t) {
        if (!*t)
                return;
        if ((*t)->pid > 0) {
                (void)kill((*t)->pid, SIGKILL);
                (void)waitpid((*t)->pid, NULL, 0);
        }
        (void)close((*t)->fd);
        free(*t);
}
#define _terminal_ __attribute__((cleanup(terminal_closep))) Terminal *

/* Wait until @text is shown, from the mark on, which goes behind it. */
static void expect(Terminal *t, const char *text) {
        for (;;) {
                const char *found = strstr(t->seen + t->mark, text);
                struct pollfd fd = { .fd = t->fd, .events = POLLIN };
                ssize_t n;

                if (found) {
                        t->mark = (size_t)(found - t->seen) + strlen(text);
                        return;
                }
                cr_assert_gt(poll(&fd, 1, PATIENCE_MSEC), 0, "no '%s' in:\n%s", text, t->seen);
                n = read(t->fd, t->seen + t->n, sizeof(t->seen) - 1 - t->n);
                cr_assert_gt(n, 0, "no '%s' in:\n%s", text, t->seen);
                t->n += (size_t)n;
                t->seen[t->n] = '\0';
        }
}

static void type(Terminal *t, const char *text) {
        cr_assert_eq(write(t->fd, text, strlen(text)), (ssize_t)strlen(text));
}

static int terminal_wait(Terminal *t) {
        int status;

        /* what is left is read, or it could not end; a terminal's end is an error */
        while (read(t->fd, t->seen, sizeof(t->seen)) > 0)
                ;
        cr_assert_eq(waitpid(t->pid, &status, 0), t->pid);
        t->pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Test(prompt, completes_commands_and_names) {
        _scenario_ s = running("[program:cat]\n" UP "[program:web]\n" UP
                               "process_name=web_%(process_num)02d\nnumprocs=2\n",
                               3);
        _terminal_ t = terminal_open(s, "");

        expect(t, "supervisor> ");
        type(t, "sig\tCONT ca\t\n");
        expect(t, "cat: signalled");
        type(t, "help versi\t\n");
        expect(t, "Show the version");
        expect(t, "supervisor> ");
        type(t, "status web:web_0\t\t");
        expect(t, "web:web_00");
        expect(t, "web:web_01");
        type(t, "\025quit\n");
        cr_assert_eq(terminal_wait(t), 0);
        scenario_stop(s);
}

Test(prompt, keeps_its_history) {
        _scenario_ s = running("[program:cat]\n" UP, 1);
        _cleanup_(freep) char *arguments = NULL, *history = NULL;

        cr_assert(asprintf(&arguments, "-r %s/history", s->dir) > 0);
        {
                _terminal_ t = terminal_open(s, arguments);

                expect(t, "supervisor> ");
                type(t, "version\nquit\n");
                cr_assert_eq(terminal_wait(t), 0);
        }
        history = scenario_read(s, "history");
        cr_assert_not_null(strstr(history, "version"), "%s", history);
        {
                _terminal_ t = terminal_open(s, arguments);

                expect(t, "supervisor> ");
                type(t, "\020\020\n"); /* two lines up */
                expect(t, "version");
                type(t, "quit\n"); /* not Ctrl-D, which counts only while a line is edited */
                cr_assert_eq(terminal_wait(t), 0);
        }
        scenario_stop(s);
}

Test(prompt, ends_at_ctrl_c_as_python_does) {
        _scenario_ s = running("[program:cat]\n" UP, 1);
        _terminal_ t = terminal_open(s, "");

        expect(t, "supervisor> ");
        type(t, "stat\003");
        cr_assert_eq(terminal_wait(t), 0);
        scenario_stop(s);
}

#define SLOW                                                                      \
        "[program:slow]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n" \
        "startsecs=0\nstopwaitsecs=600\n"

Test(prompt, shows_who_is_awaited_and_comes_back_at_ctrl_c) {
        _scenario_ s = running(SLOW, 1);
        _terminal_ t = terminal_open(s, "");

        expect(t, "supervisor> ");
        type(t, "stop slow\n");
        expect(t, "waiting for slow (");
        type(t, "\003");
        expect(t, "error: interrupted");
        type(t, "kill slow\n");
        expect(t, "slow: killed");
        type(t, "quit\n");
        cr_assert_eq(terminal_wait(t), 0);
        scenario_stop(s);
}

Test(prompt, brings_a_process_to_the_foreground) {
        _scenario_ s = scenario_new();
        _terminal_ t = NULL;

        scenario_configure(s, "",
                           "[program:cat]\ncommand=/bin/sh -c 'echo hello; exec cat'\n"
                           "startsecs=0\nstdout_logfile=%(here)s/out\n");
        scenario_start(s, NULL);
        scenario_await_text(s, "out", "hello\n");
        t = terminal_open(s, "fg cat");
        expect(t, "==> Press Ctrl-C to exit <==");
        expect(t, "hello");
        type(t, "echoed\n");
        expect(t, "echoed"); /* the terminal's own echo */
        expect(t, "echoed"); /* the program's */
        type(t, "\003");
        expect(t, "Exiting foreground");
        cr_assert_eq(terminal_wait(t), 0);
        scenario_stop(s);
}

Test(prompt, leaves_the_foreground_when_the_process_ends) {
        _scenario_ s = running("[program:cat]\n" UP, 1);
        _terminal_ t = terminal_open(s, "fg cat");

        expect(t, "==> Press Ctrl-C to exit <==");
        ctl_expect(s, "stop cat", "cat: stopped\n", 0);
        expect(t, "Process got killed");
        expect(t, "Exiting foreground");
        cr_assert_eq(terminal_wait(t), 0);
        ctl_expect(s, "fg cat", "ERROR: process not running\n", 1);
        ctl_expect(s, "fg nope", "ERROR: bad process name supplied\n", 1);
        ctl_expect(s, "fg a b", "ERROR: too many process names supplied\n", 1);
        scenario_stop(s);
}
