/* Part of tree (host/tree/tree-internal.h): what both ways of knowing a tree have in common, from
 * the choice of the way to the list of trees whose end is awaited. How a tree is found, signalled
 * or seen to be empty is for the way (tree-leaves.c, tree-tags.c).
 */
#include "host/tree/tree.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>

#include "host/tree/tree-internal.h"

const char *trees_why_no_cgroup(const Trees *ts) {
        switch (ts->no_cgroup) {
        case -ECANCELED:
                return "cgroups = false";
        case -ENOENT:
                return "there is no cgroup v2 here";
        case -EPERM:
                return "none is delegated to supervisord";
        default:
                return strerror(-ts->no_cgroup);
        }
}

static int describe(Trees *ts) {
        int r;

        if (ts->cgroup)
                r = asprintf(&ts->description, "cgroup %s", cgroup_get_path(ts->cgroup));
        else
                r = asprintf(&ts->description, "descendants (%s)", trees_why_no_cgroup(ts));
        if (r < 0)
                ts->description = NULL; /* undefined after a failure */
        return r < 0 ? -ENOMEM : 0;
}

static int prepare_tags(Trees *ts) {
        int r;

        r = tag_range_init(&ts->range);
        if (r < 0)
                return r;
        r = pidmap_new(&ts->tags);
        if (r < 0)
                return r;

        ts->way = &tree_way_tags;
        return 0;
}

static int prepare_cgroup(Trees *ts, const char *identifier) {
        int r;

        r = cgroup_open(identifier, &ts->cgroup);
        if (r < 0)
                return r;
        r = pidmap_new(&ts->watches);
        if (r < 0)
                return r;

        ts->way = &tree_way_cgroup;
        return 0;
}

static int watch_fd(Trees *ts, int fd) {
        struct epoll_event event = { .events = EPOLLIN };

        return epoll_ctl(ts->fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int prepare_wakeup(Trees *ts) {
        int r;

        ts->fd = epoll_create1(EPOLL_CLOEXEC);
        if (ts->fd < 0)
                return -errno;
        ts->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (ts->wake_fd < 0)
                return -errno;

        r = watch_fd(ts, ts->wake_fd);
        if (r >= 0 && ts->cgroup)
                r = watch_fd(ts, cgroup_get_fd(ts->cgroup));
        return r;
}

int trees_new(bool may_use_cgroups, const char *identifier, Trees **ret) {
        _cleanup_(trees_freep) Trees *ts = NULL;
        int r;

        ts = calloc(1, sizeof(*ts));
        if (!ts)
                return -ENOMEM;
        LIST_INIT(&ts->asking);
        ts->fd = ts->wake_fd = -1;

        if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
                return -errno;

        r = children_new(&ts->children);
        if (r < 0)
                return r;
        r = pidmap_new(&ts->members);
        if (r < 0)
                return r;
        r = pidmap_new(&ts->killed);
        if (r < 0)
                return r;

        r = may_use_cgroups ? prepare_cgroup(ts, identifier) : -ECANCELED;
        ts->no_cgroup = r;
        if (r < 0 &&
            r != -ENOMEM) /* whatever stands in the way of cgroups, the other way is open */
                r = prepare_tags(ts);
        if (r < 0)
                return r;

        r = prepare_wakeup(ts);
        if (r < 0)
                return r;
        r = describe(ts);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(ts);
        return 0;
}

Trees *trees_free(Trees *ts) {
        if (!ts)
                return NULL;

        trees_tidy(ts);
        pidmap_free(ts->members);
        pidmap_free(ts->killed);
        pidmap_free(ts->tags);
        pidmap_free(ts->watches);
        children_free(ts->children);
        cgroup_free(ts->cgroup);
        safe_close(ts->fd);
        safe_close(ts->wake_fd);
        free(ts->description);
        free(ts);
        return NULL;
}

const char *trees_describe(const Trees *ts) {
        return ts->description;
}

int trees_get_fd(const Trees *ts) {
        return ts->fd;
}

/* ---------------------------------------------------------------- what is asked for */

void tree_enlist(Tree *t) {
        bool asks = t->killing || (t->fn && !t->leader_lives);

        if (asks == t->asking)
                return;

        t->asking = asks;
        if (asks) {
                t->dirty = true;
                LIST_INSERT_HEAD(&t->trees->asking, t, link);
        } else {
                LIST_REMOVE(t, link);
        }
}

/*
 * What is asked now of a tree without a leader may be answered already, with nothing to come that
 * would lead to an update: see to it that there is one.
 */
static void wake(Tree *t) {
        Trees *ts = t->trees;

        if (!t->asking || t->leader_lives || ts->woken)
                return;
        ts->woken = true;
        (void)eventfd_write(ts->wake_fd, 1); /* the counter was 0: there is room */
}

static void take_wakeup(Trees *ts) {
        eventfd_t count;

        if (!ts->woken)
                return;
        ts->woken = false;
        (void)eventfd_read(ts->wake_fd, &count); /* written before: there is something to read */
}

void trees_reaped(Trees *ts, pid_t pid) {
        Tree *t = pidmap_remove(ts->members, pid);

        (void)pidmap_remove(ts->killed, pid);
        ts->fresh = false;
        if (!t)
                return;
        if (!t->leader_lives || t->leader != pid) {
                t->n_adopted--;
                return;
        }

        t->leader_lives = false;
        t->dirty = true;
        tree_enlist(t);
}

/* Move what has become empty to a list apart, as a callback may free any tree. */
static void gather_empty(Trees *ts, TreeList *done) {
        Tree *t, *next;

        for (t = LIST_FIRST(&ts->asking); t; t = next) {
                next = LIST_NEXT(t, link);
                if (!t->empty)
                        continue;
                LIST_REMOVE(t, link);
                LIST_INSERT_HEAD(done, t, link);
        }
}

/* Tell the watchers of what has become empty. Returns the number of those trees. */
static int tell_empty(Trees *ts) {
        TreeList done = LIST_HEAD_INITIALIZER(done);
        Tree *t;
        int n = 0;

        gather_empty(ts, &done);
        while ((t = LIST_FIRST(&done))) {
                tree_empty_fn fn = t->fn;

                LIST_REMOVE(t, link);
                t->asking = t->killing = false;
                t->fn = NULL;
                n++;
                if (fn)
                        fn(t, t->userdata);
        }
        return n;
}

int trees_update(Trees *ts) {
        int n, r;

        take_wakeup(ts);
        if (LIST_EMPTY(&ts->asking) && !ts->cgroup) /* a cgroup's events have to be drained */
                return 0;

        r = ts->way->update(ts);
        n = tell_empty(ts);
        return r < 0 ? r : n;
}

bool trees_tell_unreaped(const Trees *ts) {
        return ts->cgroup || children_are_apart(ts->children);
}

int trees_kill_rest(Trees *ts) {
        const pid_t *pids;
        size_t n;
        int r, n_dying = 0;

        r = children_read(ts->children);
        if (r < 0)
                return r;
        children_get(ts->children, &pids, &n);

        /* Their own children become ours with their end: they are the next call's. */
        for (size_t i = 0; i < n; i++) {
                if (!pidmap_get(ts->killed, pids[i])) {
                        if (kill(pids[i], SIGKILL) < 0)
                                continue; /* of a user beyond our reach: it has to end by itself */
                        (void)pidmap_put(ts->killed, pids[i], ts); /* else it is killed again */
                }
                n_dying++;
        }
        return n_dying;
}

/* ---------------------------------------------------------------- one tree */

int tree_new(Trees *ts, const char *name, Tree **ret) {
        Tree *t;
        int r;

        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->trees = ts;

        r = ts->way->make(t, name);
        if (r < 0) {
                free(t);
                return r;
        }

        *ret = t;
        return 0;
}

Tree *tree_free(Tree *t) {
        if (!t)
                return NULL;

        t->fn = NULL;
        t->killing = false;
        tree_enlist(t);
        t->trees->way->forget(t);
        if (t->leader_lives)
                (void)pidmap_remove(t->trees->members, t->leader);
        LIST_INSERT_HEAD(&t->trees->gone, t, link);
        return NULL;
}

void trees_tidy(Trees *ts) {
        Tree *t;

        while ((t = LIST_FIRST(&ts->gone))) {
                LIST_REMOVE(t, link);
                if (ts->way->remove)
                        ts->way->remove(t);
                free(t);
        }
}

int tree_prepare(Tree *t, SpawnRequest *request) {
        return t->trees->way->prepare(t, request);
}

int tree_started(Tree *t, pid_t leader) {
        int r;

        r = pidmap_put(t->trees->members, leader, t);
        if (r < 0)
                return r;

        t->leader = leader;
        t->leader_lives = true;
        return 0;
}

bool tree_is_empty(Tree *t) {
        if (!t->empty && !t->leader_lives)
                t->empty = t->leader == 0 || t->trees->way->check(t) > 0;
        return t->empty;
}

void tree_watch(Tree *t, tree_empty_fn fn, void *userdata) {
        t->fn = fn;
        t->userdata = userdata;
        tree_enlist(t);
        wake(t);
}

int tree_signal(Tree *t, int signo) {
        return t->empty ? 0 : t->trees->way->signal(t, signo);
}

int tree_kill(Tree *t) {
        if (t->empty)
                return 0;

        t->killing = true;
        tree_enlist(t);
        wake(t);
        return t->trees->way->kill(t);
}

int tree_adopted(Tree *t, pid_t **ret) {
        *ret = NULL;
        return t->empty ? 0 : t->trees->way->adopted(t, ret);
}

bool tree_contains(Tree *t, pid_t pid) {
        if (pid <= 0 || t->empty)
                return false;
        if (t->leader_lives && pid == t->leader)
                return true;
        return t->trees->way->contains(t, pid) > 0;
}

void tree_signal_failed(int *error, int r) {
        if (*error == 0 || *error == -EPERM)
                *error = r;
}

int tree_signal_result(int n, int error) {
        return error == 0 || (error == -EPERM && n > 0) ? n : error;
}

int tree_signal_exactly(Tree *t, pid_t pid, int signo) {
        _cleanup_(closep) int fd = -1;
        int r;

        fd = pidfd_open(pid, 0);
        if (fd < 0)
                return errno == ESRCH ? 0 : -errno;

        /* In this order: what is looked at now is what the descriptor means, or that one is gone.
         */
        r = t->trees->way->contains(t, pid);
        if (r <= 0)
                return r;
        if (pidfd_send_signal(fd, signo, NULL, 0) < 0)
                return errno == ESRCH ? 0 : -errno;
        return 1;
}
