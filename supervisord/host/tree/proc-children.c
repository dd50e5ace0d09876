/*
 * Children as /proc tells them: from the file "children" of each thread, or on kernels without it
 * by a walk through all of /proc.
 */
#include "host/tree/proc-children.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/array.h"
#include "base/directory.h"

struct Children {
        int adopted_fd; /* the main thread's children file, or -1 */
        int started_fd; /* the calling thread's, or -1 where that is the main one */
        bool scan;      /* this kernel has no such files */
        pid_t *pids;
        size_t n;
        char *text;
        size_t text_size;
};

static int add(pid_t **pids, size_t *n, pid_t pid) {
        pid_t *room = array_room(*pids, *n, sizeof(*room));

        if (!room)
                return -ENOMEM;

        *pids = room;
        room[(*n)++] = pid;
        return 0;
}

static int add_all(pid_t **pids, size_t *n, const char *text) {
        const char *p = text;
        char *end;
        int r;

        for (;;) {
                long pid = strtol(p, &end, 10);

                if (end == p)
                        return 0;
                r = add(pids, n, (pid_t)pid);
                if (r < 0)
                        return r;
                p = end;
        }
}

int process_stat(pid_t pid, char *ret_state, pid_t *ret_parent) {
        _cleanup_(closep) int fd = -1;
        char path[64], text[512];
        const char *p;
        ssize_t n;

        (void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? -ESRCH : -errno;

        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return -errno;
        text[n] = '\0';

        p = strrchr(text, ')'); /* the name before it may hold anything */
        if (!p || strlen(p) < strlen(") S 0"))
                return n == 0 ? -ESRCH : -EIO;

        *ret_state = p[2];
        *ret_parent = (pid_t)strtol(p + 3, NULL, 10);
        return 0;
}

/* ---------------------------------------------------------------- our own children */

static int open_children(pid_t thread) {
        char path[64];
        int fd;

        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", thread);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int open_all(Children *c) {
        c->adopted_fd = open_children(getpid());
        if (c->adopted_fd == -ENOENT)
                c->scan = true;
        if (c->adopted_fd < 0)
                return c->scan ? 0 : c->adopted_fd;

        if (gettid() != getpid()) {
                c->started_fd = open_children(gettid());
                if (c->started_fd < 0)
                        return c->started_fd;
        }
        return 0;
}

int children_new(Children **ret) {
        _cleanup_(children_freep) Children *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->adopted_fd = c->started_fd = -1;

        r = open_all(c);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(c);
        return 0;
}

Children *children_free(Children *c) {
        if (!c)
                return NULL;

        safe_close(c->adopted_fd);
        safe_close(c->started_fd);
        free(c->pids);
        free(c->text);
        free(c);
        return NULL;
}

/* Read all of @fd from its start into c->text, as one string. */
static int read_text(Children *c, int fd) {
        size_t used = 0;
        ssize_t n;

        for (;;) {
                if (c->text_size - used < 2) {
                        size_t size = MAX(c->text_size * 2, (size_t)4096);
                        char *room = realloc(c->text, size);

                        if (!room)
                                return -ENOMEM;
                        c->text = room;
                        c->text_size = size;
                }

                n = pread(fd, c->text + used, c->text_size - used - 1, (off_t)used);
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                used += (size_t)n;
        }
        c->text[used] = '\0';
        return 0;
}

/* Slow, and as exact: one that is our child when the walk begins stays so until we reap it. */
static int read_by_scan(Children *c) {
        _cleanup_(closedirp) DIR *d = opendir("/proc");
        const struct dirent *e;
        pid_t pid, parent = 0;
        char state;
        int r;

        if (!d)
                return -errno;

        while ((e = readdir(d))) {
                pid = (pid_t)strtol(e->d_name, NULL, 10);
                if (pid <= 0)
                        continue;
                r = process_stat(pid, &state, &parent);
                if (r == -ESRCH)
                        continue;
                if (r < 0)
                        return r;
                if (parent != getpid())
                        continue;
                r = add(&c->pids, &c->n, pid);
                if (r < 0)
                        return r;
        }
        return 0;
}

bool children_are_apart(const Children *c) {
        return c->started_fd >= 0;
}

static void forget(Children *c) {
        free(c->pids); /* room is known by the count: begin anew */
        c->pids = NULL;
        c->n = 0;
}

static int read_from(Children *c, int fd) {
        int r;

        if (fd < 0)
                return 0;
        r = read_text(c, fd);
        return r < 0 ? r : add_all(&c->pids, &c->n, c->text);
}

int children_read_adopted(Children *c) {
        forget(c);
        return c->scan ? read_by_scan(c) : read_from(c, c->adopted_fd);
}

int children_read(Children *c) {
        int r;

        r = children_read_adopted(c);
        return r < 0 ? r : read_from(c, c->started_fd);
}

void children_get(const Children *c, const pid_t **ret_pids, size_t *ret_n) {
        *ret_pids = c->pids;
        *ret_n = c->n;
}

/* ---------------------------------------------------------------- anybody's children */

static FILE *open_children_of(int task_fd, const char *thread) {
        char path[64];
        FILE *f;
        int fd;

        (void)snprintf(path, sizeof(path), "%.20s/children", thread);
        fd = openat(task_fd, path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return NULL;

        f = fdopen(fd, "r");
        if (!f)
                safe_close(fd);
        return f;
}

static int append_from(FILE *f, pid_t **pids, size_t *n) {
        _cleanup_(freep) char *text = NULL;
        size_t size = 0;

        /* The file is one line; an error means that the thread is gone, its children another's. */
        errno = 0;
        if (getdelim(&text, &size, '\0', f) <= 0)
                return errno == ENOMEM ? -ENOMEM : 0;
        return add_all(pids, n, text);
}

static int append_of_thread(int task_fd, const char *thread, pid_t **pids, size_t *n) {
        _cleanup_(fclosep) FILE *f = open_children_of(task_fd, thread);

        if (!f)
                return errno == ENOENT || errno == ESRCH ? 0 : -errno;
        return append_from(f, pids, n);
}

int children_append(pid_t pid, pid_t **pids, size_t *n) {
        _cleanup_(closedirp) DIR *d = NULL;
        const struct dirent *e;
        char path[64];
        int r;

        (void)snprintf(path, sizeof(path), "/proc/%d/task", pid);
        d = opendir(path);
        if (!d)
                return errno == ENOENT || errno == ESRCH ? 0 : -errno;

        while ((e = readdir(d))) {
                if (e->d_name[0] == '.')
                        continue;
                r = append_of_thread(dirfd(d), e->d_name, pids, n);
                if (r < 0)
                        return r;
        }
        return 0;
}
