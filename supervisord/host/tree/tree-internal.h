/*
 * What the files of tree.h share: a tree, all trees, and the table of functions behind which the
 * two ways of knowing a tree stand.
 */
#pragma once

#include <sys/queue.h>
#include <sys/resource.h>

#include "base/pidmap.h"
#include "host/tree/cgroup.h"
#include "host/tree/proc-children.h"
#include "host/tree/proc-tag.h"
#include "host/tree/tree.h"

typedef LIST_HEAD(TreeList, Tree) TreeList;

/* See tree.h for what each function is asked for. */
typedef struct TreeWay {
        int (*make)(Tree *t, const char *name);
        void (*forget)(Tree *t);
        void (*remove)(Tree *t); /* what forget() has left, later; or NULL */
        int (*prepare)(Tree *t, SpawnRequest *request);
        int (*signal)(Tree *t, int signo);
        int (*kill)(Tree *t);
        int (*adopted)(Tree *t, pid_t **ret);
        int (*contains)(Tree *t, pid_t pid); /* 1, 0 also if it is gone, or -errno */

        /* Is no process left, when the leader is reaped? 1, 0, or -errno. */
        int (*check)(Tree *t);

        /* Set Tree.empty and repeat kills for those in Trees.asking. Returns 0 or -errno. */
        int (*update)(Trees *ts);
} TreeWay;

struct Tree {
        Trees *trees;
        LIST_ENTRY(Tree) link; /* in Trees.asking, if asking, or, once it is freed, in Trees.gone */
        tree_empty_fn fn;
        void *userdata;

        pid_t leader;
        bool leader_lives : 1; /* or is not reaped */
        bool killing : 1;
        bool empty : 1; /* proven; it stays so */
        bool asking : 1;
        bool dirty : 1; /* by cgroup: must be looked at, the leader went or the watch told */

        union {
                int watch;     /* by cgroup: of inotify, or 0 */
                unsigned seen; /* by tag: Trees.round in which it had a process */
        };
        unsigned n_adopted; /* by tag: our children in Trees.members that are of it, the leader left
                               out */
        union {
                char *leaf; /* by cgroup: its name */
                rlim_t tag; /* by tag */
        };
};

struct Trees {
        const TreeWay *way;
        int fd;      /* epoll: the wake-up and, by cgroup, inotify */
        int wake_fd; /* eventfd: an update is wanted though nothing was reaped */
        bool woken;
        char *description;
        TreeList asking; /* trees whose end is awaited or being brought about */
        TreeList gone;   /* freed but for what trees_tidy() removes */
        PidMap *members; /* our unreaped children, as far as known: to their tree or &stranger */
        Children *children;

        /* By cgroup. */
        Cgroup *cgroup;
        int no_cgroup;   /* -errno of trying, -ECANCELED if it was not to be tried */
        PidMap *watches; /* inotify's numbers to trees */

        /* By tag. */
        TagRange range;
        PidMap *tags;   /* trees by their tag, cut to an int */
        PidMap *killed; /* our children that have been sent SIGKILL */
        Tree stranger;  /* stands for no tree of ours */
        unsigned round; /* number of the last look at our children */
        bool fresh;     /* nothing was reaped since: what was seen is still there */
        uint64_t looked_usec;
};

extern const TreeWay tree_way_cgroup;
extern const TreeWay tree_way_tags;

/* Put the tree among those asking if it has a reason to be there. */
void tree_enlist(Tree *t);

/* Why there is no cgroup (see no_cgroup), for people. */
const char *trees_why_no_cgroup(const Trees *ts);

/*
 * Send @signo to @pid if it is a process of @t at that moment, by a descriptor that cannot mean
 * another. Returns 1, 0 if it is not there or not of @t, or -errno.
 */
int tree_signal_exactly(Tree *t, pid_t pid, int signo);

/*
 * What keeps signals from a tree, in *@error: @r (negative, or 0) has come up. A process that may
 * not be signalled concerns itself alone; by anything else others may have been missed.
 */
void tree_signal_failed(int *error, int r);

/* What tree_signal() returns when @n have got it. */
int tree_signal_result(int n, int error);
