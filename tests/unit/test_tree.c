/*
 * What holds for both ways of knowing a tree; each test runs by tags, by tags in a thread apart
 * from the main one, and by cgroup.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include "main/loop-thread.h"
#include "tree-fixture.h"

TestSuite(tree, .timeout = 100);

/* How many arrays may grow yet: reallocarray() is ours, see --wrap in tests/rules.mk. */
static size_t n_left = SIZE_MAX;

void *__real_reallocarray(void *old, size_t n, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);

void *__wrap_reallocarray(void *old, size_t n, size_t size) {
        if (n_left == 0)
                return NULL;
        n_left--;
        return __real_reallocarray(old, n, size);
}

typedef struct Trial {
        void (*test)(Fixture *f);
        Way way;
} Trial;

static int try(void *userdata) {
        const Trial *trial = userdata;
        Fixture f;

        fixture_init(&f, trial->way);
        trial->test(&f);
        fixture_done(&f);
        return 0;
}

/* As the daemon does it. SIGCHLD is dropped if the main thread does not have it blocked, too. */
static void try_apart(void (*test)(Fixture *f)) {
        Trial trial = { test, WAY_TAGS };
        sigset_t chld;
        int result;

        (void)sigemptyset(&chld);
        (void)sigaddset(&chld, SIGCHLD);
        cr_assert_eq(sigprocmask(SIG_BLOCK, &chld, NULL), 0);
        cr_expect_eq(loop_thread_call(try, &trial, &result), 0);
}

/* Test NAME_by_tags, NAME_by_tags_apart and NAME_by_cgroup, with the fixture `f`. */
#define TEST_ALL_WAYS(name)                              \
        static void name(Fixture *f);                    \
        Test(tree, name##_by_tags) {                     \
                (void)try(&(Trial){ name, WAY_TAGS });   \
        }                                                \
        Test(tree, name##_by_tags_apart) {               \
                try_apart(name);                         \
        }                                                \
        Test(tree, name##_by_cgroup) {                   \
                (void)try(&(Trial){ name, WAY_CGROUP }); \
        }                                                \
        static void name(Fixture *f)

TEST_ALL_WAYS(tree_that_was_never_started_is_empty) {
        Grown g = { .fixture = f };

        cr_assert_eq(tree_new(f->trees, "x", &g.tree), 0);
        cr_expect(tree_is_empty(g.tree));
        cr_expect_eq(tree_kill(g.tree), 0);

        tree_watch(g.tree, on_empty, &g);
        cr_expect_geq(trees_update(f->trees), 0);
        grown_done(&g);
}

TEST_ALL_WAYS(program_alone_leaves_an_empty_tree) {
        Grown g;

        grow(f, "leaf", &g);
        cr_expect_not(tree_is_empty(g.tree));
        cr_expect(tree_contains(g.tree, g.leader));
        tree_watch(g.tree, on_empty, &g);

        cr_expect_eq(tree_signal(g.tree, SIGTERM), 1);
        run_until_empty(&g);
        cr_expect(pidmap_get(f->reaped, g.leader) != NULL);
        cr_expect(tree_is_empty(g.tree));
        cr_expect_eq(tree_signal(g.tree, SIGTERM), 0);

        cr_expect_geq(trees_update(f->trees), 0);
        cr_expect_eq(g.n_empty, 1, "told once");
        grown_done(&g);
}

TEST_ALL_WAYS(grandchild_in_its_own_session_gets_the_signal) {
        Grown g;

        grow(f, "family", &g);
        cr_expect_eq(tree_signal(g.tree, 0), 3);
        cr_expect_eq(tree_signal(g.tree, SIGTERM), 3);
        cr_expect_not(tree_is_empty(g.tree), "all of them ignore it");
        finish(&g);
}

/* Whoever asks has to know that not all have got it. */
TEST_ALL_WAYS(signal_that_does_not_reach_all_for_want_of_memory_has_failed) {
        int r = -ENOMEM;
        Grown g;

        grow(f, "family", &g);
        for (size_t i = 0; r == -ENOMEM; i++) {
                n_left = i;
                r = tree_signal(g.tree, 0);
                n_left = SIZE_MAX;
                cr_expect(r == -ENOMEM || r == 3, "%d with %zu", r, i);
        }
        finish(&g);
}

TEST_ALL_WAYS(signal_that_does_not_reach_all_for_want_of_descriptors_has_failed) {
        int free_fd = dup(STDIN_FILENO), r = -EMFILE;
        struct rlimit limit;
        Grown g;

        grow(f, "family", &g);
        (void)close(free_fd);
        cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        for (int i = 0; r == -EMFILE; i++) {
                const struct rlimit low = { (rlim_t)(free_fd + i), limit.rlim_max };

                cr_assert_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
                r = tree_signal(g.tree, 0);
                cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
                cr_expect(r == -EMFILE || r == 3, "%d with %d", r, i);
        }
        finish(&g);
}

TEST_ALL_WAYS(tree_outlives_a_leader_whose_grandchildren_ignore_sigterm) {
        Grown g;

        grow(f, "family", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        tree_watch(g.tree, on_empty, &g);
        run_until_reaped(f, g.leader);
        cr_expect_eq(g.n_empty, 0);
        cr_expect_not(tree_is_empty(g.tree));
        cr_expect_eq(tree_signal(g.tree, SIGTERM), 2);
        finish(&g);
}

TEST_ALL_WAYS(descendants_stay_in_the_tree_over_exec) {
        Grown g;

        grow(f, "execs", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        cr_expect_eq(tree_signal(g.tree, 0), 2);
        finish(&g);
}

TEST_ALL_WAYS(program_in_the_background_is_the_one_adopted) {
        _cleanup_(freep) pid_t *adopted = NULL;
        Grown g;

        grow(f, "zombie", &g);
        cr_assert_eq(tree_adopted(g.tree, &adopted), 1, "neither the leader nor the zombie counts");
        cr_expect_neq(adopted[0], g.leader);
        cr_expect(tree_contains(g.tree, adopted[0]));

        run_until_reaped(f, g.leader);
        free(TAKE_PTR(adopted));
        cr_assert_eq(tree_adopted(g.tree, &adopted), 1);
        cr_expect_not(tree_is_empty(g.tree));

        cr_assert_eq(kill(adopted[0], SIGKILL), 0);
        run_until_empty(&g);
        cr_expect(pidmap_get(f->reaped, adopted[0]) != NULL, "adopted children are ours to reap");
        free(TAKE_PTR(adopted));
        cr_expect_eq(tree_adopted(g.tree, &adopted), 0);
        cr_expect_null(adopted);
        grown_done(&g);
}

TEST_ALL_WAYS(strangers_are_not_contained) {
        Grown a, b;

        grow(f, "leaf", &a);
        grow(f, "leaf", &b);
        cr_expect_not(tree_contains(a.tree, b.leader));
        cr_expect_not(tree_contains(a.tree, getpid()));
        cr_expect_not(tree_contains(a.tree, getppid()));
        cr_expect_not(tree_contains(a.tree, 0));
        cr_expect_not(tree_contains(a.tree, -1));
        finish(&a);
        finish(&b);
}

TEST_ALL_WAYS(killing_one_tree_spares_the_others) {
        Grown a, b;

        grow(f, "family", &a);
        grow(f, "family", &b);
        finish(&a);
        cr_expect_eq(tree_signal(b.tree, 0), 3);
        finish(&b);
}

TEST_ALL_WAYS(hydra_is_ended) {
        Grown g;

        grow(f, "hydra", &g);
        run_until_reaped(f, g.leader);
        cr_expect_not(tree_is_empty(g.tree));
        finish(&g);
}

TEST_ALL_WAYS(fork_bomb_is_ended) {
        Grown g;

        grow(f, "bomb", &g);
        finish(&g);
}

TEST_ALL_WAYS(two_bombs_are_ended_together) {
        Grown a, b;

        grow(f, "bomb", &a);
        grow(f, "bomb", &b);
        cr_assert_eq(tree_kill(b.tree), 0);
        finish(&a);
        finish(&b);
}

TEST_ALL_WAYS(child_of_another_user_is_found_and_ended) {
        Grown g;

        if (geteuid() != 0)
                cr_skip("changing users needs root");
        grow(f, "disguised", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        cr_expect_not(tree_is_empty(g.tree));
        cr_expect_eq(tree_signal(g.tree, SIGTERM), 1);
        finish(&g);
}

static void free_both(Tree *t, void *userdata) {
        Grown *trees = userdata;

        trees[0].n_empty++;
        grown_done(&trees[0]);
        grown_done(&trees[1]);
}

TEST_ALL_WAYS(callback_may_free_its_tree_and_others) {
        Grown both[2];

        for (int i = 0; i < 2; i++) {
                grow(f, "leaf", &both[i]);
                tree_watch(both[i].tree, free_both, both);
                cr_assert_eq(kill(both[i].leader, SIGKILL), 0);
        }
        /* Both ends are learnt in one update. */
        for (int i = 0; i < 2; i++) {
                siginfo_t info;

                cr_assert_eq(waitid(P_PID, (id_t)both[i].leader, &info, WEXITED | WNOWAIT), 0);
        }
        fixture_turn(f);
        cr_expect_eq(both[0].n_empty, 1);
}

TEST_ALL_WAYS(watch_of_a_tree_that_is_empty_already_is_told) {
        Grown g;

        grow(f, "leaf", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        run_until_empty(&g);
        run_until_empty(&g);
        grown_done(&g);
}

TEST_ALL_WAYS(kill_of_a_tree_that_is_empty_already_is_told) {
        Grown g;

        grow(f, "leaf", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        cr_assert_eq(tree_kill(g.tree), 0);
        run_until_empty(&g);
        grown_done(&g);
}

TEST_ALL_WAYS(watch_can_be_taken_back) {
        Grown g;

        grow(f, "leaf", &g);
        tree_watch(g.tree, on_empty, &g);
        tree_watch(g.tree, NULL, NULL);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        cr_expect_geq(trees_update(f->trees), 0);
        cr_expect_eq(g.n_empty, 0);
        cr_expect(tree_is_empty(g.tree));
        grown_done(&g);
}

TEST_ALL_WAYS(processes_of_a_freed_tree_live_on_until_all_are_killed) {
        Grown g;

        grow(f, "family", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(f, g.leader);
        grown_done(&g);

        cr_expect_eq(trees_kill_rest(f->trees), 1, "the one that became ours");
        while (has_children()) {
                fixture_turn(f);
                cr_assert_geq(trees_kill_rest(f->trees), 0);
        }
}

TEST_ALL_WAYS(children_of_no_tree_are_left_alone_until_the_end) {
        SpawnRequest *q = new_role("leaf", -1);
        pid_t stranger;
        Grown g;

        cr_assert_eq(spawner_spawn(f->spawner, &q, &stranger), 0);
        grow(f, "family", &g);
        finish(&g);
        cr_expect_not(pidmap_get(f->reaped, stranger) != NULL);
        cr_expect_eq(kill(stranger, 0), 0);

        cr_expect_eq(trees_kill_rest(f->trees), 1);
        cr_expect_eq(trees_kill_rest(f->trees), 1, "still dying, or to be reaped");
        run_until_reaped(f, stranger);
        cr_expect_eq(trees_kill_rest(f->trees), 0);
}

TEST_ALL_WAYS(hundred_trees_are_killed_together) {
        enum {
                N = 100
        };
        static Grown g[N];

        for (int i = 0; i < N; i++)
                grow(f, "family", &g[i]);
        for (int i = 0; i < N; i++) {
                tree_watch(g[i].tree, on_empty, &g[i]);
                cr_assert_eq(tree_kill(g[i].tree), 0);
        }
        for (int i = 0; i < N; i++) {
                while (g[i].n_empty == 0)
                        fixture_turn(f);
                grown_done(&g[i]);
        }
}

/* ---------------------------------------------------------------- by cgroup alone */

/* A child that the kernel cannot put into the leaf does so itself. */
Test(tree, leaf_is_joined_where_clone3_is_filtered) {
        struct sock_filter filter[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = ELEMENTSOF(filter), .filter = filter };
        Fixture f;
        Grown g;

        cr_assert_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
                cr_skip("no system call filters here: %s", strerror(errno));

        fixture_init(&f, WAY_CGROUP);
        grow(&f, "family", &g);
        cr_assert_eq(kill(g.leader, SIGKILL), 0);
        run_until_reaped(&f, g.leader);
        cr_expect_eq(tree_signal(g.tree, SIGTERM), 2);
        finish(&g);
        fixture_done(&f);
}

/* ---------------------------------------------------------------- by tags alone */

/* From here on this test is a plain user's. */
static void become_nobody(void) {
        char path[PATH_MAX];

        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
        cr_assert_gt(n, 0);
        path[n] = '\0';

        if (geteuid() == 0) {
                cr_assert_eq(setgroups(0, NULL), 0);
                cr_assert_eq(setresgid(NOBODY, NOBODY, NOBODY), 0);
                cr_assert_eq(setresuid(NOBODY, NOBODY, NOBODY), 0);
        }
        if (access(path, X_OK) < 0)
                cr_skip("this binary lies where a plain user cannot execute it");
}

static void run_as_nobody(const char *role) {
        Fixture f;
        Grown g;

        become_nobody();
        fixture_init(&f, WAY_TAGS);
        grow(&f, role, &g);
        finish(&g);
        fixture_done(&f);
}

Test(tree, plain_user_ends_a_family) {
        run_as_nobody("family");
}

Test(tree, plain_user_ends_what_went_into_the_background) {
        run_as_nobody("background");
}

Test(tree, plain_user_ends_a_hydra) {
        run_as_nobody("hydra");
}

Test(tree, plain_user_ends_a_bomb) {
        run_as_nobody("bomb");
}

/* As the child of another supervisord: the hard limit is its tag and must stay. */
Test(tree, works_below_another_supervisor) {
        struct rlimit outer = { .rlim_cur = 1UL << 62, .rlim_max = 1UL << 62 }, limit;
        Fixture f;
        Grown g;

        cr_assert_eq(setrlimit(RLIMIT_LOCKS, &outer), 0);
        fixture_init(&f, WAY_TAGS);
        grow(&f, "background", &g);
        cr_assert_eq(prlimit(g.leader, RLIMIT_LOCKS, NULL, &limit), 0);
        cr_expect_eq(limit.rlim_max, outer.rlim_max);
        cr_expect_neq(limit.rlim_cur, outer.rlim_cur);

        run_until_reaped(&f, g.leader);
        cr_expect_not(tree_is_empty(g.tree));
        finish(&g);
        fixture_done(&f);
}

/* The folder of @pid's cgroup. */
static void find_leaf(pid_t pid, char *ret, size_t size) {
        char name[64], line[PATH_MAX], mount[PATH_MAX] = "", kind[32] = "";
        FILE *f;

        f = fopen("/proc/mounts", "re");
        cr_assert(f);
        while (strcmp(kind, "cgroup2") != 0 && fgets(line, sizeof(line), f))
                (void)sscanf(line, "%*s %4000s %30s", mount, kind);
        (void)fclose(f);
        (void)snprintf(name, sizeof(name), "/proc/%d/cgroup", (int)pid);
        f = fopen(name, "re");
        cr_assert(f);
        while (fgets(line, sizeof(line), f) && strncmp(line, "0::", 3) != 0)
                ;
        (void)fclose(f);
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(ret, size, "%s%s", mount, line + 3);
}

Test(tree, leaf_is_removed_when_there_is_time) {
        char leaf[2 * PATH_MAX];
        Fixture f;
        Grown g;

        fixture_init(&f, WAY_CGROUP);
        grow(&f, "leaf", &g);
        find_leaf(g.leader, leaf, sizeof(leaf));
        finish(&g); /* frees it */
        cr_expect_eq(access(leaf, F_OK), 0, "%s", leaf);
        trees_tidy(f.trees);
        cr_expect_neq(access(leaf, F_OK), 0, "%s", leaf);
        fixture_done(&f);
}

Test(tree, few_tags_are_used_again_but_never_twice_at_once) {
        struct rlimit few = { .rlim_cur = 4, .rlim_max = 4 };
        Tree *t[3], *more = NULL;
        Fixture f;

        cr_assert_eq(setrlimit(RLIMIT_LOCKS, &few), 0);
        fixture_init(&f, WAY_TAGS);
        for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 3; i++)
                        cr_assert_eq(tree_new(f.trees, "x", &t[i]), 0);
                cr_expect_eq(tree_new(f.trees, "x", &more), -EAGAIN);
                for (int i = 0; i < 3; i++)
                        tree_free(t[i]);
        }
        fixture_done(&f);
}

Test(tree, limit_that_leaves_no_tag_is_refused) {
        struct rlimit none = { .rlim_cur = 1, .rlim_max = 1 };
        Trees *ts = NULL;

        cr_assert_eq(setrlimit(RLIMIT_LOCKS, &none), 0);
        cr_expect_eq(trees_new(false, "test", &ts), -ERANGE);
}

Test(tree, end_is_learnt_without_a_free_descriptor) {
        struct rlimit limit;
        Fixture f;
        Grown g;

        fixture_init(&f, WAY_TAGS);
        grow(&f, "background", &g);
        run_until_reaped(&f, g.leader);

        cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = 3;
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        cr_expect_eq(open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
        cr_assert_eq(tree_kill(g.tree), 0);
        run_until_empty(&g);
        grown_done(&g);

        limit.rlim_cur = limit.rlim_max;
        cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        fixture_done(&f);
}

Test(tree, way_is_told) {
        Fixture f;

        fixture_init(&f, WAY_TAGS);
        cr_expect_str_eq(trees_describe(f.trees), "descendants (cgroups = false)");
        cr_expect_geq(trees_get_fd(f.trees), 0);
        fixture_done(&f);
}
