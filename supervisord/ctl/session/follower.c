/*
 * A follower reads through the descriptor that the daemon has passed, and watches it with
 * inotify(7). The daemon rotates by renaming: when the file was moved or has lost its name, the
 * follower asks for the log again, and goes on with the new file once there is one.
 */
#include "ctl/session/follower.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "ctl/client/questions.h"

#define RETRY_MSEC 200      /* how often a new file is looked for once the old one was moved */
#define UNWATCHED_MSEC 1000 /* how often it is read where it cannot be watched */

/* The file is watched through its descriptor, as the user may not have access to its path. */
static void watch_file(Follower *f) {
        char path[64];

        f->watch_fd = safe_close(f->watch_fd);
        (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", f->file.fd);
        f->watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (f->watch_fd >= 0 &&
            inotify_add_watch(f->watch_fd, path,
                              IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF) < 0)
                f->watch_fd = safe_close(f->watch_fd);
}

int follower_open(Follower *f, uint64_t back) {
        int r;

        f->watch_fd = -1;
        f->file.fd = -1;
        r = client_open_log(f->session->client, f->name, f->stream, &f->file);
        if (r < 0)
                return r;
        f->offset = f->file.size > back ? f->file.size - back : 0;
        watch_file(f);
        return 0;
}

void follower_done(Follower *f) {
        opened_log_done(&f->file);
        f->watch_fd = safe_close(f->watch_fd);
}

/* Copy up to the end. Returns 0 or -errno. */
static int copy_new(Follower *f) {
        char buffer[16384];
        struct stat st;
        ssize_t n;

        if (fstat(f->file.fd, &st) == 0 && (uint64_t)st.st_size < f->offset) {
                puts("==> File truncated <==");
                f->offset = 0;
        }
        while ((n = pread(f->file.fd, buffer, sizeof(buffer), (off_t)f->offset)) > 0) {
                if (fwrite(buffer, 1, (size_t)n, stdout) != (size_t)n)
                        return -EPIPE;
                f->offset += (uint64_t)n;
        }
        if (n < 0)
                return -errno;
        return fflush(stdout) == 0 ? 0 : -errno;
}

static void read_watch(Follower *f) {
        char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
        ssize_t n;

        while (f->watch_fd >= 0 && (n = read(f->watch_fd, buffer, sizeof(buffer))) > 0)
                for (char *p = buffer; p < buffer + n;) {
                        struct inotify_event e;

                        memcpy(&e, p, sizeof(e));
                        if (e.mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_ATTRIB))
                                f->stale = true;
                        p += sizeof(e) + e.len;
                }
}

static bool same_file(int a, int b) {
        struct stat x, y;

        return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
               x.st_ino == y.st_ino;
}

/* Ask for the log, and go on with it if it is another file by now. */
static int renew(Follower *f) {
        _cleanup_(opened_log_done) OpenedLog file = { .fd = -1 };
        struct stat st;
        int r;

        r = client_open_log(f->session->client, f->name, f->stream, &file);
        if (r == -EREMOTEIO)
                return 0; /* there is no new file yet */
        if (r < 0)
                return r;
        if (same_file(f->file.fd, file.fd)) {
                /* its attributes have changed, but it still has a name: not stale */
                f->stale = fstat(file.fd, &st) == 0 && st.st_nlink == 0;
                return 0;
        }
        r = copy_new(f); /* what was written last to the old one */
        if (r < 0)
                return r;
        opened_log_done(&f->file);
        f->file = (OpenedLog){ TAKE_FD(file.fd), TAKE_PTR(file.path), file.size };
        f->offset = 0;
        f->stale = false;
        watch_file(f);
        return copy_new(f);
}

int follower_step(Follower *f) {
        int r;

        read_watch(f); /* before the file is read: what is written in between is seen next time */
        r = copy_new(f);
        if (r < 0)
                return r;
        return f->stale || f->watch_fd < 0 ? renew(f) : 0;
}

int follower_patience(const Follower *f) {
        return f->stale ? RETRY_MSEC : f->watch_fd < 0 ? UNWATCHED_MSEC : -1;
}
