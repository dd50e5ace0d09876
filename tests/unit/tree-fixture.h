/*
 * Real process trees for the tests of host/tree, and a loop that reaps as the daemon does.
 */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "base/pidmap.h"
#include "base/strv.h"
#include "host/spawn/spawn.h"
#include "host/tree/tree.h"
#include "tree-roles.h"

typedef enum Way {
        WAY_TAGS,
        WAY_CGROUP,
} Way;

typedef struct Fixture {
        Trees *trees;
        Spawner *spawner;
        PidMap *reaped; /* every pid that was */
        int child_signals;
        Way way;
} Fixture;

/* One running tree. */
typedef struct Grown {
        Fixture *fixture;
        Tree *tree;
        pid_t leader;
        int n_empty; /* calls of its callback */
} Grown;

/* Make all, or skip the test where @way cannot be had. */
static inline void fixture_init(Fixture *f, Way way) {
        sigset_t none, chld;

        *f = (Fixture){ .child_signals = -1, .way = way };
        cr_assert_eq(trees_new(way == WAY_CGROUP, "test", &f->trees), 0);
        if (way == WAY_CGROUP && strncmp(trees_describe(f->trees), "cgroup ", 7) != 0) {
                f->trees = trees_free(f->trees);
                cr_skip("no cgroup v2 that may be divided here");
        }

        (void)sigemptyset(&none);
        cr_assert_eq(spawner_new(&none, &f->spawner), 0);
        cr_assert_eq(pidmap_new(&f->reaped), 0);
        (void)sigemptyset(&chld);
        (void)sigaddset(&chld, SIGCHLD);
        cr_assert_eq(sigprocmask(SIG_BLOCK, &chld, NULL), 0);
        f->child_signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
        cr_assert_geq(f->child_signals, 0);
}

/* Is there any child, living or not? It stays to be reaped. */
static inline bool has_children(void) {
        siginfo_t info;

        return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static inline void fixture_reap(Fixture *f) {
        struct signalfd_siginfo drained;
        SpawnFailure failure;
        siginfo_t info;

        while (read(f->child_signals, &drained, sizeof(drained)) > 0)
                ;
        for (;;) {
                info.si_pid = 0;
                if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
                        return;
                cr_expect_eq(spawner_collect(f->spawner, info.si_pid, &failure), 0);
                cr_assert_eq(pidmap_put(f->reaped, info.si_pid, f), 0);
                trees_reaped(f->trees, info.si_pid);
        }
}

/* One turn of the loop: wait for something to do, reap all there is, update. */
static inline void fixture_turn(Fixture *f) {
        struct pollfd fds[] = {
                { .fd = f->child_signals, .events = POLLIN },
                { .fd = trees_get_fd(f->trees), .events = POLLIN },
        };

        cr_assert_geq(poll(fds, ELEMENTSOF(fds), 30 * 1000), 1, "nothing happens any more");
        fixture_reap(f);
        cr_assert_geq(trees_update(f->trees), 0);
}

/*
 * No child may be left by now. One in a cgroup may be about to: it leaves its cgroup a moment
 * before it can be reaped (do_exit() of kernel/exit.c). A living one lets fixture_turn() fail.
 */
static inline void fixture_done(Fixture *f) {
        while (f->way == WAY_CGROUP && has_children())
                fixture_turn(f);
        cr_expect_not(has_children());
        f->trees = trees_free(f->trees);
        f->spawner = spawner_free(f->spawner);
        f->reaped = pidmap_free(f->reaped);
        f->child_signals = safe_close(f->child_signals);
}

static inline void run_until_reaped(Fixture *f, pid_t pid) {
        while (!pidmap_get(f->reaped, pid))
                fixture_turn(f);
}

static inline void on_empty(Tree *t, void *userdata) {
        Grown *g = userdata;

        cr_expect_eq(t, g->tree);
        g->n_empty++;
}

static inline void run_until_empty(Grown *g) {
        int before = g->n_empty;

        tree_watch(g->tree, on_empty, g);
        while (g->n_empty == before)
                fixture_turn(g->fixture);
        cr_expect_eq(g->n_empty, before + 1);
}

/* The request for @role, its output going to @output. */
static inline SpawnRequest *new_role(const char *role, int output) {
        SpawnRequest *q = NULL;
        char path[PATH_MAX], variable[64];

        ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
        cr_assert_gt(n, 0);
        path[n] = '\0';
        (void)snprintf(variable, sizeof(variable), "TREE_ROLE=%s", role);

        cr_assert_eq(spawn_request_new(&q), 0);
        q->path = strdup(path);
        cr_assert_eq(strv_extend(&q->argv, role), 0);
        cr_assert_eq(strv_extend(&q->envp, variable), 0);
        q->stdio[1] = output;
        return q;
}

/* Start @role in a tree of its own, and return when all of its processes are in place. */
static inline void grow(Fixture *f, const char *role, Grown *ret) {
        SpawnRequest *q;
        int pipe_fds[2];
        char c;

        *ret = (Grown){ .fixture = f };
        cr_assert_eq(pipe2(pipe_fds, O_CLOEXEC), 0);
        q = new_role(role, pipe_fds[1]);
        cr_assert_eq(tree_new(f->trees, role, &ret->tree), 0);
        cr_assert_eq(tree_prepare(ret->tree, q), 0);
        cr_assert_eq(spawner_spawn(f->spawner, &q, &ret->leader), 0);
        cr_assert_eq(tree_started(ret->tree, ret->leader), 0);
        safe_close(pipe_fds[1]);

        for (size_t i = 0; i < role_size(role); i++)
                cr_assert_eq(read(pipe_fds[0], &c, 1), 1, "%s did not get there", role);
        safe_close(pipe_fds[0]);
}

static inline void grown_done(Grown *g) {
        g->tree = tree_free(g->tree);
}

/* Kill what is left, and see it gone. */
static inline void finish(Grown *g) {
        cr_assert_eq(tree_kill(g->tree), 0);
        run_until_empty(g);
        cr_expect(tree_is_empty(g->tree));
        grown_done(g);
}
