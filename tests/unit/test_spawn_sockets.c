/* Listening sockets on their way to a child, which tells by /bin/sh and /proc what it found. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/strv.h"
#include "host/spawn/spawn.h"

TestSuite(spawn_sockets, .timeout = 60);

/* Which descriptors there are and what is behind them; the shell opens none of its own for this. */
#define LIST                                                                  \
        "for i in 0 1 2 3 4 5 6 7 8 9 66 67 70; do [ -e /proc/$$/fd/$i ] && " \
        "[ $i -gt 2 ] && echo $i $(readlink /proc/$$/fd/$i); done; :"

static const char *const files[] = { "/etc/passwd", "/etc/group", "/dev/zero", "/dev/full" };

static Spawner *new_spawner(void) {
        Spawner *s = NULL;
        sigset_t mask;

        (void)sigemptyset(&mask);
        cr_assert_eq(spawner_new(&mask, &s), 0);
        return s;
}

static SpawnRequest *new_script(const char *script) {
        SpawnRequest *q = NULL;

        cr_assert_eq(spawn_request_new(&q), 0);
        q->path = strdup("/bin/sh");
        cr_assert_eq(strv_extend(&q->argv, "sh"), 0);
        cr_assert_eq(strv_extend(&q->argv, "-c"), 0);
        cr_assert_eq(strv_extend(&q->argv, script), 0);
        cr_assert_eq(strv_extend(&q->envp, "PATH=/usr/bin:/bin"), 0);
        cr_assert_eq(strv_extend(&q->envp, "LISTEN_PID=an older one"), 0);
        return q;
}

/* Stand-ins for sockets: whatever can be told apart. */
static void add_files(SpawnRequest *q, size_t n) {
        for (size_t i = 0; i < n; i++) {
                q->sockets[i] = open(files[i % ELEMENTSOF(files)], O_RDONLY | O_CLOEXEC);
                cr_assert_geq(q->sockets[i], 0);
                q->n_sockets++;
        }
}

/* Start @q with its output into a pipe; its own descriptors are closed at once. */
static const char *output_of(Spawner *s, SpawnRequest *q, pid_t *ret_pid) {
        static char text[8192];
        int fds[SPAWN_SOCKETS_MAX], pipe_fds[2], status;
        size_t n_fds = q->n_sockets, used = 0;
        SpawnFailure failure;
        ssize_t n;

        memcpy(fds, q->sockets, sizeof(fds));
        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        q->stdio[1] = q->stdio[2] = pipe_fds[1];
        cr_assert_eq(spawner_spawn(s, &q, ret_pid), 0);
        safe_close(pipe_fds[1]);
        for (size_t i = 0; i < n_fds; i++)
                safe_close(fds[i]);

        cr_assert_eq(waitpid(*ret_pid, &status, 0), *ret_pid);
        cr_assert_eq(spawner_collect(s, *ret_pid, &failure), 0);
        while ((n = read(pipe_fds[0], text + used, sizeof(text) - 1 - used)) > 0)
                used += (size_t)n;
        text[used] = '\0';
        safe_close(pipe_fds[0]);
        cr_assert_eq(status, 0, "status %d, said: %s", status, text);
        return text;
}

static void expect_output(Spawner *s, SpawnRequest *q, const char *expected) {
        const char *text;
        pid_t pid;

        text = output_of(s, q, &pid);
        cr_expect_str_eq(text, expected, "said: %s", text);
}

Test(spawn_sockets, are_descriptors_3_and_up_in_their_order) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script(LIST);

        add_files(q, 4);
        expect_output(s, q, "3 /etc/passwd\n4 /etc/group\n5 /dev/zero\n6 /dev/full\n");
}

Test(spawn_sockets, do_not_push_each_other_away) {
        for (size_t n = 0; n < 6; n++) {
                _cleanup_(spawner_freep) Spawner *s = NULL;
                SpawnRequest *q = new_script(LIST);
                int low[6];

                /* the lowest numbers, which the spawner would have otherwise, are free again */
                for (size_t i = 0; i < n; i++)
                        low[i] = fcntl(0, F_DUPFD_CLOEXEC, 3);
                s = new_spawner();
                for (size_t i = 0; i < n; i++)
                        safe_close(low[i]);
                add_files(q, 4);
                expect_output(s, q, "3 /etc/passwd\n4 /etc/group\n5 /dev/zero\n6 /dev/full\n");
        }
}

Test(spawn_sockets, leave_room_for_one_more_descriptor_behind_them) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(closep) int extra = open("/dev/null", O_RDONLY | O_CLOEXEC);

        for (int number = 5; number < 10; number++) {
                SpawnRequest *q = new_script(LIST);
                char expected[128];

                add_files(q, 2);
                q->extra_fd = extra;
                q->extra_fd_number = number;
                (void)snprintf(expected, sizeof(expected),
                               "3 /etc/passwd\n4 /etc/group\n%d /dev/null\n", number);
                expect_output(s, q, expected);
        }
}

Test(spawn_sockets, are_not_given_up_for_one_more_descriptor) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(closep) int extra = open("/dev/null", O_RDONLY | O_CLOEXEC);
        _cleanup_(spawn_request_freep) SpawnRequest *q = new_script(LIST);
        pid_t pid;

        add_files(q, 2);
        q->extra_fd = extra;
        q->extra_fd_number = 4;
        cr_expect_eq(spawner_spawn(s, &q, &pid), -EINVAL);
        cr_expect_not_null(q);
}

Test(spawn_sockets, are_as_many_as_may_be) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        SpawnRequest *q = new_script(LIST);

        add_files(q, SPAWN_SOCKETS_MAX);
        expect_output(s, q,
                      "3 /etc/passwd\n4 /etc/group\n5 /dev/zero\n6 /dev/full\n7 /etc/passwd\n"
                      "8 /etc/group\n9 /dev/zero\n66 /dev/full\n");
}

Test(spawn_sockets, one_that_is_none_makes_no_child) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();
        _cleanup_(spawn_request_freep) SpawnRequest *q = new_script(":");
        pid_t pid;

        q->sockets[q->n_sockets++] = 0;
        q->sockets[q->n_sockets++] = 999;
        cr_expect_eq(spawner_spawn(s, &q, &pid), -EBADF);
        cr_expect_not_null(q);
}

static void expect_variables(Spawner *s) {
        SpawnRequest *q = new_script("echo $LISTEN_FDS $LISTEN_FDNAMES $LISTEN_PID $$; env | "
                                     "grep -c LISTEN_");
        char expected[128];
        const char *text;
        pid_t pid;

        add_files(q, 2);
        cr_assert_eq(spawn_request_name_sockets(q, "web:web"), 0);
        text = output_of(s, q, &pid);
        (void)snprintf(expected, sizeof(expected), "2 web:web %d %d\n3\n", pid, pid);
        cr_expect_str_eq(text, expected, "said: %s", text);
}

Test(spawn_sockets, are_told_of_with_the_pid_of_the_child_itself) {
        _cleanup_(spawner_freep) Spawner *s = new_spawner();

        for (int i = 0; i < 20; i++)
                expect_variables(s);
}

/* From here on @nr fails for this process and all it starts, as in some containers. */
static void forbid(unsigned nr) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };

        cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                cr_skip("no system call filters here: %s", strerror(errno));
}

static void expect_all_where_forbidden(unsigned nr) {
        _cleanup_(spawner_freep) Spawner *s = NULL;
        _cleanup_(closep) int leak = open("/dev/null", O_RDONLY);
        SpawnRequest *q = new_script(LIST);

        forbid(nr);
        s = new_spawner();
        add_files(q, 2);
        q->extra_fd = leak;
        q->extra_fd_number = 7;
        expect_output(s, q, "3 /etc/passwd\n4 /etc/group\n7 /dev/null\n");
        expect_variables(s);
}

Test(spawn_sockets, are_given_without_clone3) {
        expect_all_where_forbidden(SYS_clone3);
}

Test(spawn_sockets, are_given_without_close_range) {
        expect_all_where_forbidden(SYS_close_range);
}

Test(spawn_sockets, are_given_where_a_child_must_be_waited_for) {
        expect_all_where_forbidden(SYS_futex_waitv);
}
