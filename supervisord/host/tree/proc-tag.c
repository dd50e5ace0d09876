/*
 * Giving out and reading tags. A tag is read with prlimit(2) where that is allowed, else from
 * /proc/PID/limits.
 */
#include "host/tree/proc-tag.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/macro.h"

/*
 * /proc/PID/limits shows an unsigned long. Half of the upper half of the signed range is far from
 * what anybody sets, and a random start in it keeps the tags of two supervisors apart.
 */
#define TAG_BASE ((rlim_t)LONG_MAX / 2)

int tag_range_init(TagRange *ret) {
        TagRange range = { 0 };
        struct rlimit own;
        uint32_t start = 0;

        if (getrlimit(RLIMIT_LOCKS, &own) < 0)
                return -errno;

        range.own = own.rlim_cur;
        range.soft = own.rlim_max != RLIM_INFINITY;
        range.hard = own.rlim_max;
        if (range.soft && own.rlim_max < 2)
                return -ERANGE;

        range.first = range.soft ? 1 : TAG_BASE;
        range.last = range.soft ? own.rlim_max - 1 : (rlim_t)LONG_MAX - 1;

        /* Without randomness two supervisors may share tags; each still sees its own children only.
         */
        (void)!getrandom(&start, sizeof(start), GRND_NONBLOCK);
        range.next = range.first + (rlim_t)start * 65536 % (range.last - range.first + 1);
        *ret = range;
        return 0;
}

rlim_t tag_next(TagRange *range) {
        rlim_t tag;

        do {
                tag = range->next;
                range->next = tag == range->last ? range->first : tag + 1;
        } while (tag == range->own && range->first != range->last);
        return tag;
}

static int tag_read_from_proc(const TagRange *range, pid_t pid, rlim_t *ret) {
        static const char label[] = "Max file locks";
        _cleanup_(closep) int fd = -1;
        char path[64], text[4096], soft[32], hard[32];
        const char *p;
        ssize_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/limits", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) /* hidden (hidepid=) looks like gone */
                return errno == ENOENT ? -EACCES : -errno;

        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';

        p = strstr(text, label);
        if (!p || sscanf(p + strlen(label), " %31s %31s", soft, hard) != 2)
                return n == 0 ? -ESRCH : -EIO;

        p = range->soft ? soft : hard;
        *ret = strcmp(p, "unlimited") == 0 ? RLIM_INFINITY : (rlim_t)strtoull(p, NULL, 10);
        return 0;
}

int tag_read(const TagRange *range, pid_t pid, rlim_t *ret) {
        struct rlimit limit;

        /* Cheaper than /proc, but only for processes of our user. */
        if (prlimit(pid, RLIMIT_LOCKS, NULL, &limit) == 0) {
                *ret = range->soft ? limit.rlim_cur : limit.rlim_max;
                return 0;
        }
        if (errno != EPERM)
                return -errno;
        return tag_read_from_proc(range, pid, ret);
}
