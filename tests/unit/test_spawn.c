/*
 * Real children. What a child finds is told by /bin/sh and /proc; nothing here waits for time to
 * pass.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/strv.h"
#include "host/spawn/find-command.h"
#include "host/spawn/spawn.h"

TestSuite(spawn, .timeout = 60);

#define NOBODY 65534

static Spawner *new_spawner(void) {
        Spawner *s = NULL;
        sigset_t mask;

        (void)sigemptyset(&mask);
        cr_assert_eq(spawner_new(&mask, &s), 0);
        return s;
}

static char **list_of(const char *const *words) {
        char **l = NULL;

        for (; *words; words++)
                cr_assert_eq(strv_extend(&l, *words), 0);
        return l;
}

static SpawnRequest *new_request(const char *const *argv) {
        static const char *const env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
        SpawnRequest *q = NULL;

        cr_assert_eq(spawn_request_new(&q), 0);
        q->path = strdup(argv[0]);
        q->argv = list_of(argv);
        q->envp = list_of(env);
        return q;
}

static SpawnRequest *new_script(const char *script) {
        return new_request((const char *const[]){ "/bin/sh", "-c", script, NULL });
}

static int reap(pid_t pid) {
        int status;

        cr_assert_eq(waitpid(pid, &status, 0), pid);
        return status;
}

/* Start @q, read what it writes, expect exit status 0. The text is static. */
static const char *output_of(Spawner *s, SpawnRequest *q) {
        static char text[8192];
        SpawnFailure failure;
        size_t used = 0;
        int pipe_fds[2];
        ssize_t n;
        pid_t pid;

        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        q->stdio[1] = q->stdio[2] = pipe_fds[1];
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        cr_assert_null(q);
        safe_close(pipe_fds[1]);

        int status = reap(pid);
        cr_assert_eq(spawner_collect(s, pid, &failure), 0);

        /* After the collection nobody else has the pipe: this ends. */
        while ((n = read(pipe_fds[0], text + used, sizeof(text) - 1 - used)) > 0)
                used += (size_t)n;
        text[used] = '\0';
        safe_close(pipe_fds[0]);
        cr_assert_eq(status, 0, "status %d, said: %s", status, text);
        return text;
}

/* Start @q, which must fail before its program. */
static SpawnFailure failure_of(Spawner *s, SpawnRequest *q) {
        SpawnFailure failure = { 0 };
        pid_t pid;

        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        int status = reap(pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 127, "status %d", status);
        cr_assert_eq(spawner_collect(s, pid, &failure), 1);
        cr_expect_eq(spawner_collect(s, pid, &failure), 0, "a failure is told once");
        return failure;
}

/* ---------------------------------------------------------------- a clean child */

Test(spawn, child_runs_its_program_and_exits_with_its_status) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("exit 7");
        SpawnFailure failure;
        pid_t pid;

        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        int status = reap(pid);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 7);
        cr_expect_eq(spawner_collect(s, pid, &failure), 0);
}

Test(spawn, child_has_descriptors_0_1_2_only) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(closep) int leak = open("/dev/null", O_RDONLY); /* not close-on-exec */
        _cleanup_(closep) int high = fcntl(leak, F_DUPFD, 900);
        SpawnRequest *q = new_request((const char *const[]){ "/bin/sleep", "1000", NULL });
        const struct dirent *e;
        int n = 0;
        char path[64];
        pid_t pid;
        DIR *d;

        cr_assert(leak >= 0 && high >= 900);
        q->wait_exec = true;
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);

        (void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        d = opendir(path);
        cr_assert_not_null(d);
        while ((e = readdir(d)))
                if (e->d_name[0] != '.') {
                        cr_expect_lt(strtol(e->d_name, NULL, 10), 3, "%s is open", e->d_name);
                        n++;
                }
        cr_expect_eq(n, 3);
        cr_assert_eq(closedir(d), 0);
        cr_assert_eq(kill(pid, SIGKILL), 0);
        (void)reap(pid);
}

Test(spawn, stdio_not_given_is_dev_null) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();

        cr_expect_str_eq(output_of(s, new_script("readlink /proc/$$/fd/0")), "/dev/null\n");
}

Test(spawn, child_gets_its_stdin) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("readlink /proc/$$/fd/0");
        _cleanup_(closep) int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

        q->stdio[0] = fd;
        cr_expect_str_eq(output_of(s, q), "/etc/passwd\n");
}

/* The shell opens no descriptor of its own for this; a glob would. */
#define LIST_FDS \
        "for i in 0 1 2 3 4 5 6 7 8 9 300 1023; do [ -e /proc/$$/fd/$i ] && echo $i; done; :"

static void expect_extra_fd(Spawner *s, int number, const char *expected) {
        _cleanup_(closep) int leak = open("/dev/null", O_RDONLY);
        _cleanup_(closep) int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
        _cleanup_(freep) char *link = NULL;
        SpawnRequest *q = new_script(LIST_FDS);

        q->extra_fd = fd;
        q->extra_fd_number = number;
        cr_expect_str_eq(output_of(s, q), expected);

        cr_assert_geq(asprintf(&link, "readlink /proc/$$/fd/%d", number), 0);
        q = new_script(link);
        q->extra_fd = fd;
        q->extra_fd_number = number;
        cr_expect_str_eq(output_of(s, q), "/etc/passwd\n");
}

Test(spawn, child_gets_one_more_descriptor_by_its_number) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();

        expect_extra_fd(s, 3, "0\n1\n2\n3\n");
        expect_extra_fd(s, 7, "0\n1\n2\n7\n");
        expect_extra_fd(s, 1023, "0\n1\n2\n1023\n");
}

Test(spawn, extra_descriptor_may_already_have_its_number) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(closep) int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
        int next = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* which the spawner's copy will have */
        _cleanup_(freep) char *script = NULL;
        SpawnRequest *q;

        safe_close(next);
        cr_assert_geq(asprintf(&script, "readlink /proc/$$/fd/%d", next), 0);
        q = new_script(script);
        q->extra_fd = fd;
        q->extra_fd_number = next;
        cr_expect_str_eq(output_of(s, q), "/etc/passwd\n");
}

Test(spawn, extra_descriptor_may_lie_beyond_the_program_s_own_limit) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("test -e /proc/self/fd/40");
        SpawnFailure failure;
        pid_t pid;
        int status;

        q->extra_fd = 2;
        q->extra_fd_number = 40;
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 40, 40), 0);
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        status = reap(pid);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %d", status);
        cr_expect_eq(spawner_collect(s, pid, &failure), 0);
}

Test(spawn, extra_descriptor_that_is_none_makes_no_child) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(spawn_request_freep) SpawnRequest *q = new_script(":");
        pid_t pid;

        q->extra_fd = 999;
        q->extra_fd_number = 5;
        cr_expect_eq(spawner_spawn(s, &q, &pid), -EBADF);
        cr_expect_not_null(q);
}

Test(spawn, extra_descriptor_is_given_up_once_the_child_has_it) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("exec 4>&-; read line");
        int out[2], in[2];
        pid_t pid;
        char c;

        cr_assert_eq(pipe2(out, O_CLOEXEC), 0);
        cr_assert_eq(pipe2(in, O_CLOEXEC), 0);
        q->stdio[0] = in[0];
        q->extra_fd = out[1];
        q->extra_fd_number = 4;
        q->wait_exec = true;
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        safe_close(out[1]);
        cr_expect_eq(spawner_sweep(s), 0);
        cr_expect_eq(read(out[0], &c, 1), 0, "it ends while the child lives");
        safe_close(in[1]);
        (void)reap(pid);
        safe_close(in[0]);
        safe_close(out[0]);
}

static void on_signal(int signo) {
}

Test(spawn, signals_are_default_and_the_mask_is_the_original_one) {
        struct sigaction handler = { .sa_handler = on_signal };
        sigset_t all;

        cr_assert_eq(sigaction(SIGUSR1, &handler, NULL), 0);
        cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
        cr_assert_neq(signal(SIGHUP, SIG_IGN), SIG_ERR);
        (void)sigfillset(&all);
        cr_assert_eq(sigprocmask(SIG_SETMASK, &all, NULL), 0);

        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        cr_expect_str_eq(output_of(s, new_request((const char *const[]){
                                              "/bin/grep", "-E", "Sig(Blk|Ign)",
                                              "/proc/self/status", NULL })),
                         "SigBlk:\t0000000000000000\n"
                         "SigIgn:\t0000000000000000\n");
}

Test(spawn, child_gets_the_mask_that_the_daemon_was_started_with) {
        Spawner *s;
        sigset_t mask;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGUSR2);
        cr_assert_eq(spawner_new(&mask, &s), 0);
        cr_expect_str_eq(output_of(s, new_request((const char *const[]){
                                              "/bin/grep", "SigBlk", "/proc/self/status", NULL })),
                         "SigBlk:\t0000000000000800\n");
        spawner_free(s);
}

Test(spawn, our_own_mask_is_as_before) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        sigset_t before, after;

        cr_assert_eq(sigprocmask(SIG_SETMASK, NULL, &before), 0);
        (void)output_of(s, new_script(":"));
        cr_assert_eq(sigprocmask(SIG_SETMASK, NULL, &after), 0);
        for (int signo = 1; signo < 65; signo++)
                cr_expect_eq(sigismember(&before, signo), sigismember(&after, signo));
}

Test(spawn, child_leads_a_group_in_our_session_from_the_start) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_request((const char *const[]){ "/bin/sleep", "1000", NULL });
        pid_t pid;

        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        cr_expect_eq(getpgid(pid), pid);
        cr_expect_eq(getsid(pid), getsid(0));
        cr_expect_eq(kill(-pid, SIGKILL), 0);
        cr_expect(WIFSIGNALED(reap(pid)));
}

Test(spawn, umask_directory_and_limits_are_set) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("umask; pwd; ulimit -n; ulimit -c");

        q->umask = 027;
        q->directory = strdup("/usr/share");
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 77, 99), 0);
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_CORE, 0, 0), 0);
        cr_expect_str_eq(output_of(s, q), "0027\n/usr/share\n77\n0\n");
}

Test(spawn, what_a_child_sets_leaves_the_daemon_alone) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("pwd");
        _cleanup_(freep) char *before = getcwd(NULL, 0), *after = NULL;
        struct rlimit limit, limit_after;
        mode_t mask = umask(022);

        cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        q->umask = 077;
        q->directory = strdup("/usr");
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 77, 99), 0);
        cr_expect_str_eq(output_of(s, q), "/usr\n");

        after = getcwd(NULL, 0);
        cr_expect_str_eq(after, before);
        cr_expect_eq(umask(mask), 022);
        cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit_after), 0);
        cr_expect_eq(limit_after.rlim_cur, limit.rlim_cur);
        cr_expect_geq(fcntl(0, F_GETFD), 0, "our own descriptors are still open");
        cr_expect_geq(fcntl(1, F_GETFD), 0);
}

Test(spawn, environment_is_what_was_asked_for_alone) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();

        cr_expect_str_eq(output_of(s, new_request((const char *const[]){ "/usr/bin/env", NULL })),
                         "PATH=/usr/bin:/bin\nLC_ALL=C\n");
}

Test(spawn, variables_tell_the_child_its_own_pid) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("echo $$ $LISTEN_PID $WATCHDOG_PID");
        int a, b, c;

        cr_assert_eq(strv_env_set(&q->envp, "WATCHDOG_PID", "7"), 0);
        cr_assert_eq(spawn_request_add_pid_variable(q, "LISTEN_PID"), 0);
        cr_assert_eq(spawn_request_add_pid_variable(q, "WATCHDOG_PID"), 0);
        cr_expect_eq(spawn_request_add_pid_variable(q, "ONE_TOO_MANY"), -E2BIG);
        cr_assert_eq(sscanf(output_of(s, q), "%d %d %d", &a, &b, &c), 3);
        cr_expect_eq(a, b);
        cr_expect_eq(a, c);
}

Test(spawn, more_limits_than_room_are_refused) {
        _cleanup_(spawn_request_freep) SpawnRequest *q = new_script(":");

        for (int i = 0; i < SPAWN_LIMITS_MAX; i++)
                cr_assert_eq(spawn_request_add_limit(q, i, 0, 0), 0);
        cr_expect_eq(spawn_request_add_limit(q, SPAWN_LIMITS_MAX, 0, 0), -E2BIG);
}

/* ---------------------------------------------------------------- users */

static void skip_unless_root(void) {
        if (geteuid() != 0)
                cr_skip("changing users needs root");
}

static void set_user(SpawnRequest *q, uid_t uid, gid_t gid) {
        q->has_user = true;
        q->uid = uid;
        q->gid = gid;
        q->n_groups = 2;
        q->groups = calloc(2, sizeof(gid_t));
        cr_assert_not_null(q->groups);
        q->groups[0] = gid;
        q->groups[1] = 12345;
}

Test(spawn, root_switches_user_group_and_groups) {
        skip_unless_root();
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_request((const char *const[]){
                "/bin/grep", "-E", "^(Uid|Gid|Groups|CapEff)", "/proc/self/status", NULL });

        set_user(q, NOBODY, NOBODY);
        cr_expect_str_eq(output_of(s, q), "Uid:\t65534\t65534\t65534\t65534\n"
                                          "Gid:\t65534\t65534\t65534\t65534\n"
                                          "Groups:\t12345 65534 \n"
                                          "CapEff:\t0000000000000000\n");
        cr_expect_eq(geteuid(), 0, "the daemon stays who it is");
}

Test(spawn, directory_is_entered_as_the_user) {
        skip_unless_root();
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("pwd");
        char folder[] = "/tmp/spawn-XXXXXX";

        cr_assert_not_null(mkdtemp(folder)); /* mode 700: for root only */
        set_user(q, NOBODY, NOBODY);
        q->directory = strdup(folder);
        SpawnFailure failure = failure_of(s, q);
        cr_expect_eq(rmdir(folder), 0);
        cr_expect_eq(failure.stage, SPAWN_STAGE_CHDIR);
        cr_expect_eq(failure.error, EACCES);
}

Test(spawn, user_of_the_daemon_itself_changes_nothing) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("id -u; grep -c 12345 /proc/self/status || :");
        char expected[64];

        set_user(q, getuid(), 4711);
        (void)snprintf(expected, sizeof(expected), "%u\n0\n", getuid());
        cr_expect_str_eq(output_of(s, q), expected);
}

/* Fails closed: without the right to switch the program does not run at all. */
Test(spawn, plain_user_cannot_start_as_another) {
        if (geteuid() == 0) {
                cr_assert_eq(setgroups(0, NULL), 0);
                cr_assert_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
                cr_assert_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
        }
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("echo ran");

        set_user(q, 1, 1);
        SpawnFailure failure = failure_of(s, q);
        cr_expect_eq(failure.stage, SPAWN_STAGE_GROUPS);
        cr_expect_eq(failure.error, EPERM);
}

Test(spawn, bad_uid_is_an_error_of_its_stage) {
        skip_unless_root();
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("echo ran");

        /* A saved-set id of -1 means "leave it" to the kernel: this must never be asked for. */
        set_user(q, NOBODY, NOBODY);
        q->n_groups = 1 << 20; /* NGROUPS_MAX is 65536 */
        SpawnFailure failure = failure_of(s, q);
        cr_expect_eq(failure.stage, SPAWN_STAGE_GROUPS);
        cr_expect_eq(failure.error, EINVAL);
}

/* ---------------------------------------------------------------- failures */

Test(spawn, missing_directory_is_told_with_its_stage) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("echo ran");

        q->directory = strdup("/nonexistent/x");
        SpawnFailure failure = failure_of(s, q);
        cr_expect_eq(failure.stage, SPAWN_STAGE_CHDIR);
        cr_expect_eq(failure.error, ENOENT);
}

Test(spawn, missing_program_is_told) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnFailure failure =
                failure_of(s, new_request((const char *const[]){ "/nonexistent/program", NULL }));

        cr_expect_eq(failure.stage, SPAWN_STAGE_EXEC);
        cr_expect_eq(failure.error, ENOENT);
}

Test(spawn, file_that_is_no_program_is_told) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnFailure failure;
        char file[] = "/tmp/spawn-XXXXXX";
        int fd = mkstemp(file);

        cr_assert(fd >= 0);
        cr_assert_eq(write(fd, "hello\n", 6), 6);
        cr_assert_eq(fchmod(fd, 0755), 0);
        safe_close(fd);
        failure = failure_of(s, new_request((const char *const[]){ file, NULL }));
        cr_expect_eq(unlink(file), 0);
        cr_expect_eq(failure.stage, SPAWN_STAGE_EXEC);
        cr_expect_eq(failure.error, ENOEXEC);
}

Test(spawn, limit_that_cannot_be_set_is_told) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script("echo ran");

        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 2, 1), 0);
        SpawnFailure failure = failure_of(s, q);
        cr_expect_eq(failure.stage, SPAWN_STAGE_LIMITS);
        cr_expect_eq(failure.error, EINVAL);
        cr_expect_eq(failure.resource, RLIMIT_NOFILE);
}

Test(spawn, bad_stdio_makes_no_child_and_leaves_the_request) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(spawn_request_freep) SpawnRequest *q = new_script("echo ran");
        pid_t pid;

        q->stdio[2] = 999;
        cr_expect_eq(spawner_spawn(s, &q, &pid), -EBADF);
        cr_expect_not_null(q);
        cr_expect_eq(waitpid(-1, NULL, 0), -1);
        cr_expect_eq(errno, ECHILD);
}

/* More failures than slots, none collected in between: none is lost, none is mixed up. */
Test(spawn, failures_wait_until_they_are_collected) {
        enum {
                N = 100
        };
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnFailure failure;
        pid_t pids[N];

        for (int i = 0; i < N; i++) {
                SpawnRequest *q = new_script(":");

                if (i % 2)
                        q->directory = strdup("/nonexistent");
                cr_assert_eq(spawner_spawn(s, &q, &pids[i]), 0);
        }
        for (int i = 0; i < N; i++)
                (void)reap(pids[i]);
        for (int i = N - 1; i >= 0; i--) {
                cr_assert_eq(spawner_collect(s, pids[i], &failure), i % 2);
                if (i % 2)
                        cr_expect(failure.stage == SPAWN_STAGE_CHDIR && failure.error == ENOENT);
        }
        cr_expect_eq(spawner_sweep(s), 0);
}

Test(spawn, unknown_pid_is_no_failure) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnFailure failure;

        cr_expect_eq(spawner_collect(s, 1, &failure), 0);
}

/* ---------------------------------------------------------------- many, and those that hang */

Test(spawn, a_thousand_start_and_none_is_lost) {
        enum {
                N = 1000
        };
        static pid_t pids[N];
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        char text[N + 1];
        int pipe_fds[2];
        ssize_t n, total = 0;

        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        for (int i = 0; i < N; i++) {
                SpawnRequest *q = new_script("printf x");

                q->stdio[1] = pipe_fds[1];
                cr_assert_eq(spawner_spawn(s, &q, &pids[i]), 0);
        }
        safe_close(pipe_fds[1]);
        for (int i = 0; i < N; i++) {
                SpawnFailure failure;

                cr_assert_eq(reap(pids[i]), 0);
                cr_assert_eq(spawner_collect(s, pids[i], &failure), 0);
        }
        while ((n = read(pipe_fds[0], text, sizeof(text))) > 0)
                total += n;
        cr_expect_eq(total, N);
        safe_close(pipe_fds[0]);
}

Test(spawn, waiting_for_exec_returns_with_the_program_running) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_request((const char *const[]){ "/bin/sleep", "1000", NULL });
        char path[64], exe[64] = "";
        pid_t pid;

        q->wait_exec = true;
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        cr_expect_eq(spawner_sweep(s), 0);
        (void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        _cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        cr_assert_eq(read(fd, exe, sizeof(exe) - 1), 6);
        cr_expect_str_eq(exe, "sleep\n");
        cr_assert_eq(kill(pid, SIGKILL), 0);
        (void)reap(pid);
}

/*
 * A child that hangs in its set-up, here opening its program, a FIFO behind a name that the kernel
 * opens for reading… is not to be had without a hung file system: SIGSTOP before the program is.
 */
Test(spawn, children_that_hang_in_their_setup_do_not_stop_others) {
        enum {
                HUNG = 8
        };
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        pid_t hung[HUNG], pid;
        int n_hung = 0;

        for (int i = 0; i < HUNG; i++) {
                SpawnRequest *q = new_request((const char *const[]){ "/bin/sleep", "1000", NULL });

                cr_assert_eq(spawner_spawn(s, &q, &hung[i]), 0);
                (void)kill(hung[i], SIGSTOP); /* before or after exec, as it comes */
        }
        for (int i = 0; i < 20; i++) {
                SpawnRequest *q = new_script("exit 3");

                cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
                cr_expect_eq(WEXITSTATUS(reap(pid)), 3);
        }
        for (int i = 0; i < HUNG; i++) {
                cr_assert_eq(kill(hung[i], SIGKILL), 0);
                SpawnFailure failure;

                cr_expect(WIFSIGNALED(reap(hung[i])));
                if (spawner_collect(s, hung[i], &failure) == 1) {
                        cr_expect_eq(failure.error, 0);
                        n_hung++;
                }
        }
        cr_log_info("%d were stopped before their program", n_hung);
        cr_expect_eq(spawner_sweep(s), 0);
}

Test(spawn, pipe_ends_once_the_child_is_collected) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script(":");
        SpawnFailure failure;
        int pipe_fds[2];
        pid_t pid;
        char c;

        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
        q->stdio[1] = pipe_fds[1];
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        safe_close(pipe_fds[1]);
        cr_expect_eq(read(pipe_fds[0], &c, 1), -1);
        (void)reap(pid);
        cr_assert_eq(spawner_collect(s, pid, &failure), 0);
        cr_expect_eq(read(pipe_fds[0], &c, 1), 0, "end of file");
        safe_close(pipe_fds[0]);
}

Test(spawn, room_for_descriptors_can_be_made_ahead) {
        cr_expect_eq(spawn_reserve_descriptors(512), 0);
        cr_expect_eq(spawn_reserve_descriptors(0), -EINVAL);
        cr_expect_eq(fcntl(511, F_GETFD), -1, "none of it is in use");
}

/* ---------------------------------------------------------------- where calls are filtered */

/* From here on @nr fails with @error for this process and all it starts, as in some containers. */
static void forbid(unsigned nr, unsigned error) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };

        cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                cr_skip("no system call filters here: %s", strerror(errno));
}

static void expect_clean_children(void) {
        struct sigaction handler = { .sa_handler = on_signal };
        SpawnFailure failure;
        pid_t pids[40];
        SpawnRequest *q;

        cr_assert_eq(sigaction(SIGUSR1, &handler, NULL), 0);
        cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(closep) int leak = open("/dev/null", O_RDONLY);

        /* "ls" has the folder that it lists as one more descriptor. */
        cr_expect_str_eq(output_of(s, new_request((const char *const[]){ "/bin/ls", "/proc/self/fd",
                                                                         NULL })),
                         "0\n1\n2\n3\n");
        expect_extra_fd(s, 8, "0\n1\n2\n8\n");
        cr_expect_str_eq(output_of(s, new_request((const char *const[]){
                                              "/bin/grep", "-E", "Sig(Blk|Ign)",
                                              "/proc/self/status", NULL })),
                         "SigBlk:\t0000000000000000\n"
                         "SigIgn:\t0000000000000000\n");

        q = new_script(":");
        q->directory = strdup("/nonexistent");
        failure = failure_of(s, q);
        cr_expect(failure.stage == SPAWN_STAGE_CHDIR && failure.error == ENOENT);

        for (size_t i = 0; i < ELEMENTSOF(pids); i++) {
                q = new_script("kill -USR1 $$");
                cr_assert_eq(spawner_spawn(s, &q, &pids[i]), 0);
        }
        for (size_t i = 0; i < ELEMENTSOF(pids); i++) {
                int status = reap(pids[i]);

                cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
                cr_expect_eq(spawner_collect(s, pids[i], &failure), 0);
        }
        cr_expect_geq(fcntl(leak, F_GETFD), 0, "ours are still open");
}

Test(spawn, works_where_nothing_is_filtered) {
        expect_clean_children();
}

Test(spawn, works_without_clone3) {
        forbid(SYS_clone3, ENOSYS);
        expect_clean_children();
}

Test(spawn, works_where_clone3_is_forbidden) {
        forbid(SYS_clone3, EPERM);
        expect_clean_children();
}

Test(spawn, works_without_close_range) {
        forbid(SYS_close_range, ENOSYS);
        expect_clean_children();
}

Test(spawn, works_on_kernels_where_a_child_must_be_waited_for) {
        forbid(SYS_futex_waitv, ENOSYS);
        expect_clean_children();
}

/* ---------------------------------------------------------------- words and lookup */

static void expect_words(SpawnFailure failure, const char *expected) {
        StartFailure step = start_failure_of_step(&failure, "/bin/x", "/srv/x", 33);
        _cleanup_(freep) char *text = start_failure_describe(&step);

        cr_expect_str_eq(text, expected);
}

Test(spawn, failures_are_put_in_words) {
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_CHDIR, .error = ENOENT },
                     "couldn't chdir to '/srv/x': No such file or directory");
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_UID, .error = EPERM },
                     "couldn't setuid to 33: Operation not permitted");
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_GROUPS, .error = EPERM },
                     "couldn't setuid to 33: setgroups: Operation not permitted");
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_EXEC, .error = ENOEXEC },
                     "couldn't exec /bin/x: Exec format error");
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_LIMITS,
                                     .error = EPERM,
                                     .resource = RLIMIT_NOFILE },
                     "couldn't set RLIMIT_NOFILE: Operation not permitted");
        expect_words((SpawnFailure){ .stage = SPAWN_STAGE_GROUP, .error = 0 },
                     "couldn't setpgid: killed by a signal");
}

static void
expect_lookup(const char *argv0, const char *path_variable, StartReason outcome, const char *path) {
        char variable[256];
        char *envp[] = { variable, NULL };
        _cleanup_(freep) char *found = NULL;

        (void)snprintf(variable, sizeof(variable), "PATH=%s", path_variable);
        cr_expect_eq(find_command(argv0, envp, "/", &found), (int)outcome, "%s", argv0);
        cr_expect_str_eq(found, path);
}

Test(spawn, commands_are_found_as_in_python) {
        char folder[] = "/tmp/spawn-XXXXXX", first[64], second[64], plain[64], path[160];

        cr_assert_not_null(mkdtemp(folder));
        (void)snprintf(first, sizeof(first), "%s/a", folder);
        (void)snprintf(second, sizeof(second), "%s/b", folder);
        (void)snprintf(plain, sizeof(plain), "%s/a/plain", folder);
        (void)snprintf(path, sizeof(path), "/nonexistent:%s:%s:/bin", first, second);
        cr_assert_eq(mkdir(first, 0755), 0);
        cr_assert_eq(mkdir(second, 0755), 0);
        int fd = open(plain, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        cr_assert(fd >= 0);
        safe_close(fd);

        expect_lookup("sh", path, START_REASON_NONE, "/bin/sh");
        expect_lookup("/bin/sh", "", START_REASON_NONE, "/bin/sh");
        expect_lookup("plain", path, START_REASON_NOT_EXECUTABLE, plain);
        expect_lookup("nothing-of-that-name", path, START_REASON_NOT_FOUND, "nothing-of-that-name");
        expect_lookup("/nonexistent/x", path, START_REASON_NOT_FOUND, "/nonexistent/x");
        expect_lookup(first, path, START_REASON_IS_DIRECTORY, first);
        expect_lookup("bin/sh", path, START_REASON_NONE,
                      "bin/sh"); /* in the program's directory, / */

        cr_expect_eq(unlink(plain), 0);
        cr_expect_eq(rmdir(first), 0);
        cr_expect_eq(rmdir(second), 0);
        cr_expect_eq(rmdir(folder), 0);
}

Test(spawn, file_that_cannot_be_looked_at_is_not_one_that_is_missing) {
        char folder[] = "/tmp/spawn-XXXXXX", link[64], path[160], variable[200];
        char *envp[] = { variable, NULL };
        char *found = NULL;

        cr_assert_not_null(mkdtemp(folder));
        (void)snprintf(link, sizeof(link), "%s/sh", folder);
        (void)snprintf(path, sizeof(path), "%s:/bin", folder);
        (void)snprintf(variable, sizeof(variable), "PATH=%s:/nonexistent", folder);
        cr_assert_eq(symlink("sh", link), 0);

        cr_expect_eq(find_command(link, envp, "/", &found), -ELOOP);
        cr_expect_eq(find_command("sh", envp, "/", &found), -ELOOP);
        cr_expect_null(found);
        expect_lookup("sh", path, START_REASON_NONE, "/bin/sh");

        cr_expect_eq(unlink(link), 0);
        cr_expect_eq(rmdir(folder), 0);
}

Test(spawn, program_nobody_may_run_is_told) {
        char file[] = "/tmp/spawn-XXXXXX";
        int fd = mkstemp(file);

        cr_assert(fd >= 0);
        cr_assert_eq(fchmod(fd, 0700), 0);
        safe_close(fd);
        if (geteuid() == 0)
                cr_assert_eq(seteuid(NOBODY), 0);
        else
                cr_assert_eq(chmod(file, 0001), 0);
        expect_lookup(file, "", START_REASON_NO_PERMISSION, file);
        if (getuid() == 0)
                cr_assert_eq(seteuid(0), 0);
        cr_expect_eq(unlink(file), 0);
}

Test(spawn, lookups_are_put_in_words) {
        static const struct {
                StartReason outcome;
                const char *text;
        } cases[] = {
                { START_REASON_NOT_FOUND, "can't find command 'X'" },
                { START_REASON_IS_DIRECTORY, "command at 'X' is a directory" },
                { START_REASON_NOT_EXECUTABLE, "command at 'X' is not executable" },
                { START_REASON_NO_PERMISSION, "no permission to run command 'X'" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const StartFailure failure = { .reason = cases[i].outcome, .subject = "X" };
                _cleanup_(freep) char *text = start_failure_describe(&failure);

                cr_expect_str_eq(text, cases[i].text);
        }
        cr_expect_null(start_failure_describe(NULL));
}
