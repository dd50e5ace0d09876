/*
 * What supervisorctl prints and how it exits: in each situation what Python's does, against the
 * real daemon.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness-ctl.h"

TestSuite(supervisorctl, .timeout = 180);

typedef struct Case {
        const char *arguments;
        const char *expected;
        int status;
} Case;

static void expect_all(Scenario *s, const Case *cases, size_t n) {
        for (size_t i = 0; i < n; i++)
                ctl_expect(s, cases[i].arguments, cases[i].expected, cases[i].status);
}

/* One of everything: running, failing in several ways, done, never started, and a group. */
#define SITUATION                                                                           \
        "[program:cat]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"         \
        "[program:bad]\ncommand=/no/such/thing\nstartretries=1000\nbackoff_min=1h\n"        \
        "[program:quick]\ncommand=%(ENV_CHILD)s exit=1\nstartretries=0\n"                   \
        "[program:done]\ncommand=%(ENV_CHILD)s exit=0\nstartsecs=0\nautorestart=false\n"    \
        "[program:idle]\ncommand=%(ENV_CHILD)s\nstartsecs=0\nautostart=false\npriority=5\n" \
        "[program:web]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"         \
        "numprocs=2\nprocess_name=web_%(process_num)02d\n"

/* Everything has got to where it stays. */
static Scenario *in_the_situation(void) {
        Scenario *s = scenario_new();

        scenario_configure(s, "", SITUATION);
        scenario_start(s, NULL);
        scenario_await_ready(s, 3);
        scenario_await(s, "gave up: quick entered FATAL");
        scenario_await(s, "exited: done");
        scenario_await(s, "spawnerr: ");
        return s;
}

/* ---------------------------------------------------------------- looking */

#define CAT "cat                              RUNNING   pid #, uptime #:#:#\n"
#define IDLE "idle                             STOPPED   Not started\n"
#define WEB_0 "web:web_00                       RUNNING   pid #, uptime #:#:#\n"
#define WEB_1 "web:web_01                       RUNNING   pid #, uptime #:#:#\n"

Test(supervisorctl, shows_status_as_python_does) {
        static const Case cases[] = {
                { "status",
                  "bad                              BACKOFF   can't find command '/no/such/thing'\n" CAT
                  "done                             EXITED    @\n" IDLE
                  "quick                            FATAL     Exited too quickly (process log may "
                  "have details)\n" WEB_0 WEB_1,
                  3 },
                { "status cat", CAT, 0 },
                { "status idle", IDLE, 3 },
                { "status 'web:*'", WEB_0 WEB_1, 0 },
                { "status web:web_01", WEB_1, 0 },
                { "status web:web_01 cat", WEB_1 CAT, 0 },
                { "status nope", "nope: ERROR (no such process)\n", 4 },
                { "status 'x:*'", "x: ERROR (no such group)\n", 4 },
                { "status nope cat", "nope: ERROR (no such process)\n" CAT, 4 },
                { "status nope idle", "nope: ERROR (no such process)\n" IDLE, 3 },
                /* ours */
                { "status 'w*0'", WEB_0, 0 },
                { "status 'x*'", "x*: ERROR (no such process)\n", 4 },
                { "status --exit-ok=stopped,EXITED idle done",
                  IDLE "done                             EXITED    @\n", 0 },
                { "status --exit-ok=EXITED idle", IDLE, 3 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, shows_the_rest_as_python_does) {
        static const Case cases[] = {
                { "pid", "#\n", 0 },
                { "pid cat", "#\n", 0 },
                { "pid idle", "0\n", 7 },
                { "pid nope", "No such process nope\n", 1 },
                { "pid nope cat", "No such process nope\n#\n", 1 },
                { "pid all", "0\n#\n0\n0\n0\n#\n#\n", 0 },
                { "pid all x", "0\n#\n0\n0\n0\n#\n#\n", 0 },
                { "avail",
                  "bad                              in use    auto      999:999\n"
                  "cat                              in use    auto      999:999\n"
                  "done                             in use    auto      999:999\n"
                  "idle                             in use    manual    5:5\n"
                  "quick                            in use    auto      999:999\n"
                  "web:web_00                       in use    auto      999:999\n"
                  "web:web_01                       in use    auto      999:999\n",
                  0 },
                { "avail x",
                  "Error: avail accepts no arguments\n"
                  "avail\t\t\tDisplay all configured processes\n",
                  1 },
                { "version", "#.#.#\n", 0 },
                { "version 3",
                  "Error: version accepts no arguments\n"
                  "version\t\t\tShow the version of the remote supervisord process\n",
                  1 },
                { "names", "bad\ncat\ndone\nidle\nquick\nweb:*\nweb:web_00\nweb:web_01\n", 0 },
                { "reread", "No config updates to processes\n", 0 },
                { "reread x",
                  "Error: reread accepts no arguments\n"
                  "reread \t\t\tReload the daemon's configuration files without add/remove\n",
                  1 },
                { "update", "", 0 },
                { "update --plan", "No config updates to processes\n", 0 },
                { "update nope", "ERROR: no such group: nope\n", 1 },
                { "add", "", 0 },
                { "remove", "", 0 },
                { "bogus", "*** Unknown syntax: bogus\n", 1 },
                { "'!ls'", "*** Unknown syntax: !ls\n", 1 },
                { "quit", "\n", 0 },
                { "exit x", "\n", 0 },
                { "open x", "ERROR: url must be http:// or unix://\n", 1 },
                { "help nope", "*** No help on nope\n", 0 },
                { "help exit", "exit\tExit the supervisor shell.\n", 0 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

/* ---------------------------------------------------------------- start and stop */

#define START_HELP                                                  \
        "start <name>\t\tStart a process\n"                         \
        "start <gname>:*\t\tStart all processes in a group\n"       \
        "start <name> <name>\tStart multiple processes or groups\n" \
        "start all\t\tStart all processes\n"
#define STOP_HELP                                                 \
        "stop <name>\t\tStop a process\n"                         \
        "stop <gname>:*\t\tStop all processes in a group\n"       \
        "stop <name> <name>\tStop multiple processes or groups\n" \
        "stop all\t\tStop all processes\n"

Test(supervisorctl, starts_as_python_does) {
        static const Case cases[] = {
                { "start cat", "cat: ERROR (already started)\n", 0 },
                { "start nope", "nope: ERROR (no such process)\n", 1 },
                { "start web:zz", "web:zz: ERROR (no such process)\n", 1 },
                { "start 'x:*'", "x: ERROR (no such group)\n", 2 },
                { "start 'web:*'", "", 0 },
                { "start", "Error: start requires a process name\n" START_HELP, 2 },
                { "start quick", "quick: ERROR (spawn error)\n", 7 },
                { "start idle", "idle: started\n", 0 },
                { "start idle cat", "idle: ERROR (already started)\ncat: ERROR (already started)\n",
                  0 },
                { "start done", "done: started\n", 0 },
                { "stop web:web_00", "web:web_00: stopped\n", 0 },
                { "start 'web:*'", "web:web_00: started\n", 0 },
                { "stop web:web_01", "web:web_01: stopped\n", 0 },
                { "start web:", "web:web_01: started\n", 0 },
                { "start nope cat", "nope: ERROR (no such process)\ncat: ERROR (already started)\n",
                  1 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, stops_as_python_does) {
        static const Case cases[] = {
                { "stop", "Error: stop requires a process name\n" STOP_HELP, 1 },
                { "stop idle", "idle: ERROR (not running)\n", 0 },
                { "stop nope", "nope: ERROR (no such process)\n", 1 },
                { "stop 'x:*'", "x: ERROR (no such group)\n", 1 },
                { "stop web:zz", "web:zz: ERROR (no such process)\n", 1 },
                { "stop cat", "cat: stopped\n", 0 },
                { "status cat", "cat                              STOPPED   @\n", 3 },
                { "stop cat web:web_01", "cat: ERROR (not running)\nweb:web_01: stopped\n", 0 },
                { "stop 'web:*'", "web:web_00: stopped\n", 0 },
                { "stop 'web:*'", "", 0 },
                { "stop bad", "bad: stopped\n", 0 },
                { "stop all", "", 0 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, restarts_as_python_does) {
        static const Case cases[] = {
                { "restart nope", "nope: ERROR (no such process)\nnope: ERROR (no such process)\n",
                  1 },
                { "restart idle", "idle: ERROR (not running)\nidle: started\n", 0 },
                { "restart web:",
                  "web:web_00: stopped\nweb:web_01: stopped\n"
                  "web:web_00: started\nweb:web_01: started\n",
                  0 },
                { "restart cat idle", "cat: stopped\nidle: stopped\ncat: started\nidle: started\n",
                  0 },
                { "restart",
                  "Error: restart requires a process name\n"
                  "restart <name>\t\tRestart a process\n"
                  "restart <gname>:*\tRestart all processes in a group\n"
                  "restart <name> <name>\tRestart multiple processes or groups\n"
                  "restart all\t\tRestart all processes\n"
                  "Note: restart does not reread config files. For that, see reread and update.\n",
                  1 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, signals_as_python_does) {
        static const Case cases[] = {
                { "signal CONT cat", "cat: signalled\n", 0 },
                { "signal SIGCONT web:web_00", "web:web_00: signalled\n", 0 },
                { "signal 18 'web:*'", "web:web_00: signalled\nweb:web_01: signalled\n", 0 },
                { "signal CONT all",
                  "cat: signalled\nweb:web_00: signalled\nweb:web_01: signalled\n", 0 },
                { "signal FOO cat", "cat: ERROR (bad signal name)\n", 1 },
                { "signal CONT idle", "idle: ERROR (not running)\n", 7 },
                { "signal CONT nope", "nope: ERROR (no such process)\n", 1 },
                { "signal CONT 'g:*'", "g: ERROR (no such group)\n", 1 },
                { "signal CONT",
                  "Error: signal requires a signal name and a process name\n"
                  "signal <signal name> <name>\t\tSignal a process\n"
                  "signal <signal name> <gname>:*\t\tSignal all processes in a group\n"
                  "signal <signal name> <name> <name>\tSignal multiple processes or groups\n"
                  "signal <signal name> all\t\tSignal all processes\n",
                  1 },
        };
        _scenario_ s = in_the_situation();

        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, tells_why_a_program_cannot_be_started) {
        static const Case cases[] = {
                { "start gone", "gone: ERROR (no such file)\n", 1 },
                { "start text", "text: ERROR (file is not executable)\n", 1 },
        };
        _scenario_ s = scenario_new();

        scenario_write(s, "text", "no program\n");
        scenario_configure(s, "",
                           "[program:gone]\ncommand=/no/such/thing\nautostart=false\n"
                           "[program:text]\ncommand=%(here)s/text\nautostart=false\n");
        scenario_start(s, NULL);
        scenario_await(s, "supervisord started");
        ctl_await(s, "pid", "#\n");
        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

/* ---------------------------------------------------------------- logs */

Test(supervisorctl, shows_logs_as_python_does) {
        static const Case cases[] = {
                { "tail talks", "one\ntwo\nthree\n\n", 0 },
                { "tail -4 talks", "ree\n\n", 0 },
                { "tail talks stderr", "wrong\n\n", 0 },
                { "tail talks STDERR", "wrong\n\n", 0 },
                { "tail mute", "mute: ERROR (no log file)\n", 1 },
                { "tail nope", "nope: ERROR (no such process name)\n", 1 },
                { "tail web:zz", "web:zz: ERROR (no such process name)\n", 1 },
                { "tail -5x talks", "Error: bad argument -5x\n", 1 },
                { "tail talks z", "Error: bad channel 'z'\n", 1 },
                { "tail -f", "Error: tail requires process name\n", 1 },
                { "maintail -f x", "Error: too many arguments\n~\n~\n~\n~\n\n", 1 },
                { "maintail x", "Error: bad argument x\n", 1 },
                { "clear nope", "nope: ERROR (no such process)\n", 1 },
                /* ours */
                { "tail -n 2 talks", "two\nthree\n", 0 },
                { "tail -n 99 talks", "one\ntwo\nthree\n", 0 },
                { "tail -n 0 talks", "", 0 },
                { "tail -n x talks", "Error: bad argument -n x\n", 1 },
                { "clear 'g:*'", "g: ERROR (no such group)\n", 1 },
                { "clear talks", "talks: cleared\n", 0 },
                { "tail talks", "\n", 0 },
        };
        _scenario_ s = scenario_new();

        scenario_configure(
                s, "",
                "[program:talks]\ncommand=%(ENV_CHILD)s say=one say=two say=three err=wrong\n"
                "startsecs=0\nstdout_logfile=%(here)s/out\nstderr_logfile=%(here)s/err\n"
                "[program:mute]\ncommand=%(ENV_CHILD)s\nstdout_logfile=NONE\n"
                "stderr_logfile=NONE\n");
        scenario_start(s, NULL);
        scenario_await_text(s, "out", "one\ntwo\nthree\n");
        scenario_await_text(s, "err", "wrong\n");
        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

Test(supervisorctl, follows_a_log_through_its_rotation) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:talks]\ncommand=%(ENV_CHILD)s say=one await=%(here)s/go "
                           "say=two await=%(here)s/on say=three\n"
                           "startsecs=0\nstdout_logfile=%(here)s/out\n");
        scenario_start(s, NULL);
        scenario_await_text(s, "out", "one\n");
        ctl_expect_shell(s,
                         ": >$DIR/seen; $CTL tail -f talks >$DIR/seen & tail=$!\n"
                         "until grep -q one $DIR/seen; do sleep 0.01; done\n"
                         "touch $DIR/go; until grep -q two $DIR/seen; do sleep 0.01; done\n"
                         "$CTL rotate talks\n"
                         "touch $DIR/on; until grep -q three $DIR/seen; do sleep 0.01; done\n"
                         "kill $tail; wait $tail 2>/dev/null; cat $DIR/seen",
                         "talks: rotated\n==> Press Ctrl-C to exit <==\none\ntwo\nthree\n", 0);
        scenario_stop(s);
}

/* ---------------------------------------------------------------- the configuration */

#define KEEP "[program:keep]\ncommand=%(ENV_CHILD)s append=%(here)s/ready\nstartsecs=0\n"
#define KEEP_RUNS "keep                             RUNNING   pid #, uptime #:#:#\n"

Test(supervisorctl, applies_a_changed_configuration_as_python_does) {
        static const Case cases[] = {
                { "reread", "b: changed\nc: disappeared\nd: available\n", 0 },
                { "update --plan", "b: restart (environment)\nc: remove\nd: add\n", 0 },
                { "add d", "d: added process group\n", 0 },
                { "add d", "ERROR: process group already active\n", 0 },
                { "add nope", "ERROR: no such process/group: nope\n", 1 },
                { "remove d", "ERROR: process/group still running: d\n", 1 },
                { "stop d", "d: stopped\n", 0 },
                { "remove d", "d: removed process group\n", 0 },
                { "remove nope", "ERROR: no such process/group: nope\n", 1 },
                { "update",
                  "c: stopped\nc: removed process group\n"
                  "b: stopped\nb: updated process group\n"
                  "d: added process group\n",
                  0 },
                { "update", "", 0 },
        };
        _scenario_ s = scenario_new();
        pid_t kept;

        scenario_configure(s, "",
                           KEEP "[program:b]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n"
                                "[program:c]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        scenario_start(s, NULL);
        scenario_await_count(s, 3, "success: ");
        kept = scenario_pid(s, "keep");
        scenario_configure(s, "",
                           KEEP "[program:b]\ncommand=%(ENV_CHILD)s\nstartsecs=0\nenvironment=A=1\n"
                                "[program:d]\ncommand=%(ENV_CHILD)s\nstartsecs=0\n");
        expect_all(s, cases, ELEMENTSOF(cases));
        cr_assert_eq(scenario_pid(s, "keep"), kept);
        cr_assert(is_alive(kept));
        scenario_stop(s);
}

Test(supervisorctl, tells_what_is_wrong_with_a_configuration) {
        static const Case cases[] = {
                { "reread", "ERROR: CANT_REREAD: ~startsecs~\n", 1 },
                { "update", "ERROR: CANT_REREAD: ~startsecs~\n", 1 },
                { "update --plan", "ERROR: CANT_REREAD: ~startsecs~\n", 1 },
                { "status keep", KEEP_RUNS, 0 },
        };
        _scenario_ s = scenario_new();

        scenario_configure(s, "", KEEP);
        scenario_start(s, NULL);
        scenario_await(s, "success: keep");
        scenario_configure(s, "", "[program:keep]\ncommand=x\nstartsecs=soon\n");
        expect_all(s, cases, ELEMENTSOF(cases));
        scenario_stop(s);
}

/* ---------------------------------------------------------------- without a daemon */

Test(supervisorctl, tells_that_there_is_no_daemon_as_python_does) {
        static const char *const upchecked[] = { "start x",    "start",  "stop x",   "restart x",
                                                 "signal 1 x", "tail x", "maintail", "clear x",
                                                 "pid",        "fg x",   "version" };
        static const char *const others[] = { "avail", "reread",   "update",
                                              "add x", "remove x", "reload" };
        _scenario_ s = scenario_new();

        scenario_configure(s, "control_socket=/no/such/socket\n", KEEP);
        for (size_t i = 0; i < ELEMENTSOF(upchecked); i++)
                ctl_expect(s, upchecked[i], "unix:///no/such/socket no such file\n", 7);
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                ctl_expect(s, others[i], "error: unix:///no/such/socket no such file\n", 1);
        ctl_expect(s, "status", "unix:///no/such/socket no such file\n", 4);
        ctl_expect(s, "shutdown",
                   "ERROR: unix:///no/such/socket no such file (already shut down?)\n", 1);
        ctl_expect(s, "help version",
                   "version\t\t\tShow the version of the remote supervisord process\n", 0);
}

/* A socket as a killed daemon leaves it. */
static void leave_socket(const char *path) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        cr_assert_lt(strlen(path), sizeof(address.sun_path));
        memcpy(address.sun_path, path, strlen(path) + 1);
        cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        (void)close(fd);
}

Test(supervisorctl, tells_that_a_socket_is_dead_as_python_does) {
        static const Case cases[] = {
                { "status", "unix://~ refused connection\n", 4 },
                { "start x", "unix://~ refused connection\n", 4 },
                { "avail", "error: unix://~ refused connection\n", 1 },
                { "shutdown", "ERROR: unix://~ refused connection (already shut down?)\n", 1 },
        };
        _cleanup_(freep) char *path = NULL;
        _scenario_ s = scenario_new();

        scenario_configure(s, "control_socket=%(here)s/dead\n", KEEP);
        path = scenario_path(s, "dead");
        leave_socket(path);
        expect_all(s, cases, ELEMENTSOF(cases));
}

/* ---------------------------------------------------------------- the daemon */

Test(supervisorctl, shuts_down_and_says_so) {
        _scenario_ s = in_the_situation();

        ctl_expect(s, "shutdown x", "Error: shutdown accepts no arguments\n~\n~\n~\n~\n", 1);
        ctl_expect(s, "shutdown --wait", "Shut down\n", 0);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_assert_nothing_left(s);
}

Test(supervisorctl, sharpens_a_shutdown_that_takes_long) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "",
                           "[program:slow]\ncommand=%(ENV_CHILD)s ignore=15 append=%(here)s/ready\n"
                           "startsecs=0\nstopwaitsecs=600\n");
        scenario_start(s, NULL);
        scenario_await_ready(s, 1);
        ctl_expect(s, "shutdown", "Shut down\n", 0);
        ctl_expect(s, "shutdown", "ERROR: already shutting down\n", 0);
        ctl_expect(s, "status slow", "slow                             STOPPING  \n", 0);
        ctl_expect(s, "shutdown --now --wait", "Shut down\n", 0);
        cr_assert_eq(scenario_exit_status(s), 0);
        scenario_assert_nothing_left(s);
}

Test(supervisorctl, restarts_the_daemon_with_its_pid) {
        _scenario_ s = scenario_new();

        scenario_configure(s, "", KEEP);
        scenario_start(s, NULL);
        scenario_await(s, "success: keep");
        scenario_mark(s);
        ctl_expect(s, "reload x", "Error: reload accepts no arguments\n~\n", 1);
        ctl_expect(s, "reload", "Restarted supervisord\n", 0);
        scenario_await(s, "success: keep");
        ctl_expect(s, "status", KEEP_RUNS, 0);
        scenario_stop(s);
}
