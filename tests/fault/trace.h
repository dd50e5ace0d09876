/*
 * Let a system call of another process fail, with ptrace(2), so that it does not matter who makes
 * it: the program, a library, libc itself, or inline assembly. Threads are followed, child
 * processes are not. What goes before the marker (see marker.h) does not count.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

typedef enum TraceMode {
        TRACE_NONE,
        TRACE_LIST,   /* report every call of a kind: "call KIND SUBJECT" */
        TRACE_ONCE,   /* the n-th call fails */
        TRACE_STICKY, /* and all that follow, until trace_heal() */
} TraceMode;

typedef struct TracePlan {
        TraceMode mode;
        const char *kinds; /* with a comma before and after each */
        unsigned long n;   /* counted from 1, over all the kinds together */
        int error;         /* errno, positive */
} TracePlan;

typedef struct Trace Trace;

/*
 * Follow @pid, a child that has called PTRACE_TRACEME and stopped itself. Each call that fails
 * gives @report a line "failed KIND SUBJECT". All arguments must live as long as the result, which
 * is the caller's to free(3). Ends this process when it cannot be done.
 */
Trace *trace_begin(pid_t pid, const TracePlan *plan, FILE *report);

/*
 * Act on @status, which waitpid(2) gave for the task @tid: returns true if that was a stop, and the
 * task goes on. The process is left alone as soon as nothing more is to be done to it.
 */
bool trace_stopped(Trace *t, pid_t tid, int status);

/* Let nothing more fail. May be called by a signal handler. */
void trace_heal(Trace *t);
