/*
 * Starting a program as a clean child, many at a time from one thread, without ever waiting for one
 * of them: the call returns when the child exists; what becomes of its set-up is asked when it is
 * reaped. It is not for watching, signalling or reaping children.
 *
 * The child shares our memory and descriptor table until it executes (so its start costs the same
 * however large the daemon is) but runs beside us. It has its own process group in our session,
 * every signal at its default, the mask the daemon was started with, only descriptors 0, 1, 2, its
 * listening sockets and perhaps one more, and what its request says.
 *
 * After the first program with a user of its own was started by root, the kernel holds the daemon
 * for undumpable (set_dumpable(2) of the shared memory), which also keeps that user from tracing
 * the child while it still shares our memory. It is left so.
 */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "base/macro.h"
#include "host/spawn/spawn-request.h"
#include "host/spawn/start-failure.h"

/*
 * Let the descriptor table have room for @n_descriptors now. One that has to grow while a thread or
 * a child shares it makes the call that grows it wait for a grace period of the kernel (4 to 20
 * ms): call this before there are any. Returns 0 or -errno (-EINVAL: above the soft limit); nothing
 * depends on success.
 */
int spawn_reserve_descriptors(size_t n_descriptors);

typedef struct Spawner Spawner;

/*
 * A spawner, made early: it takes some 25 of the lowest free descriptor numbers, which keeps every
 * child's descriptor table small. @original_mask is the signal mask that children get. Signals
 * which the daemon ignores (SIG_IGN) must be ignored before this call.
 *
 * Returns 0, -ENOMEM, -EMFILE, -ENFILE, or what opening /dev/null gave.
 */
int spawner_new(const sigset_t *original_mask, Spawner **ret);

/*
 * Free the spawner. A child that is still on its way to its program keeps the memory it uses: such
 * a slot is leaked, not freed under it. NULL is fine. Returns NULL.
 */
Spawner *spawner_free(Spawner *s);
DEFINE_CLEANUP(Spawner, spawner_free);

/*
 * Start *@request. On success there is a child, *ret_pid, in its own process group, and the request
 * belongs to the spawner (*@request is NULL). The caller reaps that child and tells
 * spawner_collect(). On failure there is no child, and the request is still the caller's.
 *
 * The descriptors in request->stdio, sockets and extra_fd are duplicated and stay the caller's;
 * close them as soon as you like. The duplicates are given up when the child was collected, or at
 * the next spawner_spawn(), spawner_collect() or spawner_sweep() after the child has its program:
 * until then they keep a pipe's write end open beside the program's own.
 *
 * If every slot is held by a child that has not yet got to its program (a hung file system), waits
 * up to 50 ms, then uses more slots, then gives -EAGAIN. Other errors: -EAGAIN or -ENOMEM as
 * fork(2), -EBADF for a bad descriptor, -EINVAL for
 * an extra_fd_number that is too low, -ENODEV when the cgroup is gone.
 */
int spawner_spawn(Spawner *s, SpawnRequest **request, pid_t *ret_pid);

/*
 * To be called for every reaped child: returns 1 and *ret if @pid was started here and never
 * reached its program, else 0 (also for a pid that is unknown). Frees what that child still held.
 */
int spawner_collect(Spawner *s, pid_t pid, SpawnFailure *ret);

/*
 * Give up the descriptors and memory of every child that has its program by now. Returns the number
 * of children that are still on their way.
 */
unsigned spawner_sweep(Spawner *s);
