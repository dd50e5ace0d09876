/*
 * Drives the real daemon: writes its configuration into a folder of its own, starts it in the
 * foreground, reads its log through a pipe, waits for what shall happen (never for time to pass)
 * and proves in the end that nothing is left. Every function fails the running test by itself when
 * something does not come in time; the message then ends with the log.
 *
 * The environment names the programs: SUPERVISORD, and CHILD_PROGRAM for the helper of child.c,
 * which is copied to where every user may run it: CHILD.
 *
 * The test's process becomes a subreaper, so that all which the daemon leaves behind falls to it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Patience for anything that is expected: generous, as a loaded machine is slow, yet finite. */
#define PATIENCE_MSEC 30000

#define PASSED_MAX 4

typedef struct Scenario {
        char *dir;    /* holds supervisord.conf, its pidfile and what the test puts there */
        pid_t daemon; /* 0: not running */
        int log_fd;   /* the daemon's stdout and stderr */
        char *log;    /* the complete lines of all that came from it so far */
        size_t log_len;
        size_t received; /* with the beginning of the next line, hidden behind log_len: its first */
        char hidden;     /* character is kept here while a NUL stands in its place */
        size_t mark;     /* scenario_await() looks from here on */
        uid_t uid; /* who the daemon runs as; its programs are copied to where that user sees them
                    */
        char *cgroup;           /* a delegated cgroup for the daemon, or NULL */
        bool daemonizes;        /* no -n is added to the command line */
        bool as_pid_1;          /* see scenario_run_as_pid_1() */
        int passed[PASSED_MAX]; /* see scenario_pass() */
        const char *passed_names[PASSED_MAX];
        size_t n_passed;
} Scenario;

/* A new folder, with nothing running. Never NULL. */
Scenario *scenario_new(void);
/* Kill what is left, remove the folder. Does not judge: scenario_assert_nothing_left() does. */
Scenario *scenario_free(Scenario *s);
static inline void scenario_freep(Scenario **s) {
        *s = scenario_free(*s);
}
#define _scenario_ __attribute__((cleanup(scenario_freep))) Scenario *

/*
 * Run the daemon as @uid, root only; otherwise the test is skipped. With @delegate it starts in a
 * cgroup which belongs to that user. Call it before anything is started.
 */
void scenario_run_as(Scenario *s, uid_t uid, bool delegate);

/*
 * Run the daemon as PID 1 of a PID namespace with its own /proc, as in a container; the test is
 * skipped where that cannot be. Pids in its log are those of the namespace then. Everything in it
 * dies with it.
 */
void scenario_run_as_pid_1(Scenario *s);
/*
 * Pass @fd to the daemon when it is started, under @name, as a service manager does. Both stay the
 * caller's and must live until then.
 */
void scenario_pass(Scenario *s, const char *name, int fd);
/* The daemon's pid as the test sees it, which is another one inside of a namespace. */
pid_t scenario_daemon(Scenario *s);
/* Children of the daemon, living ones and zombies. */
size_t scenario_count_children(Scenario *s, size_t *ret_zombies);

/*
 * Write supervisord.conf: a [supervisord] section that suits a test, with the lines of @daemon_keys
 * in it, and then @programs. The configuration may use %(here)s and %(ENV_CHILD)s.
 */
void scenario_configure(Scenario *s, const char *daemon_keys, const char *programs);
void scenario_write(Scenario *s, const char *name, const char *text);
char *scenario_path(Scenario *s, const char *name); /* the caller's to free */

/* Start the daemon in the foreground on the configuration, with more arguments up to a NULL. */
#define scenario_start(s, ...) scenario_start_with(s, (const char *const[]){ __VA_ARGS__ })
void scenario_start_with(Scenario *s, const char *const *arguments);
/* Start it with exactly these arguments, up to a NULL. */
#define scenario_launch(s, ...) scenario_launch_with(s, (const char *const[]){ __VA_ARGS__ })
void scenario_launch_with(Scenario *s, const char *const *arguments);
void scenario_signal(Scenario *s, int signo);
/* Wait until the daemon is gone and give its wait status; then all of its log is there. */
int scenario_wait(Scenario *s);
/* As scenario_wait(), for a daemon that exits by itself; gives the exit status or 128 + signal. */
int scenario_exit_status(Scenario *s);
/* SIGTERM, wait, expect exit status 0 and nothing left. */
void scenario_stop(Scenario *s);
/* No process that the daemon had started, directly or not, is alive. The daemon must be gone. */
void scenario_assert_nothing_left(Scenario *s);

/*
 * Wait for a line of the log, from the mark on, that @regex (extended) matches; gives a copy of
 * what its first group matched (or else the whole line), for the caller to free.
 */
char *scenario_match(Scenario *s, const char *regex);
void scenario_await(Scenario *s, const char *regex);
/* The number of lines from the mark on that match; _await_count waits until there are @n. */
size_t scenario_count(Scenario *s, const char *regex);
void scenario_await_count(Scenario *s, size_t n, const char *regex);
/* How many ms after the first line that matches @from the first that matches @to was logged. */
int64_t scenario_msec_between(Scenario *s, const char *from, const char *to);
/* Where in the log the first match begins; the line must be there. */
size_t scenario_position(Scenario *s, const char *regex);
/* Forget all lines so far: waits then concern what comes later. */
void scenario_mark(Scenario *s);
/* The pid that "spawned: 'NAME' with pid N" told last. */
pid_t scenario_pid(Scenario *s, const char *name);

/*
 * Wait until programs have been up @n times in all: those with `append=%(here)s/ready` as the last
 * of their steps. That the daemon has started one does not mean yet that it can catch a signal.
 */
void scenario_await_ready(Scenario *s, size_t n);
/* Wait until a file of the folder holds exactly @text. */
void scenario_await_text(Scenario *s, const char *name, const char *text);
/* Read a file of the folder, waiting until it is there; the caller's to free. */
char *scenario_read(Scenario *s, const char *name);
/* The rest of the line of @facts (see child.c) that begins with @name and a space, or NULL. Owned.
 */
char *fact(const char *facts, const char *name);

bool is_alive(pid_t pid); /* neither gone nor a zombie */
void await_death(pid_t pid);
int64_t now_msec(void); /* of CLOCK_MONOTONIC */
