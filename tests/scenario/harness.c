/* Starting, signalling and ending the daemon; see harness-log.c for its log. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness-internal.h"
#include "harness.h"

#define MAX_ARGUMENTS 32

int64_t now_msec(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Copy the program that @variable names into the folder and let @copy name it there. */
static void copy_program(Scenario *s, const char *variable, const char *copy, const char *name) {
        _cleanup_(freep) char *to = scenario_path(s, name), *command = NULL;
        const char *from = getenv(variable);

        cr_assert(from, "%s is not set", variable);
        cr_assert(asprintf(&command, "cp '%s' '%s' && chmod 755 '%s'", from, to, to) >= 0);
        cr_assert(system(command) == 0, "%s", command);
        cr_assert(setenv(copy, to, 1) == 0);
}

Scenario *scenario_new(void) {
        Scenario *s = calloc(1, sizeof(*s));
        const char *place = getenv("TMPDIR");

        cr_assert(s && asprintf(&s->dir, "%s/scenario.XXXXXX", place ? place : "/tmp") >= 0);
        cr_assert(mkdtemp(s->dir) && chmod(s->dir, 0755) == 0, "no folder: %m");
        s->log_fd = -1;
        s->log = strdup("");
        s->uid = getuid();
        copy_program(s, "CHILD_PROGRAM", "CHILD", "child");
        cr_assert(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
        return s;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        (void)remove(path); /* what cannot be removed stays in /tmp: no reason to fail a test */
        return 0;
}

/* The first @max children of all threads of @pid, zombies and adopted ones included; gives their
 * number. */
static size_t children_of(pid_t pid, pid_t *ret, size_t max) {
        char pattern[64];
        glob_t lists = { 0 };
        size_t n = 0;

        snprintf(pattern, sizeof(pattern), "/proc/%d/task/*/children", (int)pid);
        (void)glob(pattern, 0, NULL, &lists); /* none: it has ended */
        for (size_t i = 0; i < lists.gl_pathc; i++) {
                FILE *f = fopen(lists.gl_pathv[i], "re");

                while (f && n < max && fscanf(f, "%d", &ret[n]) == 1)
                        n++;
                if (f)
                        fclose(f);
        }
        globfree(&lists);
        return n;
}

static void kill_all_children(void) {
        pid_t children[256];

        for (;;) {
                size_t n = children_of(getpid(), children, ELEMENTSOF(children));

                for (size_t i = 0; i < n; i++)
                        (void)kill(children[i], SIGKILL); /* ours and not reaped: no stranger */
                if (waitpid(-1, NULL, 0) < 0 && errno == ECHILD)
                        return;
        }
}

Scenario *scenario_free(Scenario *s) {
        if (!s)
                return NULL;
        kill_all_children();
        if (s->log_fd >= 0)
                close(s->log_fd);
        if (s->cgroup)
                (void)nftw(s->cgroup, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        (void)nftw(s->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
        free(s->cgroup);
        free(s->dir);
        free(s->log);
        free(s);
        return NULL;
}

char *scenario_path(Scenario *s, const char *name) {
        char *path;

        cr_assert(asprintf(&path, "%s/%s", s->dir, name) >= 0);
        return path;
}

void scenario_write(Scenario *s, const char *name, const char *text) {
        char *path = scenario_path(s, name);
        FILE *f = fopen(path, "we");

        cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0, "cannot write %s: %m", path);
        free(path);
}

void scenario_configure(Scenario *s, const char *daemon_keys, const char *programs) {
        char *text;

        cr_assert(asprintf(&text,
                           "[supervisord]\n"
                           "logfile=/dev/null\n"
                           "logfile_maxbytes=0\n"
                           "pidfile=%s/supervisord.pid\n"
                           "childlogdir=%s\n"
                           "%s\n%s",
                           s->dir, s->dir, daemon_keys, programs) >= 0);
        scenario_write(s, "supervisord.conf", text);
        free(text);
}

static const char *cgroup2_root(void) {
        return access("/sys/fs/cgroup/cgroup.procs", F_OK) == 0 ? "/sys/fs/cgroup"
                                                                : "/sys/fs/cgroup/unified";
}

static void give_to(const char *dir, const char *file, uid_t uid) {
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s/%s", dir, file);
        cr_assert(chown(path, uid, uid) == 0, "chown %s: %m", path);
}

void scenario_run_as(Scenario *s, uid_t uid, bool delegate) {
        if (uid != getuid() && getuid() != 0)
                cr_skip_test("needs root");
        if (delegate) {
                cr_assert(asprintf(&s->cgroup, "%s/scenario-%d", cgroup2_root(), (int)getpid()) >=
                          0);
                if (mkdir(s->cgroup, 0755) < 0) {
                        free(s->cgroup);
                        s->cgroup = NULL;
                        cr_skip_test("no cgroup v2 to make a folder in");
                }
                give_to(s->cgroup, ".", uid);
                give_to(s->cgroup, "cgroup.procs", uid);
                give_to(s->cgroup, "cgroup.subtree_control", uid);
        }
        s->uid = uid;
        if (uid == getuid())
                return;
        copy_program(s, "SUPERVISORD", "SUPERVISORD", "supervisord");
        cr_assert(chown(s->dir, uid, uid) == 0);
}

static void enter_cgroup(const char *cgroup) {
        char path[PATH_MAX];
        int fd;

        snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, "0", 1) != 1)
                _exit(98);
        close(fd);
}

void scenario_pass(Scenario *s, const char *name, int fd) {
        cr_assert_lt(s->n_passed, PASSED_MAX);
        s->passed[s->n_passed] = fd;
        s->passed_names[s->n_passed++] = name;
}

/* In the new process: sd_listen_fds(3) from the other side. */
static void pass_sockets(const Scenario *s) {
        char names[256] = "", number[24];
        int copies[PASSED_MAX];
        size_t n = 0;

        for (size_t i = 0; i < s->n_passed; i++) {
                copies[i] = fcntl(s->passed[i], F_DUPFD, 3 + PASSED_MAX); /* out of the way */
                n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i > 0 ? ":" : "",
                                      s->passed_names[i]);
        }
        for (size_t i = 0; i < s->n_passed; i++)
                if (copies[i] < 0 || dup2(copies[i], 3 + (int)i) < 0 || close(copies[i]) < 0)
                        _exit(98);
        snprintf(number, sizeof(number), "%zu", s->n_passed);
        setenv("LISTEN_FDS", number, 1);
        setenv("LISTEN_FDNAMES", names, 1);
        snprintf(number, sizeof(number), "%d", (int)getpid());
        setenv("LISTEN_PID", number, 1);
}

/* In the new process: become the daemon. It dies with the test, so that a failed one leaves
 * nothing. */
static _Noreturn void become_daemon(Scenario *s, char **argv, int log_fd) {
        int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        if (s->cgroup)
                enter_cgroup(s->cgroup);
        if (dup2(null_fd, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 ||
            dup2(log_fd, STDERR_FILENO) < 0)
                _exit(98);
        if (s->uid != getuid() && (setgid(s->uid) < 0 || setuid(s->uid) < 0))
                _exit(98);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* convenience only */
        if (s->n_passed > 0)
                pass_sockets(s);
        execv(argv[0], argv);
        _exit(98);
}

void scenario_run_as_pid_1(Scenario *s) {
        if (system("unshare --pid --fork --mount-proc --kill-child true 2>/dev/null") != 0)
                cr_skip_test("no PID namespace can be made here");
        s->as_pid_1 = true;
}

typedef struct Words {
        char *argv[MAX_ARGUMENTS]; /* with at least one NULL at its end */
        size_t n;
} Words;

/* The copies are freed with the test's process. */
static void add_words(Words *w, const char *const *words) {
        for (; *words; words++) {
                cr_assert_lt(w->n + 1, MAX_ARGUMENTS);
                w->argv[w->n++] = strdup(*words);
        }
}

/* Go behind the command line of unshare(1), which waits and takes over the exit status. */
static void add_program(Scenario *s, Words *w) {
        static const char *const unshare[] = {
                "/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "--kill-child", NULL,
        };

        cr_assert(getenv("SUPERVISORD"), "SUPERVISORD is not set");
        if (s->as_pid_1)
                add_words(w, unshare);
        add_words(w, (const char *const[]){ getenv("SUPERVISORD"), NULL });
}

static void launch(Scenario *s, char **argv) {
        int fds[2];

        cr_assert_eq(s->daemon, 0, "the daemon runs already");
        cr_assert(pipe2(fds, O_CLOEXEC) == 0);
        if (s->log_fd >= 0)
                close(s->log_fd);
        s->log_fd = fds[0];
        cr_assert(fcntl(s->log_fd, F_SETFL, O_NONBLOCK) == 0);
        s->mark = s->log_len;
        s->daemon = fork();
        cr_assert(s->daemon >= 0, "fork: %m");
        if (s->daemon == 0)
                become_daemon(s, argv, fds[1]);
        close(fds[1]);
}

void scenario_launch_with(Scenario *s, const char *const *arguments) {
        Words words = { 0 };

        add_program(s, &words);
        add_words(&words, arguments);
        launch(s, words.argv);
}

void scenario_start_with(Scenario *s, const char *const *arguments) {
        _cleanup_(freep) char *path = scenario_path(s, "supervisord.conf");
        Words words = { 0 };

        add_program(s, &words);
        add_words(&words, (const char *const[]){ "-c", path, s->daemonizes ? NULL : "-n", NULL });
        add_words(&words, arguments);
        launch(s, words.argv);
}

pid_t scenario_daemon(Scenario *s) {
        pid_t inside;

        if (!s->as_pid_1)
                return s->daemon;
        return children_of(s->daemon, &inside, 1) == 1 ? inside : -1;
}

size_t scenario_count_children(Scenario *s, size_t *ret_zombies) {
        pid_t children[4096];
        size_t n = children_of(scenario_daemon(s), children, ELEMENTSOF(children));

        *ret_zombies = 0;
        for (size_t i = 0; i < n; i++)
                if (!is_alive(children[i]))
                        (*ret_zombies)++;
        return n;
}

void scenario_signal(Scenario *s, int signo) {
        pid_t daemon = scenario_daemon(s);

        cr_assert(daemon > 0 && kill(daemon, signo) == 0, "cannot signal the daemon: %m");
}

int scenario_wait(Scenario *s) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;
        siginfo_t si = { 0 };
        int status = 0;

        cr_assert(s->daemon > 0);
        for (;;) {
                log_receive(s, 20);
                cr_assert(waitid(P_PID, s->daemon, &si, WEXITED | WNOHANG | WNOWAIT) == 0);
                if (si.si_pid == s->daemon)
                        break;
                if (now_msec() > deadline)
                        log_fail(s, "the daemon does not end");
        }
        log_receive(s, 0);
        cr_assert_eq(waitpid(s->daemon, &status, 0), s->daemon);
        s->daemon = 0;
        return status;
}

int scenario_exit_status(Scenario *s) {
        int status = scenario_wait(s);

        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void scenario_assert_nothing_left(Scenario *s) {
        siginfo_t si;

        cr_assert_eq(s->daemon, 0, "the daemon still runs");
        for (;;) {
                si.si_pid = 0;
                if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) < 0) {
                        cr_assert_eq(errno, ECHILD);
                        return;
                }
                if (si.si_pid == 0)
                        log_fail(s, "a process is left behind");
        }
}

void scenario_stop(Scenario *s) {
        int status;

        scenario_signal(s, SIGTERM);
        status = scenario_exit_status(s);
        if (status != 0)
                log_fail(s, "the daemon's exit status is not 0");
        scenario_assert_nothing_left(s);
}

bool is_alive(pid_t pid) {
        char path[64], line[512];
        const char *state;
        FILE *f;
        bool alive;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        f = fopen(path, "re");
        if (!f)
                return false;
        state = fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
        alive = state && state[1] && state[2] != 'Z' && state[2] != 'X';
        fclose(f);
        return alive;
}

void await_death(pid_t pid) {
        int64_t deadline = now_msec() + PATIENCE_MSEC;

        while (is_alive(pid)) {
                cr_assert(now_msec() < deadline, "process %d does not end", (int)pid);
                (void)poll(NULL, 0, 5);
        }
}
