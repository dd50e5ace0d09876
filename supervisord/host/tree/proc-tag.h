/*
 * Tags, by which the processes of a tree are told apart: a tag is a value of RLIMIT_LOCKS, which
 * every descendant of a process that has it has too (see tree.h). This gives tags out and reads
 * them; it does not know who has which.
 */
#pragma once

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* How tags are given out: in which of the two values of the limit, and from what range. */
typedef struct TagRange {
        bool soft;   /* the soft value, below a hard one that is somebody's above us; else both */
        rlim_t hard; /* with soft: the hard value, to be kept */
        rlim_t own;  /* our own soft value: what all our other children have */
        rlim_t first, last;
        rlim_t next;
} TagRange;

/* The range that our own limit allows. Returns 0, or -ERANGE if it allows none. */
int tag_range_init(TagRange *ret);

/* The next tag, which may be in use still if the range is small. */
rlim_t tag_next(TagRange *range);

/*
 * The tag of @pid, of zombies too. Returns 0, -ESRCH if it is gone, -EACCES if it is hidden from
 * us, or -errno.
 */
int tag_read(const TagRange *range, pid_t pid, rlim_t *ret);
