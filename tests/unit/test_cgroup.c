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
#include <sys/xattr.h>

#include "host/tree/cgroup-find.h"
#include "host/tree/cgroup-probe.h"
#include "host/tree/cgroup.h"

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

/* ---------------------------------------------------------------- controllers */

static void enter(const char *dir) {
        _cleanup_(freep) char *path = NULL;
        FILE *f;

        cr_assert_gt(asprintf(&path, "%s/cgroup.procs", dir), 0);
        f = fopen(path, "we");
        cr_assert_not_null(f);
        cr_assert_geq(fputs("0", f), 0);
        cr_assert_eq(fclose(f), 0);
}

/* A file of this process's cgroup folder, or of @leaf in it; the caller's. */
static char *read_in(const char *dir, const char *file) {
        _cleanup_(freep) char *path = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        char *text = NULL;
        size_t size = 0;

        cr_assert_gt(asprintf(&path, "%s/%s", dir, file), 0);
        f = fopen(path, "re");
        cr_assert_not_null(f, "%s", path);
        if (getline(&text, &size, f) < 0)
                *text = '\0';
        return text;
}

/* What can be switched on here, with a file of it that takes "max". */
static const char *any_controller(const char *folder, const char **ret_file) {
        static const char *const known[][2] = {
                { "memory", "memory.max" },
                { "pids", "pids.max" },
                { "cpu", "cpu.max" },
                { "hugetlb", "hugetlb.2MB.max" },
        };
        _cleanup_(freep) char *offered = read_in(folder, "cgroup.controllers");

        for (size_t i = 0; i < ELEMENTSOF(known); i++)
                if (strstr(offered, known[i][0])) {
                        *ret_file = known[i][1];
                        return known[i][0];
                }
        cr_skip("no controller is left to cgroup v2 here");
        return NULL;
}

Test(cgroup, unknown_controller_is_not_available) {
        _cleanup_(cgroup_freep) Cgroup *cg = open_or_skip("unknown");

        cr_expect_eq(cgroup_enable(cg, "tea"), -EOPNOTSUPP);
}

Test(cgroup, controller_that_is_switched_on_limits_leaves_and_is_given_back) {
        Cgroup *cg = open_or_skip("control");
        _cleanup_(freep) char *folder = folder_of(cg), *leaf = NULL, *path = NULL, *value = NULL;
        _cleanup_(freep) char *after = NULL;
        _cleanup_(cgroup_place_done) CgroupPlace before = { 0 }, place = { 0 };
        const char *file = NULL, *controller;

        cr_assert_eq(cgroup_find(&before), 0);
        controller = any_controller(before.folder, &file);
        cr_assert_eq(cgroup_enable(cg, controller), 0);
        cr_assert_eq(cgroup_enable(cg, controller), 0, "a second time nothing is left to do");
        cr_assert_eq(cgroup_leaf_make(cg, "limited", &leaf), 0);
        cr_assert_eq(cgroup_leaf_set(cg, leaf, file, "max"), 0);
        cr_expect_eq(cgroup_leaf_set(cg, leaf, file, "tea"), -EINVAL);
        cr_expect_eq(cgroup_leaf_set(cg, leaf, "no.such.file", "1"), -ENOENT);
        cr_assert_gt(asprintf(&path, "%s/%s", folder, leaf), 0);
        value = read_in(path, file);
        cr_expect_eq(strncmp(value, "max", 3), 0, "%s", value);
        cr_expect_eq(cgroup_leaf_remove(cg, leaf), 0);
        cgroup_free(cg);

        cr_assert_eq(cgroup_find(&place), 0);
        cr_expect_str_eq(place.path, before.path, "we are where we were");
        after = read_in(before.folder, "cgroup.subtree_control");
        cr_expect_null(strstr(after, controller), "%s", after);
}

/*
 * In a cgroup with rules of its own (the root has none): delegated to us, with another process in
 * it that has to move.
 */
Test(cgroup, processes_make_way_for_controllers_where_the_cgroup_is_ours) {
        _cleanup_(freep) char *inner = NULL, *leaf = NULL;
        _cleanup_(cgroup_place_done) CgroupPlace outer = { 0 }, place = { 0 };
        const char *file = NULL, *controller;
        Cgroup *cg = open_or_skip("way"), *delegated = NULL;
        pid_t other;

        cr_assert_eq(cgroup_find(&outer), 0);
        controller = any_controller(outer.folder, &file);
        cr_assert_eq(cgroup_enable(cg, controller), 0);
        cr_assert_eq(cgroup_leaf_make(cg, "delegated", &leaf), 0);
        _cleanup_(freep) char *folder = folder_of(cg);
        cr_assert_gt(asprintf(&inner, "%s/%s", folder, leaf), 0);
        if (setxattr(inner, "user.delegate", "1", 1, 0) < 0)
                cr_skip("no extended attributes on cgroups here");
        other = start_in(cg, leaf);
        enter(inner);

        cr_assert_eq(cgroup_open("inner", &delegated), 0);
        cr_assert_eq(cgroup_enable(delegated, controller), 0);
        cr_assert_eq(cgroup_find(&place), 0);
        cr_expect_str_eq(strrchr(place.path, '/'), "/supervisor");
        cr_expect(cgroup_leaf_has(cg, leaf, other), "it is still below");
        cgroup_free(delegated);

        cr_assert_eq(kill(other, SIGKILL), 0);
        cr_assert_eq(waitpid(other, NULL, 0), other);
        cgroup_place_done(&place);
        cr_assert_eq(cgroup_find(&place), 0);
        cr_expect_eq(strcmp(strrchr(place.path, '/') + 1, leaf), 0, "back in %s", place.path);
        enter(outer.folder);
        while (cgroup_leaf_remove(cg, leaf) == -EBUSY) /* the dead one counts for a moment */
                (void)sched_yield();
        cgroup_free(cg);
}
