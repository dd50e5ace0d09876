/*
 * A pidfile that is locked as long as its owner lives. The lock is what keeps a second instance
 * out; the number is for people and scripts, and nothing here is decided by it.
 */
#include "base/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/pidfile-read.h"

struct Pidfile {
        char *path;
        int fd;
};

Pidfile *pidfile_leave(Pidfile *p) {
        if (!p)
                return NULL;
        safe_close(p->fd);
        free(p->path);
        free(p);
        return NULL;
}

static bool is_ours(const Pidfile *p) {
        struct stat here, there;

        return fstat(p->fd, &here) == 0 && stat(p->path, &there) == 0 &&
               here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

Pidfile *pidfile_free(Pidfile *p) {
        if (p && is_ours(p))
                (void)unlink(p->path); /* nothing depends on it any more */
        return pidfile_leave(p);
}

/*
 * An open file description lock (Linux 3.15): it belongs to the open file, so that it passes on to
 * the daemon that is forked and is not lost when something else closes the same file.
 */
static int lock(int fd) {
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
                return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
        return 0;
}

int pidfile_lock(const char *path, Pidfile **ret, pid_t *reterr_holder) {
        Pidfile *p;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->fd = -1;
        p->path = strdup(path);
        if (!p->path) {
                pidfile_leave(p);
                return -ENOMEM;
        }

        /* Another round when the file was removed between our open and our lock: its owner ended.
         */
        do {
                p->fd = safe_close(p->fd);
                p->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
                r = p->fd < 0 ? -errno : lock(p->fd);
        } while (r >= 0 && !is_ours(p));

        if (r < 0) {
                *reterr_holder = r == -EBUSY ? pidfile_read(p->fd) : 0;
                pidfile_leave(p);
                return r;
        }
        *ret = p;
        return 0;
}

int pidfile_write(Pidfile *p) {
        char text[16];
        ssize_t n;

        n = snprintf(text, sizeof(text), "%d\n", getpid());
        if (ftruncate(p->fd, 0) < 0)
                return -errno;
        return write(p->fd, text, (size_t)n) < 0 ? -errno : 0;
}
