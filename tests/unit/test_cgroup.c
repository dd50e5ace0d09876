/*
 * The cgroup folder and its leaves, where this machine lets us make some.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/cgroup.h"

TestSuite(cgroup, .timeout = 30);

static Cgroup *open_or_skip(const char *identifier) {
        Cgroup *cg = NULL;
        int r;

        r = cgroup_open(identifier, &cg);
        if (r < 0)
                cr_skip("no cgroup v2 that may be divided here: %s", strerror(-r));
        return cg;
}

/* The folder of @cg in the file system. */
static char *folder_of(const Cgroup *cg) {
        const char *name = strrchr(cgroup_get_path(cg), '/') + 1;
        CgroupPlace place;
        char *folder;

        cr_assert_eq(cgroup_find(&place), 0);
        if (place.delegated)
                folder = strdup(place.folder);
        else
                cr_assert_gt(asprintf(&folder, "%s/%s", place.folder, name), 0);
        cgroup_place_done(&place);
        cr_assert_not_null(folder);
        return folder;
}

/* A process in @leaf that lives until it is killed. */
static pid_t start_in(const Cgroup *cg, const char *leaf) {
        _cleanup_(freep) char *folder = folder_of(cg), *file = NULL;
        FILE *f;
        pid_t pid;

        pid = fork();
        if (pid == 0) {
                (void)alarm(20);
                for (;;)
                        (void)pause();
        }
        cr_assert_gt(pid, 0);
        cr_assert_gt(asprintf(&file, "%s/%s/cgroup.procs", folder, leaf), 0);
        f = fopen(file, "we");
        cr_assert_not_null(f);
        cr_assert_gt(fprintf(f, "%d", pid), 0);
        cr_assert_eq(fclose(f), 0);
        return pid;
}

Test(cgroup, folder_is_removed_at_the_end) {
        Cgroup *cg = open_or_skip("folder-test");
        _cleanup_(freep) char *folder = folder_of(cg);
        struct stat st;

        cr_expect_eq(stat(folder, &st), 0);
        cgroup_free(cg);
        if (strstr(folder, "supervisord-")) /* else it is the delegated one */
                cr_expect_eq(stat(folder, &st), -1);
}

Test(cgroup, two_supervisors_of_one_name_do_not_share) {
        Cgroup *a = open_or_skip("same-name"), *b = open_or_skip("same-name");

        if (strstr(cgroup_get_path(a), "supervisord-"))
                cr_expect_str_neq(cgroup_get_path(a), cgroup_get_path(b));
        cgroup_free(a);
        cgroup_free(b);
}

Test(cgroup, folder_of_a_dead_supervisor_is_taken_over) {
        Cgroup *cg = open_or_skip("taken-over");
        _cleanup_(freep) char *folder = folder_of(cg), *left = NULL;
        _cleanup_(freep) char *path = strdup(cgroup_get_path(cg));
        struct stat st;

        cgroup_free(cg);
        if (!strstr(folder, "supervisord-"))
                cr_skip("our own cgroup is delegated: there is no folder of ours");

        cr_assert_eq(mkdir(folder, 0755), 0);
        cr_assert_gt(asprintf(&left, "%s/old.1", folder), 0);
        cr_assert_eq(mkdir(left, 0755), 0);

        cg = open_or_skip("taken-over");
        cr_expect_str_eq(cgroup_get_path(cg), path);
        cr_expect_eq(stat(left, &st), -1, "its empty leaves are gone");
        cgroup_free(cg);
}

Test(cgroup, leaves_are_never_the_same) {
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("fresh");
        _cleanup_(freep) char *a = NULL, *b = NULL;

        cr_assert_eq(cgroup_leaf_make(cg, "web", &a), 0);
        cr_assert_eq(cgroup_leaf_remove(cg, a), 0);
        cr_assert_eq(cgroup_leaf_make(cg, "web", &b), 0);
        cr_expect_str_neq(a, b);
        cr_expect_eq(strncmp(b, "web.", 4), 0);
        cr_assert_eq(cgroup_leaf_remove(cg, b), 0);
}

Test(cgroup, any_name_makes_a_leaf) {
        static const char *const names[] = { "",        ".",    "..",  "a/b",
                                             "../../x", "a\nb", "ä ö", "x:y_00" };
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("names");
        char longest[2000];

        (void)memset(longest, 'x', sizeof(longest));
        longest[sizeof(longest) - 1] = '\0';

        for (size_t i = 0; i <= ELEMENTSOF(names); i++) {
                const char *name = i < ELEMENTSOF(names) ? names[i] : longest;
                _cleanup_(freep) char *leaf = NULL;

                cr_assert_eq(cgroup_leaf_make(cg, name, &leaf), 0, "%s", name);
                cr_expect_null(strpbrk(leaf, "/\n"));
                cr_expect_neq(leaf[0], '.');
                cr_expect_eq(cgroup_leaf_populated(cg, leaf), 0);
                cr_expect_eq(cgroup_leaf_remove(cg, leaf), 0);
        }
}

Test(cgroup, leaf_is_populated_while_a_process_lives_in_it) {
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("populated");
        _cleanup_(freep) char *leaf = NULL;
        _cleanup_(freep) pid_t *pids = NULL;
        siginfo_t info;

        cr_assert_eq(cgroup_leaf_make(cg, "p", &leaf), 0);
        pid_t pid = start_in(cg, leaf);

        cr_expect_eq(cgroup_leaf_populated(cg, leaf), 1);
        cr_assert_eq(cgroup_leaf_pids(cg, leaf, &pids), 1);
        cr_expect_eq(pids[0], pid);
        cr_expect(cgroup_leaf_has(cg, leaf, pid));
        cr_expect_not(cgroup_leaf_has(cg, leaf, getpid()));
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), -EBUSY);

        int watch = cgroup_leaf_watch(cg, leaf);
        cr_assert_gt(watch, 0);
        cr_expect_eq(cgroup_next_event(cg), 0);

        int r = cgroup_leaf_kill(cg, leaf);
        if (r == -ENOENT) /* before Linux 5.14 */
                r = kill(pid, SIGKILL);
        cr_assert_eq(r, 0);
        cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED), 0);

        while ((r = cgroup_next_event(cg)) == 0) /* told from a kernel thread */
                (void)sched_yield();
        cr_expect_eq(r, watch);
        cr_expect_eq(cgroup_leaf_populated(cg, leaf), 0);
        cgroup_leaf_unwatch(cg, watch);
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), 0);
        cr_expect_eq(cgroup_leaf_populated(cg, leaf), 0, "one that is gone is empty");
        free(TAKE_PTR(pids));
        cr_expect_eq(cgroup_leaf_pids(cg, leaf, &pids), 0);
}

Test(cgroup, cgroups_made_below_a_leaf_belong_to_it) {
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("below");
        _cleanup_(freep) char *leaf = NULL, *folder = folder_of(cg), *inner = NULL, *below = NULL;
        _cleanup_(freep) pid_t *pids = NULL;

        cr_assert_eq(cgroup_leaf_make(cg, "outer", &leaf), 0);
        cr_assert_gt(asprintf(&inner, "%s/%s/inner", folder, leaf), 0);
        cr_assert_gt(asprintf(&below, "%s/inner", leaf), 0);
        cr_assert_eq(mkdir(inner, 0755), 0);
        pid_t pid = start_in(cg, below);

        cr_expect_eq(cgroup_leaf_populated(cg, leaf), 1);
        cr_expect_eq(cgroup_leaf_pids(cg, leaf, &pids), 1);
        cr_expect(cgroup_leaf_has(cg, leaf, pid));
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), -EBUSY);

        cr_assert_eq(kill(pid, SIGKILL), 0);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        while (cgroup_leaf_populated(cg, leaf) == 1)
                (void)sched_yield();
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), 0, "with all below it");
}

Test(cgroup, children_can_be_born_in_a_leaf_and_can_join_one) {
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("probe");
        _cleanup_(freep) char *leaf = NULL;
        _cleanup_(closep) int fd = -1;

        cr_assert_eq(cgroup_leaf_make(cg, "p", &leaf), 0);
        fd = cgroup_leaf_open(cg, leaf);
        cr_assert_geq(fd, 0);
        if (!cgroup_needs_join(cg))
                cr_expect_eq(cgroup_probe(fd, false), 0);
        cr_expect_eq(cgroup_probe(fd, true), 0);
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), 0);

        cr_expect_lt(cgroup_probe(fd, false), 0, "it is gone");
        cr_expect_lt(cgroup_probe(fd, true), 0);
}
