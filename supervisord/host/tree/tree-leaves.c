/* Part of tree (host/tree/tree-internal.h): the way of trees with cgroups, where each is a leaf of
 * its own (cgroup.h).
 *
 * The kernel says when a leaf is empty and kills all in it at one stroke. A leaf is watched only
 * once its leader has gone and left others, so that a process that ends as it should costs no
 * watch.
 */
#include <errno.h>
#include <signal.h>

#include "base/array.h"
#include "host/tree/tree-internal.h"

static int leaves_make(Tree *t, const char *name) {
        return cgroup_leaf_make(t->trees->cgroup, name, &t->leaf);
}

static void unwatch(Tree *t) {
        Trees *ts = t->trees;

        if (t->watch <= 0)
                return;
        (void)pidmap_remove(ts->watches, t->watch);
        cgroup_leaf_unwatch(ts->cgroup, t->watch);
        t->watch = 0;
}

/* To remove a cgroup takes the kernel as long as to start a process. */
static void leaves_remove(Tree *t) {
        (void)cgroup_leaf_remove(t->trees->cgroup, t->leaf); /* -EBUSY: its processes go on */
        free(t->leaf);
}

static int leaves_prepare(Tree *t, SpawnRequest *request) {
        int fd;

        fd = cgroup_leaf_open(t->trees->cgroup, t->leaf);
        if (fd < 0)
                return fd;

        safe_close(request->cgroup_fd);
        request->cgroup_fd = fd;
        request->cgroup_join = cgroup_needs_join(t->trees->cgroup);
        return 0;
}

static int leaves_contains(Tree *t, pid_t pid) {
        return cgroup_leaf_has(t->trees->cgroup, t->leaf, pid);
}

static int leaves_signal(Tree *t, int signo) {
        _cleanup_(freep) pid_t *pids = NULL;
        int n, n_signalled = 0, error = 0, r;

        /* First of all the leader, which may be about to join the leaf only. */
        if (t->leader_lives && kill(t->leader, signo) == 0)
                n_signalled++;

        n = cgroup_leaf_pids(t->trees->cgroup, t->leaf, &pids);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                if (t->leader_lives && pids[i] == t->leader)
                        continue;
                r = tree_signal_exactly(t, pids[i], signo);
                if (r > 0)
                        n_signalled++;
                else
                        tree_signal_failed(&error, r);
        }
        return tree_signal_result(n_signalled, error);
}

static int leaves_kill(Tree *t) {
        int r;

        if (t->leader_lives)
                (void)kill(t->leader, SIGKILL); /* a zombie at worst; it may not have joined yet */

        r = cgroup_leaf_kill(t->trees->cgroup, t->leaf);
        if (r < 0 && r != -ENODEV) /* a kernel without it, or a threaded cgroup */
                r = leaves_signal(t, SIGKILL);
        return MIN(r, 0);
}

/* Zombies are not listed in a cgroup. */
static int leaves_adopted(Tree *t, pid_t **ret) {
        _cleanup_(freep) pid_t *pids = NULL;
        int n, n_adopted = 0;
        pid_t parent;
        char state;

        n = cgroup_leaf_pids(t->trees->cgroup, t->leaf, &pids);
        if (n < 0)
                return n;

        for (int i = 0; i < n; i++) {
                if (t->leader_lives && pids[i] == t->leader)
                        continue;
                if (process_stat(pids[i], &state, &parent) < 0 || parent != getpid())
                        continue; /* gone, or with a parent of its own */
                if (state == 'Z' || state == 'X')
                        continue;
                pids[n_adopted++] = pids[i];
        }

        if (n_adopted > 0)
                *ret = TAKE_PTR(pids);
        return n_adopted;
}

static int is_empty(Tree *t) {
        int r;

        r = cgroup_leaf_populated(t->trees->cgroup, t->leaf);
        return r < 0 ? r : r == 0;
}

/* Have the change told. Without a watch (their number is limited) every update looks again. */
static void watch(Tree *t) {
        Trees *ts = t->trees;

        t->watch = cgroup_leaf_watch(ts->cgroup, t->leaf);
        if (t->watch > 0 && pidmap_put(ts->watches, t->watch, t) >= 0)
                return;

        if (t->watch > 0)
                cgroup_leaf_unwatch(ts->cgroup, t->watch);
        t->watch = 0;
}

/*
 * A leaf that is not empty is watched from then on: the last process may be none of our children,
 * or counted for some time after we have reaped it. The second look is for what changed in between.
 */
static int leaves_check(Tree *t) {
        int r;

        r = is_empty(t);
        if (r != 0 || t->watch > 0)
                return r;

        watch(t);
        return is_empty(t);
}

/* Returns -errno if it is not known how it stands with the tree: it is looked at again. */
static int update_one(Tree *t) {
        int r, q;

        if (t->leader_lives || t->empty)
                return 0;
        if (t->leader == 0) {
                t->empty = true;
                return 0;
        }
        if (!t->dirty && !t->killing)
                return 0;

        r = leaves_check(t);
        if (r > 0) {
                unwatch(t);
                t->empty = true;
                return 0;
        }
        if (r == 0)
                t->dirty = t->watch == 0;
        if (t->killing) {
                q = leaves_kill(t);
                r = MIN(r, q);
        }
        return r;
}

static int leaves_update(Trees *ts) {
        int watch, error = 0, r;
        Tree *t = NULL;

        while ((watch = cgroup_next_event(ts->cgroup)) > 0) {
                t = pidmap_get(ts->watches, watch);
                if (t)
                        t->dirty = true;
        }
        if (watch < 0)
                error = watch;

        LIST_FOREACH(t, &ts->asking, link) {
                r = update_one(t);
                if (r < 0)
                        error = r;
        }
        return error;
}

const TreeWay tree_way_cgroup = {
        .make = leaves_make,
        .forget = unwatch,
        .remove = leaves_remove,
        .prepare = leaves_prepare,
        .signal = leaves_signal,
        .kill = leaves_kill,
        .adopted = leaves_adopted,
        .contains = leaves_contains,
        .check = leaves_check,
        .update = leaves_update,
};
