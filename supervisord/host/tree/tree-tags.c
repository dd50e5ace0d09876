/* Part of tree (host/tree/tree-internal.h): the way of trees without cgroups, as descendants that
 * carry a tag.
 *
 * The daemon is the subreaper, so the topmost living processes of every tree are its own children.
 * A look at these children, each of which shows its tag (proc-tag.h), tells which trees still have
 * a process; a walk from them down finds the others. What is found by numbers alone is signalled
 * through a pidfd only, after its tag was read once more.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "base/array.h"
#include "base/clock.h"
#include "host/tree/tree-internal.h"

#define LATELY_USEC (5 * USEC_PER_MSEC)
#define KILL_ROUNDS_MAX \
        4 /* looks at our children in one call, while there are ever new ones to kill */

static pid_t key_of(const Trees *ts, rlim_t tag) {
        return (pid_t)((tag - ts->range.first) % INT_MAX) + 1;
}

static Tree *find_by_tag(Trees *ts, rlim_t tag) {
        Tree *t;

        if (tag < ts->range.first || tag > ts->range.last)
                return NULL;

        t = pidmap_get(ts->tags, key_of(ts, tag));
        return t && t->tag == tag ? t : NULL;
}

/*
 * The tree of @pid, which is our unreaped child. Its tag is read once. Returns 0, or -errno if it
 * could not be read now; one that is hidden from us for good counts as a stranger.
 */
static int find_owner(Trees *ts, pid_t pid, Tree **ret) {
        rlim_t tag = 0;
        Tree *t;
        int r;

        t = pidmap_get(ts->members, pid);
        if (!t) {
                r = tag_read(&ts->range, pid, &tag);
                if (r < 0 && r != -EACCES && r != -ESRCH)
                        return r;

                t = r < 0 ? NULL : find_by_tag(ts, tag);
                if (!t)
                        t = &ts->stranger;
                r = pidmap_put(ts->members, pid, t);
                if (r < 0)
                        return r;
                t->n_adopted++;
        }

        *ret = t;
        return 0;
}

/* Look at our children and note which trees have one, but for leaders that live. */
static int look_at_children(Trees *ts) {
        const pid_t *pids;
        size_t n;
        Tree *t;
        int r;

        ts->fresh = false;
        r = children_read_adopted(ts->children);
        if (r < 0)
                return r;

        ts->round++;
        children_get(ts->children, &pids, &n);
        for (size_t i = 0; i < n; i++) {
                r = find_owner(ts, pids[i], &t);
                if (r < 0)
                        return r;
                t->seen = ts->round;
        }
        ts->fresh = true;
        ts->looked_usec = now_usec();
        return 0;
}

/*
 * For what needs no proof: be content with a look that is hardly older than the call, so that many
 * trees can be signalled at the price of one.
 */
static int look_lately(Trees *ts) {
        if (ts->fresh && now_usec() < ts->looked_usec + LATELY_USEC)
                return 0;
        return look_at_children(ts);
}

/* ---------------------------------------------------------------- signalling */

/* A walk from some of our children down, parents first, each process at most once. */
typedef struct Walk {
        Tree *tree;
        int signo;
        pid_t *queue;
        size_t n, n_ours; /* the first are our own children */
        PidMap *met;      /* all that were in the queue; value: the walk */
        int n_signalled;
        int error; /* see tree_signal_failed() */
} Walk;

static void walk_done(Walk *w) {
        free(w->queue);
        pidmap_free(w->met);
}

static int walk_add(Walk *w, pid_t pid) {
        pid_t *room = array_room(w->queue, w->n, sizeof(*room));

        if (!room)
                return -ENOMEM;
        w->queue = room;
        room[w->n++] = pid;
        return pidmap_put(w->met, pid, w);
}

static int walk_add_below(Walk *w, pid_t pid) {
        _cleanup_(freep) pid_t *below = NULL;
        size_t n = 0;
        int r;

        r = children_append(pid, &below, &n);
        for (size_t i = 0; r >= 0 && i < n; i++)
                if (!pidmap_get(w->met, below[i]))
                        r = walk_add(w, below[i]);
        return r;
}

/*
 * Signal each process of the queue and of what is found below. The children of one are read before
 * it is signalled, as with its end they become ours.
 */
static void walk_run(Walk *w) {
        int r;

        for (size_t i = 0; i < w->n; i++) {
                pid_t pid = w->queue[i];

                r = walk_add_below(w, pid);
                tree_signal_failed(&w->error, r);

                if (i < w->n_ours) /* not reaped yet: this number is nobody else's */
                        r = kill(pid, w->signo) < 0 ? -errno : 1;
                else
                        r = tree_signal_exactly(w->tree, pid, w->signo);
                if (r > 0)
                        w->n_signalled++;
                else
                        tree_signal_failed(&w->error, r);
        }
}

/* Begin with those of our children that are of @w's tree. */
static int walk_begin(Walk *w) {
        Tree *t = w->tree, *owner;
        Trees *ts = t->trees;
        const pid_t *pids;
        size_t n;
        int r;

        r = pidmap_new(&w->met);
        if (r < 0)
                return r;
        r = look_lately(ts);
        if (r < 0)
                return r;

        if (t->leader_lives)
                r = walk_add(w, t->leader);
        children_get(ts->children, &pids, &n);
        for (size_t i = 0; r >= 0 && t->n_adopted > 0 && i < n; i++) {
                r = find_owner(ts, pids[i], &owner);
                if (r >= 0 && owner == t && !pidmap_get(w->met, pids[i]))
                        r = walk_add(w, pids[i]);
        }
        w->n_ours = w->n;
        return r;
}

static int tags_signal(Tree *t, int signo) {
        _cleanup_(walk_done) Walk w = { .tree = t, .signo = signo };
        int r;

        r = walk_begin(&w);
        if (r < 0)
                return r;

        walk_run(&w);
        return tree_signal_result(w.n_signalled, w.error);
}

/* The first stroke; what it leaves is for the updates that the dead of it cause. */
static int tags_kill(Tree *t) {
        _cleanup_(walk_done) Walk w = { .tree = t, .signo = SIGKILL };
        int r;

        r = walk_begin(&w);
        if (r < 0)
                return r;

        walk_run(&w);
        if (t->leader_lives && w.n_signalled > 0 && w.error == 0)
                (void)pidmap_put(t->trees->killed, t->leader,
                                 t); /* else it is merely killed again */
        return w.n_signalled > 0 ? 0 : w.error;
}

/* Kill from our child @pid down. Returns how many, or -errno. */
static int kill_from(Tree *t, pid_t pid) {
        _cleanup_(walk_done) Walk w = { .tree = t, .signo = SIGKILL };
        int r;

        r = pidmap_new(&w.met);
        if (r < 0)
                return r;
        r = walk_add(&w, pid);
        if (r < 0)
                return r;
        w.n_ours = 1;

        walk_run(&w);
        if (w.n_signalled > 0)
                return w.n_signalled;
        return w.error == -EPERM ? 0 : w.error; /* of a user beyond our reach: it ends by itself */
}

/* Kill from our child @pid of @t down, unless that was done. Returns 1 if it is now, 0 or -errno.
 */
static int kill_once(Tree *t, pid_t pid) {
        int r;

        if (!t->killing || pidmap_get(t->trees->killed, pid))
                return 0;
        r = kill_from(t, pid);
        if (r <= 0)
                return r;
        (void)pidmap_put(t->trees->killed, pid, t); /* else it is merely killed again */
        return 1;
}

/* Kill all of our children that are of a tree to be killed and were not yet. Returns how many. */
static int kill_seen(Trees *ts) {
        int n_killed = 0, error = 0, r;
        const pid_t *pids;
        size_t n;
        Tree *t;

        LIST_FOREACH(t, &ts->asking, link) {
                r = t->leader_lives ? kill_once(t, t->leader) : 0;
                n_killed += r > 0;
                error = MIN(r, error);
        }
        children_get(ts->children, &pids, &n);
        for (size_t i = 0; i < n; i++) {
                r = find_owner(ts, pids[i], &t);
                if (r < 0)
                        return r;
                r = kill_once(t, pids[i]);
                n_killed += r > 0;
                error = MIN(r, error);
        }
        return n_killed > 0 ? n_killed : error;
}

/*
 * A tree that forks while it is killed shows new children: those are killed in turn. One that is
 * faster than we are leaves some to the next call, for which the dead of this one give the cause.
 */
static int look_and_kill(Trees *ts) {
        int r = 1;

        for (int i = 0; i < KILL_ROUNDS_MAX && r > 0; i++) {
                r = look_at_children(ts);
                if (r >= 0)
                        r = kill_seen(ts);
        }
        return MIN(r, 0);
}

/* ---------------------------------------------------------------- the rest of the way */

static int tags_make(Tree *t, const char *name) {
        Trees *ts = t->trees;

        /* A tag in use is met only where we are left a small range, or after 2^31 starts. */
        for (unsigned i = 0; i < INT_MAX; i++) {
                t->tag = tag_next(&ts->range);
                if (!pidmap_get(ts->tags, key_of(ts, t->tag)))
                        return pidmap_put(ts->tags, key_of(ts, t->tag), t);
                if (i > pidmap_size(ts->tags))
                        break;
        }
        return -EAGAIN;
}

static void tags_forget(Tree *t) {
        Trees *ts = t->trees;

        (void)pidmap_remove(ts->tags, key_of(ts, t->tag));
        if (t->n_adopted > 0)
                (void)pidmap_remove_value(ts->members, t);
}

static int tags_prepare(Tree *t, SpawnRequest *request) {
        const TagRange *range = &t->trees->range;

        return spawn_request_add_limit(request, RLIMIT_LOCKS, t->tag,
                                       range->soft ? range->hard : t->tag);
}

static bool is_living(pid_t pid) {
        pid_t parent;
        char state;

        return process_stat(pid, &state, &parent) >= 0 && state != 'Z' && state != 'X';
}

static int tags_adopted(Tree *t, pid_t **ret) {
        _cleanup_(freep) pid_t *adopted = NULL;
        size_t n, n_adopted = 0;
        const pid_t *pids;
        Tree *owner;
        int r;

        r = look_at_children(t->trees);
        if (r < 0)
                return r;

        children_get(t->trees->children, &pids, &n);
        for (size_t i = 0; t->n_adopted > 0 && i < n; i++) {
                pid_t *room;

                r = find_owner(t->trees, pids[i], &owner);
                if (r < 0)
                        return r;
                if (owner != t || (t->leader_lives && pids[i] == t->leader) || !is_living(pids[i]))
                        continue;

                room = array_room(adopted, n_adopted, sizeof(*room));
                if (!room)
                        return -ENOMEM;
                adopted = room;
                adopted[n_adopted++] = pids[i];
        }

        *ret = TAKE_PTR(adopted);
        return (int)n_adopted;
}

static int tags_contains(Tree *t, pid_t pid) {
        rlim_t tag;
        int r;

        r = tag_read(&t->trees->range, pid, &tag);
        if (r == -ESRCH || r == -EACCES || r == -EPERM)
                return 0; /* gone, or hidden */
        return r < 0 ? r : tag == t->tag;
}

static int tags_check(Tree *t) {
        int r;

        if (!t->trees->fresh) {
                r = look_at_children(t->trees);
                if (r < 0)
                        return r;
        }
        return t->seen != t->trees->round;
}

static int tags_update(Trees *ts) {
        bool killing = false;
        Tree *t;
        int r = 0;

        LIST_FOREACH(t, &ts->asking, link)
        killing |= t->killing;
        if (killing)
                r = look_and_kill(ts);
        else if (!ts->fresh)
                r = look_at_children(ts);

        /* An error of killing leaves true what was seen; after one of looking it is not fresh. */
        LIST_FOREACH(t, &ts->asking, link)
        if (!t->leader_lives && (t->leader == 0 || (ts->fresh && t->seen != ts->round)))
                t->empty = true;
        return r;
}

const TreeWay tree_way_tags = {
        .make = tags_make,
        .forget = tags_forget,
        .prepare = tags_prepare,
        .signal = tags_signal,
        .kill = tags_kill,
        .adopted = tags_adopted,
        .contains = tags_contains,
        .check = tags_check,
        .update = tags_update,
};
