/*
 * A thread of its own for the loop. The kernel gives a process whose parent has ended to the first
 * living thread of the subreaper, which is the main one, and lists the children of each thread
 * apart: while the main thread only waits here, its children are those that lost their parents, and
 * no others. See host/tree-children.h.
 */
#pragma once

/*
 * Call @fn in another thread, with the signal mask and the stack size of this one, and wait for it.
 * Returns 0 with what it returned in *ret, or -errno if there can be no other thread.
 */
int run_apart(int (*fn)(void *userdata), void *userdata, int *ret);
