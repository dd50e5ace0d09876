/*
 * Reading and writing the files of cgroups. A cgroup may vanish at any moment, as its program may
 * remove it: that is no error where the answer is then known (nobody lives in it).
 */
#include "host/tree/cgroup-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/directory.h"
#include "base/macro.h"

#define DEPTH_MAX 32 /* of cgroups that a program makes in its own */

/* Gives NULL, with errno, if it cannot be listed. */
static DIR *open_folder(int dir_fd, const char *name) {
        int fd, error;
        DIR *d;

        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return NULL;

        d = fdopendir(fd);
        if (!d) {
                error = errno;
                safe_close(fd);
                errno = error;
        }
        return d;
}

/* The name of the next folder, NULL at the end. */
static const char *next_folder(DIR *d) {
        const struct dirent *e;

        while ((e = readdir(d)))
                if (e->d_type == DT_DIR && e->d_name[0] != '.')
                        return e->d_name;
        return NULL;
}

/* Open @file of cgroup @name. Gives a descriptor or -errno. */
static int open_file(int dir_fd, const char *name, const char *file, int flags) {
        char path[PATH_MAX];
        int fd;

        if (snprintf(path, sizeof(path), "%s/%s", name, file) >= (int)sizeof(path))
                return -ENAMETOOLONG;

        fd = openat(dir_fd, path, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int cgroup_read_populated(int dir_fd, const char *name) {
        _cleanup_(closep) int fd = -1;
        char text[256];
        const char *p;
        ssize_t n;

        fd = open_file(dir_fd, name, "cgroup.events", O_RDONLY);
        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;

        n = read(fd, text, sizeof(text) - 1);
        if (n < 0)
                return errno == ENODEV ? 0 : -errno; /* removed since it was opened */
        text[n] = '\0';

        p = strstr(text, "populated ");
        if (!p)
                return -EIO;
        return p[strlen("populated ")] == '1';
}

int cgroup_write_file(int dir_fd, const char *name, const char *file, const char *text) {
        _cleanup_(closep) int fd = -1;

        fd = open_file(dir_fd, name, file, O_WRONLY);
        if (fd < 0)
                return fd;

        return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

int cgroup_write_kill(int dir_fd, const char *name) {
        return cgroup_write_file(dir_fd, name, "cgroup.kill", "1");
}

static FILE *open_procs(int cgroup_fd) {
        FILE *f;
        int fd;

        fd = openat(cgroup_fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return NULL;

        f = fdopen(fd, "r");
        if (!f)
                safe_close(fd);
        return f;
}

static int add_pids(FILE *f, pid_t **pids, size_t *n) {
        _cleanup_(freep) char *line = NULL;
        size_t size = 0;

        errno = 0; /* getline(3) without memory leaves the stream's flags as they are */
        while (getline(&line, &size, f) > 0) {
                long pid = strtol(line, NULL, 10);
                pid_t *room;

                if (pid <= 0) /* 0: in a PID namespace that we do not see */
                        continue;
                room = array_room(*pids, *n, sizeof(*room));
                if (!room)
                        return -ENOMEM;
                *pids = room;
                room[(*n)++] = (pid_t)pid;
        }
        if (!feof(f) && errno != ENODEV) /* removed since it was opened */
                return -errno;
        return 0;
}

static int collect_pids(int dir_fd, const char *name, unsigned depth, pid_t **pids, size_t *n);

static int collect_below(int cgroup_fd, unsigned depth, pid_t **pids, size_t *n) {
        _cleanup_(closedirp) DIR *d = open_folder(cgroup_fd, ".");
        const char *name;
        int r;

        if (!d)
                return -errno;

        while ((name = next_folder(d))) {
                r = collect_pids(cgroup_fd, name, depth + 1, pids, n);
                if (r < 0 && r != -ENOENT) /* removed since it was listed */
                        return r;
        }
        return 0;
}

static int collect_pids(int dir_fd, const char *name, unsigned depth, pid_t **pids, size_t *n) {
        _cleanup_(closep) int cgroup_fd = -1;
        _cleanup_(fclosep) FILE *f = NULL;
        int r;

        cgroup_fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (cgroup_fd < 0)
                return -errno;

        f = open_procs(cgroup_fd);
        if (!f)
                return -errno;

        r = add_pids(f, pids, n);
        if (r < 0 || depth >= DEPTH_MAX)
                return r;
        return collect_below(cgroup_fd, depth, pids, n);
}

int cgroup_read_pids(int dir_fd, const char *name, pid_t **ret) {
        _cleanup_(freep) pid_t *pids = NULL;
        size_t n = 0;
        int r;

        r = collect_pids(dir_fd, name, 0, &pids, &n);
        if (r < 0 && r != -ENOENT)
                return r;

        *ret = TAKE_PTR(pids);
        return (int)n;
}

/* Does a file as /proc/PID/cgroup name @path or one below it? 1, 0 also if it is gone, or -errno.
 */
static int is_below(FILE *f, const char *path) {
        _cleanup_(freep) char *line = NULL;
        size_t n = strlen(path), size = 0;

        while (getline(&line, &size, f) > 0)
                if (strncmp(line, "0::", 3) == 0)
                        return strncmp(line + 3, path, n) == 0 &&
                               (line[3 + n] == '\n' || line[3 + n] == '/');
        return feof(f) || errno == ESRCH ? 0 : -errno;
}

int cgroup_read_own_pids(int dir_fd, const char *name, pid_t **ret) {
        _cleanup_(closep) int cgroup_fd = -1;
        _cleanup_(freep) pid_t *pids = NULL;
        _cleanup_(fclosep) FILE *f = NULL;
        size_t n = 0;
        int r;

        cgroup_fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (cgroup_fd < 0)
                return -errno;
        f = open_procs(cgroup_fd);
        if (!f)
                return -errno;
        r = add_pids(f, &pids, &n);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(pids);
        return (int)n;
}

int cgroup_contains_pid(const char *path, pid_t pid) {
        _cleanup_(fclosep) FILE *f = NULL;
        char file[64];

        (void)snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
        f = fopen(file, "re");
        if (!f)
                return errno == ENOENT || errno == ESRCH ? 0 : -errno;
        return is_below(f, path);
}

static int remove_below(int dir_fd, const char *name, unsigned depth) {
        _cleanup_(closedirp) DIR *d = open_folder(dir_fd, name);
        const char *below;

        if (!d)
                return -errno;

        while ((below = next_folder(d))) {
                if (depth < DEPTH_MAX)
                        (void)remove_below(dirfd(d), below, depth + 1); /* rmdir tells */
                if (unlinkat(dirfd(d), below, AT_REMOVEDIR) < 0)
                        return -errno;
        }
        return 0;
}

int cgroup_remove_tree(int dir_fd, const char *name) {
        int r;

        /* As a rule there is nothing in it. */
        if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0)
                return 0;
        if (errno != EBUSY)
                return -errno;
        if (cgroup_read_populated(dir_fd, name) != 0)
                return -EBUSY;

        r = remove_below(dir_fd, name, 0);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

int cgroup_remove_empty(int dir_fd) {
        _cleanup_(closedirp) DIR *d = open_folder(dir_fd, ".");
        const char *name;

        if (!d)
                return -errno;

        while ((name = next_folder(d)))
                (void)cgroup_remove_tree(dir_fd, name); /* what is populated stays */
        return 0;
}
