/*
 * The folder of the leaves: taking it, numbering leaves, watching them. A lock on the folder tells
 * other supervisors that its owner lives. Reading and writing cgroup files is cgroup-file.c's,
 * controllers are cgroup-control.c's.
 */
#include "host/tree/cgroup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "host/tree/cgroup-control.h"
#include "host/tree/cgroup-file.h"
#include "host/tree/cgroup-find.h"
#include "host/tree/cgroup-probe.h"

#define NAME_SIZE_MAX 200 /* of a name within a leaf's; NAME_MAX is 255 */
#define TRIES_MAX 10000   /* leaves or folders of other times that may stand in the way */

struct Cgroup {
        char *path;   /* of the folder, as in /proc/PID/cgroup */
        char *folder; /* the same in the file system */
        bool made;    /* by us: removed at the end */
        int dir_fd;
        int inotify_fd;
        bool needs_join;
        unsigned long n_made;
        CgroupControl control;
        char events[1024] __attribute__((aligned(__alignof__(struct inotify_event))));
        size_t events_size, events_at;
};

/* @name without what has a meaning in a path; never empty, "." or "..". */
static char *escape(const char *name) {
        char *s = strndup(*name ? name : "_", NAME_SIZE_MAX);

        for (char *p = s; p && *p; p++)
                if (*p == '/' || (unsigned char)*p < ' ' || (p == s && *p == '.'))
                        *p = '_';
        return s;
}

/* The path of @name below @path, both as /proc/PID/cgroup shows them. */
static char *join_path(const char *path, const char *name) {
        char *s;

        if (asprintf(&s, "%s/%s", strcmp(path, "/") == 0 ? "" : path, name) < 0)
                return NULL;
        return s;
}

/*
 * Take @folder, which may exist. The lock tells others that its owner lives, and is gone with us
 * however we end. Returns 1, 0 if somebody else has it, or -errno.
 */
static int take_folder(const char *folder, int *ret_fd) {
        _cleanup_(closep) int fd = -1;

        if (mkdir(folder, 0755) < 0 && errno != EEXIST)
                return -errno;

        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno; /* its owner has just removed it */
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? 0 : -errno;

        (void)cgroup_remove_empty(fd); /* leaves of an earlier owner; the populated ones stay */
        *ret_fd = TAKE_FD(fd);
        return 1;
}

static int make_folder(Cgroup *cg, const CgroupPlace *place, const char *identifier) {
        _cleanup_(freep) char *name = escape(identifier);
        int r;

        if (!name)
                return -ENOMEM;

        for (unsigned i = 1; i < TRIES_MAX; i++) {
                _cleanup_(freep) char *folder = NULL, *base = NULL;

                r = i == 1 ? asprintf(&base, "supervisord-%s", name)
                           : asprintf(&base, "supervisord-%s.%u", name, i);
                if (r < 0) {
                        base = NULL; /* undefined after a failure */
                        return -ENOMEM;
                }
                folder = join_path(place->folder, base);
                if (!folder)
                        return -ENOMEM;

                r = take_folder(folder, &cg->dir_fd);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;

                cg->made = true;
                cg->folder = TAKE_PTR(folder);
                cg->path = join_path(place->path, base);
                return cg->path ? 0 : -ENOMEM;
        }
        return -EEXIST;
}

static int use_delegated(Cgroup *cg, CgroupPlace *place) {
        cg->dir_fd = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cg->dir_fd < 0)
                return -errno;

        cg->folder = TAKE_PTR(place->folder);
        cg->path = TAKE_PTR(place->path);
        return 0;
}

/* Find out how children get into leaves, or that they do not. */
static int prove(Cgroup *cg) {
        _cleanup_(freep) char *leaf = NULL;
        _cleanup_(closep) int fd = -1;
        int r;

        r = cgroup_leaf_make(cg, "probe", &leaf);
        if (r < 0)
                return r;

        assert(leaf);
        fd = cgroup_leaf_open(cg, leaf);
        r = fd < 0 ? fd : cgroup_probe(fd, false);
        if (fd >= 0 && r < 0) {
                cg->needs_join = true;
                r = cgroup_probe(fd, true);
        }
        (void)cgroup_leaf_remove(cg, leaf); /* an empty folder left behind harms nobody */
        return r;
}

int cgroup_open(const char *identifier, Cgroup **ret) {
        _cleanup_(cgroup_place_done) CgroupPlace place = { 0 };
        _cleanup_(cgroup_freep) Cgroup *cg = NULL;
        int r;

        r = cgroup_find(&place);
        if (r < 0)
                return r;

        cg = calloc(1, sizeof(*cg));
        if (!cg)
                return -ENOMEM;
        cg->dir_fd = cg->inotify_fd = -1;

        r = place.delegated ? use_delegated(cg, &place) : make_folder(cg, &place, identifier);
        if (r < 0)
                return r;
        cg->control.folder = cg->folder;
        if (cg->made)
                cg->control.above = TAKE_PTR(place.folder);

        cg->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (cg->inotify_fd < 0)
                return -errno;

        r = prove(cg);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(cg);
        return 0;
}

Cgroup *cgroup_free(Cgroup *cg) {
        if (!cg)
                return NULL;

        if (cg->control.folder)
                cgroup_control_done(&cg->control);
        if (cg->made && cg->folder)
                (void)rmdir(cg->folder); /* busy: a tree was left alive */
        safe_close(cg->dir_fd);
        safe_close(cg->inotify_fd);
        free(cg->folder);
        free(cg->path);
        free(cg);
        return NULL;
}

const char *cgroup_get_path(const Cgroup *cg) {
        return cg->path;
}

bool cgroup_needs_join(const Cgroup *cg) {
        return cg->needs_join;
}

int cgroup_get_fd(const Cgroup *cg) {
        return cg->inotify_fd;
}

int cgroup_next_event(Cgroup *cg) {
        for (;;) {
                const struct inotify_event *e;
                ssize_t n;

                if (cg->events_at >= cg->events_size) {
                        n = read(cg->inotify_fd, cg->events, sizeof(cg->events));
                        if (n < 0)
                                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
                        cg->events_at = 0;
                        cg->events_size = (size_t)n;
                }

                e = (const void *)(cg->events + cg->events_at);
                cg->events_at += sizeof(*e) + e->len;
                if (e->wd > 0 && !(e->mask & IN_IGNORED))
                        return e->wd;
        }
}

int cgroup_enable(Cgroup *cg, const char *controller) {
        return cgroup_control_enable(&cg->control, controller);
}

int cgroup_leaf_set(const Cgroup *cg, const char *leaf, const char *file, const char *value) {
        return cgroup_write_file(cg->dir_fd, leaf, file, value);
}

int cgroup_leaf_make(Cgroup *cg, const char *name, char **ret) {
        _cleanup_(freep) char *escaped = escape(name);

        if (!escaped)
                return -ENOMEM;

        for (int i = 0; i < TRIES_MAX; i++) {
                _cleanup_(freep) char *leaf = NULL;

                if (asprintf(&leaf, "%s.%lu", escaped, ++cg->n_made) < 0) {
                        leaf = NULL; /* undefined after a failure */
                        return -ENOMEM;
                }
                if (mkdirat(cg->dir_fd, leaf, 0755) == 0) {
                        *ret = TAKE_PTR(leaf);
                        return 0;
                }
                if (errno != EEXIST)
                        return -errno;
        }
        return -EEXIST;
}

int cgroup_leaf_open(const Cgroup *cg, const char *leaf) {
        int fd = openat(cg->dir_fd, leaf, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

int cgroup_leaf_populated(const Cgroup *cg, const char *leaf) {
        return cgroup_read_populated(cg->dir_fd, leaf);
}

int cgroup_leaf_watch(Cgroup *cg, const char *leaf) {
        _cleanup_(freep) char *path = NULL;
        int watch;

        if (asprintf(&path, "%s/%s/cgroup.events", cg->folder, leaf) < 0) {
                path = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        watch = inotify_add_watch(cg->inotify_fd, path, IN_MODIFY);
        return watch < 0 ? -errno : watch;
}

void cgroup_leaf_unwatch(Cgroup *cg, int watch) {
        (void)inotify_rm_watch(cg->inotify_fd, watch); /* gone with a leaf that was removed */
}

int cgroup_leaf_kill(const Cgroup *cg, const char *leaf) {
        return cgroup_write_kill(cg->dir_fd, leaf);
}

int cgroup_leaf_pids(const Cgroup *cg, const char *leaf, pid_t **ret) {
        return cgroup_read_pids(cg->dir_fd, leaf, ret);
}

int cgroup_leaf_has(const Cgroup *cg, const char *leaf, pid_t pid) {
        _cleanup_(freep) char *path = join_path(cg->path, leaf);

        return path ? cgroup_contains_pid(path, pid) : -ENOMEM;
}

int cgroup_leaf_remove(const Cgroup *cg, const char *leaf) {
        return cgroup_remove_tree(cg->dir_fd, leaf);
}
