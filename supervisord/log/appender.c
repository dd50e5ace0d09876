/*
 * The open file of a log: see appender.h. What cannot be written is left to the caller; nothing is
 * kept here, and no thread is known.
 */
#include "log/appender.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "log/rotate.h"
#include "log/sink.h"

#define RETRY_USEC USEC_PER_SEC

/* How far past its limit a file may grow while we wait for a line to end. */
#define LINE_END_NEAR 65536U

struct Appender {
        char *path;
        bool by_path;   /* else @path is only a name for a descriptor: it cannot be opened again */
        bool may_block; /* it is, or may be, on a disk */
        int64_t max_bytes;
        int64_t backups;
        const char *suffix;

        Sink sink;
        uint64_t size; /* of a regular file, as far as we know */
        uint64_t rotation_retry_usec;
        AppenderState state; /* but for the descriptor */
};

int appender_new(const char *path, int64_t max_bytes, int64_t backups, Appender **ret) {
        _cleanup_(appender_freep) Appender *a = NULL;

        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;

        a->sink = SINK_NULL;
        a->by_path = a->may_block = true;
        a->max_bytes = max_bytes;
        a->backups = backups;
        a->state.retry_usec = USEC_INFINITY;
        a->path = strdup(path);
        if (!a->path)
                return -ENOMEM;

        *ret = TAKE_PTR(a);
        return 0;
}

int appender_new_fd(int fd, const char *name, Appender **ret) {
        _cleanup_(appender_freep) Appender *a = NULL;
        struct stat st;
        int r;

        r = appender_new(name, 0, 0, &a);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;

        a->by_path = false;
        a->may_block = S_ISREG(st.st_mode);
        r = sink_open_fd(fd, &a->sink);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(a);
        return 0;
}

Appender *appender_free(Appender *a) {
        if (!a)
                return NULL;

        sink_close(&a->sink);
        free(a->path);
        free(a);
        return NULL;
}

void appender_set_suffix(Appender *a, const char *suffix) {
        a->suffix = suffix;
}

const char *appender_get_path(const Appender *a) {
        return a->path;
}

int64_t appender_get_backups(const Appender *a) {
        return a->backups;
}

bool appender_may_block(const Appender *a) {
        return a->may_block;
}

AppenderState appender_get_state(const Appender *a) {
        AppenderState state = a->state;

        state.fd = a->sink.fd;
        return state;
}

static void set_error(Appender *a, int error) {
        a->state.error = error;
        if (error == 0 || (error == EAGAIN && a->sink.fd >= 0))
                a->state.retry_usec = USEC_INFINITY;
        else
                a->state.retry_usec = now_usec() + RETRY_USEC;
}

/* Open a->path and use that from now on. */
static int open_path(Appender *a) {
        const int flags = O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open(a->path, O_WRONLY | O_CREAT | flags, 0666);
        if (fd < 0 && errno == ENXIO)
                fd = open(a->path, O_RDWR | flags); /* a FIFO without a reader yet */
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;

        sink_close(&a->sink);
        a->sink = sink_take(TAKE_FD(fd));
        a->state.is_regular = S_ISREG(st.st_mode);
        a->size = a->state.is_regular ? (uint64_t)st.st_size : 0;
        return 0;
}

int appender_open(Appender *a) {
        int r;

        if (a->sink.fd >= 0)
                return 0;

        r = open_path(a);
        set_error(a, -r);
        return r;
}

void appender_reopen(Appender *a) {
        int r;

        if (!a->by_path || (a->sink.fd >= 0 && !a->state.is_regular))
                return;

        r = open_path(a);
        if (a->sink.fd < 0)
                set_error(a, -r);
        a->state.rotation_error = -r;
        a->rotation_retry_usec = 0;
}

/* Does our path still lead to what we have open? */
static bool is_in_place(const Appender *a) {
        struct stat ours, theirs;

        return fstat(a->sink.fd, &ours) >= 0 && stat(a->path, &theirs) >= 0 &&
               ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static int move_or_empty(Appender *a) {
        int r;

        if (a->backups <= 0) {
                if (ftruncate(a->sink.fd, 0) < 0)
                        return -errno;
                a->size = 0;
                return 0;
        }

        /* Somebody else may have moved it, or our last rotation moved it and could not go on. */
        if (is_in_place(a)) {
                r = rotate_files(a->path, a->backups, a->suffix);
                if (r < 0)
                        return r;
        }

        return open_path(a);
}

int appender_rotate(Appender *a) {
        int r;

        if (!a->by_path || a->sink.fd < 0 || !a->state.is_regular)
                return -ENOTTY;

        r = move_or_empty(a);
        if (r >= 0)
                a->state.rotations++;
        a->state.rotation_error = -r;
        a->rotation_retry_usec = r < 0 ? now_usec() + RETRY_USEC : 0;
        return r;
}

int appender_clear(Appender *a) {
        if (!a->by_path || (a->sink.fd >= 0 && !a->state.is_regular))
                return -ENOTTY;

        if (unlink(a->path) < 0 && errno != ENOENT)
                a->state.rotation_error = errno;
        else
                a->state.rotation_error = -open_path(a);
        return -a->state.rotation_error;
}

static bool rotation_wanted(const Appender *a) {
        return a->state.is_regular && a->by_path && a->max_bytes > 0 &&
               (a->rotation_retry_usec == 0 || now_usec() >= a->rotation_retry_usec);
}

/* How much of @data goes into this file: up to the first line end at or past the limit. */
static size_t cut_at_limit(const Appender *a, const char *data, size_t size, bool *ret_rotate) {
        const uint64_t limit = (uint64_t)a->max_bytes;
        uint64_t soft, hard, from;
        const char *end;

        *ret_rotate = false;
        if (!rotation_wanted(a))
                return size;

        soft = limit > a->size ? limit - a->size : 0;
        if (size < soft)
                return size;

        hard = limit + LINE_END_NEAR > a->size ? limit + LINE_END_NEAR - a->size : 0;
        from = soft > 0 ? soft - 1 : 0;
        end = memchr(data + from, '\n', size - from);
        if ((!end || (uint64_t)(end + 1 - data) > hard) && size < hard)
                return size;

        *ret_rotate = true;
        return end ? MIN((size_t)(end + 1 - data), hard) : hard;
}

/* Somebody may have emptied or deleted the file under us; writing on into nowhere would lose all.
 */
static int check_regular(Appender *a) {
        struct stat st;

        if (!a->state.is_regular || !a->by_path)
                return 0;
        if (fstat(a->sink.fd, &st) < 0)
                return -errno;

        a->size = (uint64_t)st.st_size;
        return st.st_nlink == 0 ? open_path(a) : 0;
}

size_t appender_put(Appender *a, const char *data, size_t size) {
        size_t done = 0;
        ssize_t n;
        int r;

        r = a->sink.fd < 0 ? open_path(a) : check_regular(a);
        if (r < 0) {
                set_error(a, -r);
                return 0;
        }

        while (done < size) {
                size_t piece, written = 0;
                bool full;

                piece = cut_at_limit(a, data + done, size - done, &full);
                while (written < piece) {
                        n = sink_write(&a->sink, data + done + written, piece - written);
                        if (n < 0) {
                                set_error(a, (int)-n);
                                return done + written;
                        }
                        written += (size_t)n;
                        a->size += (uint64_t)n;
                }
                done += piece;
                if (full)
                        (void)appender_rotate(a); /* the old one grows on, and its error is kept */
        }

        set_error(a, 0);
        return done;
}
