/* What a child is allowed and as whom it runs, found out by the child itself. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/strv.h"
#include "host/spawn/spawn.h"

TestSuite(spawn_limits, .timeout = 60);

#define NOBODY 65534

static SpawnRequest *new_script(const char *script) {
        SpawnRequest *q = NULL;

        cr_assert_eq(spawn_request_new(&q), 0);
        q->path = strdup("/bin/sh");
        cr_assert_eq(strv_extend(&q->argv, "sh"), 0);
        cr_assert_eq(strv_extend(&q->argv, "-c"), 0);
        cr_assert_eq(strv_extend(&q->argv, script), 0);
        cr_assert_eq(strv_extend(&q->envp, "PATH=/usr/bin:/bin"), 0);
        return q;
}

/* Start @q: what it says, or its failure in words. The caller's. */
static char *run(SpawnRequest *q) {
        _cleanup_(spawner_freep) Spawner *s = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        SpawnFailure failure;
        int pipe_fds[2], status;
        uid_t uid = q->has_user ? q->uid : (uid_t)-1;
        char *text = NULL;
        size_t size = 0;
        sigset_t none;
        pid_t pid;

        (void)sigemptyset(&none);
        cr_assert_eq(spawner_new(&none, &s), 0);
        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        q->stdio[1] = q->stdio[2] = pipe_fds[1];
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        safe_close(pipe_fds[1]);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        if (spawner_collect(s, pid, &failure) > 0) {
                safe_close(pipe_fds[0]);
                StartFailure step = start_failure_of_step(&failure, "x", NULL, uid);
                return start_failure_describe(&step);
        }
        f = fdopen(pipe_fds[0], "r");
        cr_assert_not_null(f);
        if (getdelim(&text, &size, EOF, f) < 0)
                *text = '\0';
        cr_assert_eq(status, 0, "status %d, said: %s", status, text);
        return text;
}

static void expect_run(SpawnRequest *q, const char *expected) {
        _cleanup_(freep) char *said = run(q);

        cr_expect_str_eq(said, expected, "said: %s", said);
}

static int own_oom_score(void) {
        _cleanup_(fclosep) FILE *f = fopen("/proc/self/oom_score_adj", "re");
        int value = -9999;

        cr_assert(f && fscanf(f, "%d", &value) == 1);
        return value;
}

static void skip_unless_root(void) {
        if (geteuid() != 0)
                cr_skip("needs root");
}

Test(spawn_limits, nice_level_is_the_child_s_alone) {
        SpawnRequest *q = new_script("cut -d' ' -f19 /proc/self/stat");

        q->nice = (OptionalInteger){ .set = true, .value = 7 };
        expect_run(q, "7\n");
        cr_expect_eq(getpriority(PRIO_PROCESS, 0), 0);
}

Test(spawn_limits, oom_score_is_the_child_s_alone) {
        static const int64_t values[] = { 1000, 10, 500 };
        int before = own_oom_score();

        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                SpawnRequest *q = new_script("cat /proc/self/oom_score_adj");
                char expected[32];

                q->oom_score_adj = (OptionalInteger){ .set = true, .value = values[i] };
                (void)snprintf(expected, sizeof(expected), "%d\n", (int)values[i]);
                expect_run(q, expected);
                cr_expect_eq(own_oom_score(), before);
        }
}

Test(spawn_limits, an_oom_score_of_0_is_set_too) {
        _cleanup_(fclosep) FILE *f = fopen("/proc/self/oom_score_adj", "we");
        SpawnRequest *q = new_script("cat /proc/self/oom_score_adj");

        cr_assert(f && fputs("300", f) >= 0 && fflush(f) == 0);
        q->oom_score_adj = (OptionalInteger){ .set = true, .value = 0 };
        expect_run(q, "0\n");
        cr_expect_eq(own_oom_score(), 300);
}

Test(spawn_limits, no_new_privileges_is_set_after_the_user) {
        SpawnRequest *q = new_script("grep -E '^(Uid|NoNewPrivs)' /proc/self/status");

        skip_unless_root();
        q->no_new_privileges = true;
        q->has_user = true;
        q->uid = q->gid = NOBODY;
        expect_run(q, "Uid:\t65534\t65534\t65534\t65534\nNoNewPrivs:\t1\n");
        cr_expect_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

Test(spawn_limits, a_limit_is_replaced_by_a_later_one) {
        SpawnRequest *q = new_script("ulimit -n; ulimit -c");

        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 100, 200), 0);
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_CORE, 0, 0), 0);
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 50, 60), 0);
        cr_expect_eq(q->n_limits, 2);
        expect_run(q, "50\n0\n");
}

Test(spawn_limits, descriptors_are_in_place_before_their_limit) {
        _cleanup_(spawner_freep) Spawner *s = NULL;
        SpawnRequest *q = new_script(":");
        SpawnFailure failure;
        sigset_t none;
        int status;
        pid_t pid;

        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 1, 1), 0);
        (void)sigemptyset(&none);
        cr_assert_eq(spawner_new(&none, &s), 0);
        cr_assert_eq(spawner_spawn(s, &q, &pid), 0);
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        /* It could not load its libraries and failed by itself. */
        cr_expect_eq(spawner_collect(s, pid, &failure), 0, "it got to its program");
}

static SpawnRequest *as_nobody(const char *script) {
        SpawnRequest *q;

        if (geteuid() == 0) {
                cr_assert_eq(setgroups(0, NULL), 0);
                cr_assert_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
                cr_assert_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
        }
        q = new_script(script);
        return q;
}

Test(spawn_limits, that_cannot_be_set_are_named) {
        SpawnRequest *q = as_nobody(":");

        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_CORE, 0, 0), 0);
        cr_assert_eq(spawn_request_add_limit(q, RLIMIT_NOFILE, 1 << 20, 1 << 20), 0);
        expect_run(q, "couldn't set RLIMIT_NOFILE: Operation not permitted");

        q = new_script(":");
        q->nice = (OptionalInteger){ .set = true, .value = -5 };
        expect_run(q, "couldn't set nice: Permission denied");

        q = new_script(":");
        q->has_gid = true;
        q->gid = 4711;
        expect_run(q, "couldn't setgid: Operation not permitted");

        q = new_script(":");
        q->has_groups = true;
        expect_run(q, "couldn't setgroups: Operation not permitted");
}

Test(spawn_limits, an_oom_score_that_is_refused_is_told) {
        SpawnRequest *q = as_nobody(":");

        q->oom_score_adj = (OptionalInteger){ .set = true, .value = -500 };
        _cleanup_(freep) char *said = run(q);
        cr_expect(strstr(said, "couldn't set oom_score_adj: "), "%s", said);
}

Test(spawn_limits, groups_are_set_for_the_daemon_s_own_user_too) {
        SpawnRequest *q = new_script("grep -E '^(Uid|Gid|Groups)' /proc/self/status");

        skip_unless_root();
        q->has_gid = q->has_groups = true;
        q->gid = 4711;
        q->groups = calloc(1, sizeof(gid_t));
        q->groups[0] = 12345;
        q->n_groups = 1;
        expect_run(q, "Uid:\t0\t0\t0\t0\nGid:\t4711\t4711\t4711\t4711\nGroups:\t12345 \n");
}

Test(spawn_limits, every_resource_of_the_kernel_has_its_name) {
        for (int i = 0; i < RLIM_NLIMITS; i++)
                cr_expect_not_null(spawn_resource_to_string(i), "%d", i);
        cr_expect_null(spawn_resource_to_string(-1));
        cr_expect_null(spawn_resource_to_string(RLIM_NLIMITS));
}
