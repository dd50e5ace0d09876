/*
 * How long it takes to start programs: a plain loop of vfork and exec, which waits for each,
 * against the spawner, which does not. Time runs until the last program has begun to run (it then
 * closes its end of a pipe by ending).
 *
 *   spawn [N [PROGRAM]]
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/strv.h"
#include "bench/result.h"
#include "host/spawn/spawn.h"
#include "host/tree/tree.h"

#define ROUNDS 7

static const char *arg_program = "/bin/true";

typedef struct Bench {
        const char *name;
        bool spawner, wait_exec, tree, cgroups;
        Trees *trees;
        uint64_t start_usec[ROUNDS], all_usec[ROUNDS];
} Bench;

static void die(const char *what, int r) {
        (void)fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(1);
}

static SpawnRequest *new_request(int fd) {
        SpawnRequest *q = NULL;

        if (spawn_request_new(&q) < 0 || strv_extend(&q->argv, arg_program) < 0 ||
            strv_extend(&q->envp, "PATH=/bin") < 0 || !(q->path = strdup(arg_program)))
                die("request", -ENOMEM);
        q->stdio[1] = fd;
        return q;
}

static pid_t start_one_plain(char *const *argv, char *const *envp, int fd) {
        pid_t pid;

        /* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): what is measured against */
        pid = vfork();
        if (pid == 0) {
                (void)dup2(fd, 1); /* NOLINT(clang-analyzer-unix.Vfork): as many supervisors do */
                (void)execve(argv[0], argv, envp);
                _exit(127);
        }
        return pid;
}

static void start_plain(int n, int fd) {
        static char path[] = "PATH=/bin";
        char *argv[] = { strdup(arg_program), NULL }, *envp[] = { path, NULL };

        for (int i = 0; i < n; i++)
                if (start_one_plain(argv, envp, fd) < 0)
                        die("vfork", -errno);
        free(argv[0]);
}

static void start_spawner(const Bench *b, Spawner *s, int n, int fd, Tree **trees) {
        for (int i = 0; i < n; i++) {
                SpawnRequest *q = new_request(fd);
                pid_t pid;
                int r = 0;

                q->wait_exec = b->wait_exec;
                if (b->tree) {
                        r = tree_new(b->trees, "bench", &trees[i]);
                        if (r >= 0)
                                r = tree_prepare(trees[i], q);
                }
                if (r >= 0)
                        r = spawner_spawn(s, &q, &pid);
                if (r >= 0 && b->tree)
                        r = tree_started(trees[i], pid);
                if (r < 0)
                        die("spawn", r);
        }
}

/* One round: the time until all were started, and until all are gone. */
static void run(Bench *b, Spawner *s, int n, int round) {
        Tree **trees = calloc((size_t)n, sizeof(Tree *)); /* NOLINT(bugprone-sizeof-expression) */
        SpawnFailure failure;
        uint64_t begin;
        int fds[2];
        char c;

        if (!trees || pipe2(fds, O_CLOEXEC) < 0)
                die("pipe", -errno);

        begin = now_usec();
        if (b->spawner)
                start_spawner(b, s, n, fds[1], trees);
        else
                start_plain(n, fds[1]);
        b->start_usec[round] = now_usec() - begin;

        safe_close(fds[1]);
        for (int i = 0; i < n; i++) {
                pid_t pid = waitpid(-1, NULL, 0);

                if (pid < 0)
                        die("wait", -errno);
                if (spawner_collect(s, pid, &failure) != 0)
                        die("collect", -failure.error);
                trees_reaped(b->trees, pid);
        }
        while (read(fds[0], &c, 1) > 0)
                ;
        for (int i = 0; i < n; i++)
                tree_free(trees[i]);
        trees_tidy(b->trees);
        b->all_usec[round] = now_usec() - begin;
        safe_close(fds[0]);
        free(trees);
}

static int compare(const void *a, const void *b) {
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

        return (x > y) - (x < y);
}

static double to_msec(uint64_t usec) {
        return (double)usec / (double)USEC_PER_MSEC;
}

static void print(Bench *b) {
        qsort(b->start_usec, ROUNDS, sizeof(*b->start_usec), compare);
        qsort(b->all_usec, ROUNDS, sizeof(*b->all_usec), compare);
        (void)printf("%-32s %7.1f ms (best %7.1f) all started %8.1f ms (best %7.1f) all ended\n",
                     b->name, to_msec(b->start_usec[ROUNDS / 2]), to_msec(b->start_usec[0]),
                     to_msec(b->all_usec[ROUNDS / 2]), to_msec(b->all_usec[0]));
        result_emit("spawn", "all started", b->name, "ms", to_msec(b->start_usec[ROUNDS / 2]));
        result_emit("spawn", "all ended", b->name, "ms", to_msec(b->all_usec[ROUNDS / 2]));
}

int main(int argc, char *argv[]) {
        static Bench benches[] = {
                { .name = "vfork, one after the other" },
                { .name = "spawner, waiting for each exec", .spawner = true, .wait_exec = true },
                { .name = "spawner", .spawner = true },
                { .name = "spawner, tree by tag", .spawner = true, .tree = true },
                { .name = "spawner, tree by cgroup",
                  .spawner = true,
                  .tree = true,
                  .cgroups = true },
        };
        int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000, r;
        _cleanup_(spawner_freep) Spawner *s = NULL;
        sigset_t none;

        if (argc > 2)
                arg_program = argv[2];
        (void)sigemptyset(&none);
        r = spawner_new(&none, &s);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(benches); i++)
                r = trees_new(benches[i].cgroups, "bench", &benches[i].trees);
        if (r < 0)
                die("new", r);

        (void)printf("%d starts of %s, median of %d rounds\n", n, arg_program, ROUNDS);
        for (int round = 0; round < ROUNDS; round++) /* in turns: other load meets all alike */
                for (size_t i = 0; i < ELEMENTSOF(benches); i++)
                        run(&benches[i], s, n, round);

        for (size_t i = 0; i < ELEMENTSOF(benches); i++) {
                if (benches[i].cgroups &&
                    strncmp(trees_describe(benches[i].trees), "cgroup", 6) != 0)
                        benches[i].name = "(no cgroups here: tree by tag)";
                print(&benches[i]);
                benches[i].trees = trees_free(benches[i].trees);
        }
        return 0;
}
