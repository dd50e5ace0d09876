/*
 * A thread of its own for the loop, so that orphans are told from children that the daemon has
 * started. The kernel gives a process whose parent has ended to the first living thread of the
 * subreaper, which is the main thread, and lists the children of each thread separately. While the
 * main thread only waits, its children are the orphans and no others. See
 * host/tree/proc-children.h.
 */
#pragma once

/*
 * Call @fn in another thread, with the signal mask and the stack size of this one, and wait for it.
 * Returns 0 with what it returned in *ret, or -errno if there can be no other thread.
 */
int loop_thread_call(int (*fn)(void *userdata), void *userdata, int *ret);
