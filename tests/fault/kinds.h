/*
 * The kinds of system calls that can be made to fail. Calls that cannot fail for a reason outside
 * the daemon (getpid, clock_gettime, rt_sigprocmask, futex, a non-blocking waitid, close and munmap
 * of what is open or mapped …) are not among them: a failure that no kernel gives proves nothing.
 *
 * read and write are of that kind for files, "read-pipe" for pipes and sockets, and "read-event"
 * for descriptors of events and timers, where they cannot fail either.
 */
#pragma once

#include <stddef.h>

typedef enum Subject { /* what a call is about, for the report */
        SUBJECT_NONE,
        SUBJECT_FD,           /* the first argument is a descriptor */
        SUBJECT_FILE,         /* so it is, and the kind depends on what it stands for, see below */
        SUBJECT_THIRD_FD,     /* the third argument is one */
        SUBJECT_PATH,         /* the first argument is a path */
        SUBJECT_PATH_BELOW,   /* the first is a folder's descriptor, the second a path */
        SUBJECT_CLONE_FLAGS,  /* the first argument are flags: "thread" or "process" */
        SUBJECT_CLONE_STRUCT, /* the first argument points to such */
        SUBJECT_OPTION,       /* the first is a socket's descriptor, the third one of its options */
        SUBJECT_MAPPING,      /* what is mapped: "stack", "arena" of a thread, "memory", "file" */
        SUBJECT_NUMBER,       /* the first argument as it is */
        SUBJECT_THIRD_NUMBER, /* the third one */
} Subject;

typedef struct Call {
        long number; /* SYS_* */
        const char *kind;
        Subject subject;
} Call;

/* The entry of system call @number, or NULL if it is of no kind. */
const Call *call_find(long number);
