/*
 * A process is its tree: the program, all it has forked, and what those have forked, whether or not
 * they called setsid, changed their group or user, or lost their parents. This knows when a tree is
 * empty, and signals and kills exactly its processes, never a stranger.
 *
 * Two ways, chosen once by trees_new():
 * - a cgroup v2 leaf for each start, where we may make one;
 * - descendants: we are the subreaper, so the topmost living processes of every tree are our own
 *   children; which tree they are of is told by a unique value of RLIMIT_LOCKS, a limit that Linux
 *   ignores since 2.4.25 but passes on over fork, exec, setsid and setuid. Only a process that
 *   itself sets this limit gets out of its tree; trees_kill_rest() finds that one too.
 *
 * The order that the loop must keep: waitid() until nothing is left, for each reaped pid
 * trees_reaped(); then trees_update(); then everything else; but see trees_tell_unreaped(). Nobody
 * else may reap our children, and the calls come from one thread, which also calls the spawner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "host/spawn/spawn.h"

typedef struct Trees Trees;
typedef struct Tree Tree;

/*
 * @t has become empty: its leader is reaped and no other process of it lives. Called once for each
 * tree_watch(), from trees_update() only. May call tree_free() for @t and for others.
 */
typedef void (*tree_empty_fn)(Tree *t, void *userdata);

/*
 * Choose the way and make this process the subreaper. Cgroups are tried if @may_use_cgroups: a
 * cgroup v2 hierarchy where our own cgroup can have children, that is delegated to us by systemd
 * (`Delegate=`), or where no systemd rules (containers), or we are PID 1. Leaves then stand in our
 * cgroup itself if it is delegated, else in a folder `supervisord-IDENTIFIER` that is ours.
 *
 * Returns 0, -ENOMEM, or -errno if neither way works (no subreaper: kernel before 3.4; RLIMIT_LOCKS
 * already at 0 or 1).
 */
int trees_new(bool may_use_cgroups, const char *identifier, Trees **ret);

/*
 * Free all, after each Tree. What cgroups are empty are removed; populated ones are left to their
 * processes. NULL is fine. Returns NULL.
 */
Trees *trees_free(Trees *ts);
DEFINE_CLEANUP(Trees, trees_free);

/* For the log: "cgroup /system.slice/supervisord.service", or "descendants (cgroups = false)" with
 * what stands in the way of cgroups. Lives with @ts. */
const char *trees_describe(const Trees *ts);

/* A descriptor to watch for EPOLLIN: call trees_update() then. It lives with @ts. */
int trees_get_fd(const Trees *ts);

/*
 * @pid was reaped: our child, known or adopted. Call it for each before trees_update(), as the
 * number may be given to a stranger from now on. Never fails.
 */
void trees_reaped(Trees *ts, pid_t pid);

/*
 * Learn what is empty now, repeat the kills that are pending, and tell the watchers. Call it after
 * every batch of reaped children (never in between) and when trees_get_fd() is readable. Costs
 * nothing while no tree is watched whose leader is gone.
 *
 * Returns the number of trees that became empty, or -errno: then nothing was learnt and the next
 * call tries again.
 */
int trees_update(Trees *ts);

/*
 * Is it worth to call trees_update() though not all that have ended are reaped? A tree of which one
 * is not reaped may then count as not empty until it is. So it is with cgroups, and where the calls
 * come from another thread than the main one: what was started is then not looked through for what
 * was adopted.
 */
bool trees_tell_unreaped(const Trees *ts);

/*
 * At the very end, when no tree is wanted any more: SIGKILL all that is left of our descendants,
 * those of no tree included. The caller reaps, and calls again until waitid() says ECHILD. Returns
 * how many of our children are dying of it by now, unreaped, or -errno. 0: what is left, if
 * anything, is of users whom we cannot signal.
 */
int trees_kill_rest(Trees *ts);

/*
 * A tree for one start of @name (any text; it names the leaf). A new one is needed for every start.
 * Returns 0, -ENOMEM, or what mkdir(2) gave.
 */
int tree_new(Trees *ts, const char *name, Tree **ret);

/*
 * Forget the tree; trees_tidy() removes its leaf if it is empty. Processes that still live go on;
 * adopted ones are reaped as strangers. NULL is fine. Returns NULL.
 */
Tree *tree_free(Tree *t);
DEFINE_CLEANUP(Tree, tree_free);

/* Remove the leaves of trees that have been freed. It takes its time: call it when what is urgent,
 * as the next start, is done. */
void trees_tidy(Trees *ts);

/*
 * Make @request start inside this tree: sets its cgroup, or adds one limit. Returns 0, -E2BIG if
 * the request has no room for a limit, or the error of opening the leaf.
 */
int tree_prepare(Tree *t, SpawnRequest *request);

/* The program was started as @leader: call it directly after spawner_spawn(). Returns 0 or -ENOMEM.
 */
int tree_started(Tree *t, pid_t leader);

/*
 * Is it empty: never started, or its leader reaped and nothing else alive? Exact at the time of the
 * call, if trees_reaped() was told of every reaped child. In doubt (an error) it is not empty.
 */
bool tree_is_empty(Tree *t);

/*
 * Have @fn called once when the tree is empty; NULL takes that back. It may be set at any time: for
 * a tree that is empty already, trees_get_fd() asks for the trees_update() that calls it.
 */
void tree_watch(Tree *t, tree_empty_fn fn, void *userdata);

/*
 * Send @signo to each process of the tree, leader included, once. One that forks just then may be
 * missed: only tree_kill() is thorough. Returns how many were signalled, or
 * -errno if none could be, or if not all could be found.
 */
int tree_signal(Tree *t, int signo);

/*
 * SIGKILL until the tree is empty: now, and again in each trees_update(). Returns 0, or -errno if
 * the first try failed (it is repeated all the same).
 */
int tree_kill(Tree *t);

/*
 * The living processes of this tree that we have adopted: their parents are gone, so a program that
 * forked into the background is among them, and is found for sure if there is just one. Zombies and
 * the leader itself are left out. *ret is the caller's (NULL if none). Returns the count or -errno.
 */
int tree_adopted(Tree *t, pid_t **ret);

/*
 * Is @pid, say from a pidfile, a process of this tree at this moment? Only an unreaped child of
 * ours keeps its number: act on another's through a pidfd opened before this call. False in doubt.
 */
bool tree_contains(Tree *t, pid_t pid);
