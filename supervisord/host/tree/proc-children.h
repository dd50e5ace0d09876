/*
 * Who is whose child, as /proc tells it: our own children, exactly; anybody else's, as they were at
 * a moment. It knows nothing of trees.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

typedef struct Children Children;

/*
 * A reader of our own children. They are of two kinds: those that the calling thread starts, and
 * those adopted when their parents ended, which the kernel gives to the first of our threads that
 * lives (find_new_reaper(), kernel/exit.c), the main one. Where the calling thread is the main one
 * itself the two cannot be told apart, and all count as adopted.
 *
 * It keeps its files open, so that it works when descriptors have run out. Returns 0, -ENOMEM,
 * -EMFILE or -ENFILE.
 */
int children_new(Children **ret);
Children *children_free(Children *c);
DEFINE_CLEANUP(Children, children_free);

/* Can those that were adopted be read alone, at a price that does not grow with all the others? */
bool children_are_apart(const Children *c);

/*
 * Read all our children, living and unreaped. While nobody reaps, every tree that has a process
 * when the call begins has one in this list: the topmost of its living processes are our own
 * children, and stay listed whatever becomes of them. Returns 0 or -errno.
 */
int children_read(Children *c);

/* As that, without those that we started where children_are_apart(): every tree whose leader is
 * reaped is still in it. */
int children_read_adopted(Children *c);

/* What was read last; good until the next time. */
void children_get(const Children *c, const pid_t **ret_pids, size_t *ret_n);

/*
 * Append the children of all threads of @pid, any process, to *@pids of *@n. None if it is gone,
 * and then nothing says that the number was not another's meanwhile: verify what you get. Returns 0
 * or -errno.
 */
int children_append(pid_t pid, pid_t **pids, size_t *n);

/* The state letter of a process ('Z': a zombie) and its parent; -ESRCH if it is gone, or -errno. */
int process_stat(pid_t pid, char *ret_state, pid_t *ret_parent);
