/*
 * One process of the table as the kernel sees it: its streams over all runs, and while it runs its
 * main process and its tree. It does what it is told and decides nothing.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/macro.h"
#include "child/child-extras.h"
#include "child/host.h"
#include "host/spawn/start-failure.h"

typedef struct Child Child;

/*
 * @owner is given back by child_get_owner() and to what HostOptions calls. Returns 0 or -ENOMEM.
 */
int child_new(Host *host, void *owner, Child **ret);
Child *child_free(Child *c);
DEFINE_CLEANUP(Child, child_free);

void *child_get_owner(const Child *c);

/*
 * Start @config's program. Returns 0: there is a main process, its pid mapped in the host to this
 * child; *ret_note is NULL or, in words and the caller's, what of @config has no effect here.
 * Otherwise -errno, and *reterr is why, to be freed with free(); NULL if there is no memory for it.
 */
int child_spawn(Child *c,
                ProcessConfig *config,
                const ChildExtras *extras,
                StartFailure **reterr,
                char **ret_note);

/*
 * A request for a command on behalf of @config's program: with its user, directory and environment,
 * its output thrown away. Returns 0, -ENOENT if there is no such program, or another -errno.
 */
int child_command_request(const Host *h,
                          const ProcessConfig *config,
                          char *const *argv,
                          SpawnRequest **ret);

/* The main process, 0 if there is none. */
pid_t child_get_pid(const Child *c);

/*
 * Did @pid, which was just reaped, never reach its program? Then *ret_error is an errno and *ret is
 * why, to be freed with free(), NULL if there is no memory for it.
 */
bool child_spawn_failure(Child *c, pid_t pid, int *ret_error, StartFailure **ret);

/*
 * The main process was reaped. What it had written is in its log now. Returns whether others of its
 * tree live.
 */
bool child_leader_reaped(Child *c);

/* Its main process has gone with leftovers: have HostOptions.on_empty called from trees_update()
 * once the tree is empty. */
void child_watch_tree(Child *c);

/* The run is over: forget its tree, whatever is left of it. */
void child_run_over(Child *c);

typedef enum ChildScope { /* whom to signal */
        CHILD_LEADER,
        CHILD_GROUP,
        CHILD_TREE,
} ChildScope;

/* Returns 0, or -errno; nobody left to be signalled is no error. */
int child_signal(Child *c, ChildScope scope, int signo);

/* SIGKILL; for the tree again and again until it is empty. */
int child_kill(Child *c, ChildScope scope);

/*
 * A forking program's starter has gone: find the main process. Returns 1: it is watched from now on
 * like a main process that we started. 0: it cannot be told yet. -errno on failure.
 */
int child_find_main(Child *c);

/*
 * @pid says that it is the main process. Returns 1: it is of the tree and has no parent but us, so
 * it is watched from now on in place of the present one. 0: it is of the tree, but its end would be
 * told to another parent. -ESRCH: it is not of the tree. Another -errno on failure.
 */
int child_set_main(Child *c, pid_t pid);

/* The streams: valid from the first child_spawn(), NULL before. */
Output *child_get_output(const Child *c);
