#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/logfile.h"
#include "base/rotate.h"
#include "base/sink.h"

#define KEPT_MAX ((size_t)256 * 1024)
#define RETRY_USEC USEC_PER_SEC

/* How far past its limit a file may grow while we wait for a line to end. */
#define LINE_END_NEAR 65536U

struct LogFile {
        char *path;
        bool by_path; /* else a descriptor's namesake: cannot be opened again */
        int64_t max_bytes;
        int64_t backups;
        const char *suffix;
        uint64_t rotations;

        Sink sink;
        bool regular;
        uint64_t size; /* of a regular file, as far as we know */

        int error;
        uint64_t retry_usec;
        int rotation_error;
        uint64_t rotation_retry_usec;

        char *kept; /* KEPT_MAX bytes while something is kept */
        size_t kept_size;
};

int logfile_new(const char *path, int64_t max_bytes, int64_t backups, LogFile **ret) {
        _cleanup_(logfile_freep) LogFile *f = NULL;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;

        f->sink = SINK_NULL;
        f->by_path = true;
        f->max_bytes = max_bytes;
        f->backups = backups;
        f->retry_usec = USEC_INFINITY;
        f->path = strdup(path);
        if (!f->path)
                return -ENOMEM;

        *ret = TAKE_PTR(f);
        return 0;
}

int logfile_new_fd(int fd, const char *name, LogFile **ret) {
        _cleanup_(logfile_freep) LogFile *f = NULL;
        int r;

        r = logfile_new(name, 0, 0, &f);
        if (r < 0)
                return r;

        f->by_path = false;
        r = sink_open_fd(fd, &f->sink);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(f);
        return 0;
}

LogFile *logfile_free(LogFile *f) {
        if (!f)
                return NULL;

        if (f->kept_size > 0)
                logfile_retry(
                        f); /* the last chance; what still fails is counted nowhere any more */

        sink_close(&f->sink);
        free(f->kept);
        free(f->path);
        free(f);
        return NULL;
}

void logfile_set_suffix(LogFile *f, const char *suffix) {
        f->suffix = suffix;
}

uint64_t logfile_get_rotations(const LogFile *f) {
        return f->rotations;
}

int64_t logfile_get_backups(const LogFile *f) {
        return f->backups;
}

const char *logfile_get_path(const LogFile *f) {
        return f->path;
}

int logfile_get_error(const LogFile *f) {
        return f->error;
}

int logfile_get_rotation_error(const LogFile *f) {
        return f->rotation_error;
}

uint64_t logfile_get_retry_usec(const LogFile *f) {
        return f->retry_usec;
}

int logfile_get_fd(const LogFile *f) {
        return f->sink.fd;
}

bool logfile_is_regular(const LogFile *f) {
        return f->regular;
}

size_t logfile_get_kept(const LogFile *f) {
        return f->kept_size;
}

static void set_error(LogFile *f, int error) {
        f->error = error;
        if (error == 0 || (error == EAGAIN && f->sink.fd >= 0))
                f->retry_usec = USEC_INFINITY;
        else
                f->retry_usec = now_usec() + RETRY_USEC;
}

/* Open f->path and use that from now on. */
static int open_path(LogFile *f) {
        const int flags = O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open(f->path, O_WRONLY | O_CREAT | flags, 0666);
        if (fd < 0 && errno == ENXIO)
                fd = open(f->path, O_RDWR | flags); /* a FIFO without a reader yet */
        if (fd < 0)
                return -errno;
        if (fstat(fd, &st) < 0)
                return -errno;

        sink_close(&f->sink);
        f->sink = sink_take(TAKE_FD(fd));
        f->regular = S_ISREG(st.st_mode);
        f->size = f->regular ? (uint64_t)st.st_size : 0;
        return 0;
}

int logfile_open(LogFile *f) {
        int r;

        if (f->sink.fd >= 0)
                return 0;

        r = open_path(f);
        set_error(f, -r);
        return r;
}

void logfile_reopen(LogFile *f) {
        int r;

        if (!f->by_path || (f->sink.fd >= 0 && !f->regular))
                return;

        r = open_path(f);
        if (f->sink.fd < 0)
                set_error(f, -r);
        f->rotation_error = -r;
        f->rotation_retry_usec = 0;
}

/* Does our path still lead to what we have open? */
static bool is_in_place(const LogFile *f) {
        struct stat ours, theirs;

        return fstat(f->sink.fd, &ours) >= 0 && stat(f->path, &theirs) >= 0 &&
               ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static int rotate(LogFile *f) {
        int r;

        if (f->backups <= 0) {
                if (ftruncate(f->sink.fd, 0) < 0)
                        return -errno;
                f->size = 0;
                return 0;
        }

        /* Somebody else may have moved it, or our last rotation moved it and could not go on. */
        if (is_in_place(f)) {
                r = rotate_files(f->path, f->backups, f->suffix);
                if (r < 0)
                        return r;
        }

        return open_path(f);
}

int logfile_rotate(LogFile *f) {
        int r;

        if (!f->by_path || f->sink.fd < 0 || !f->regular)
                return -ENOTTY;

        r = rotate(f);
        if (r >= 0)
                f->rotations++;
        f->rotation_error = -r;
        f->rotation_retry_usec = r < 0 ? now_usec() + RETRY_USEC : 0;
        return r;
}

int logfile_clear(LogFile *f) {
        if (!f->by_path || (f->sink.fd >= 0 && !f->regular))
                return -ENOTTY;

        if (unlink(f->path) < 0 && errno != ENOENT)
                return -errno;

        return open_path(f);
}

static bool rotation_wanted(const LogFile *f) {
        return f->regular && f->by_path && f->max_bytes > 0 &&
               (f->rotation_retry_usec == 0 || now_usec() >= f->rotation_retry_usec);
}

/* How much of @data goes into this file: up to the first line end at or past the limit. */
static size_t cut_at_limit(const LogFile *f, const char *data, size_t size, bool *ret_rotate) {
        const uint64_t limit = (uint64_t)f->max_bytes;
        uint64_t soft, hard, from;
        const char *end;

        *ret_rotate = false;
        if (!rotation_wanted(f))
                return size;

        soft = limit > f->size ? limit - f->size : 0;
        if (size < soft)
                return size;

        hard = limit + LINE_END_NEAR > f->size ? limit + LINE_END_NEAR - f->size : 0;
        from = soft > 0 ? soft - 1 : 0;
        end = memchr(data + from, '\n', size - from);
        if ((!end || (uint64_t)(end + 1 - data) > hard) && size < hard)
                return size;

        *ret_rotate = true;
        return end ? MIN((size_t)(end + 1 - data), hard) : hard;
}

/* Somebody may have emptied or deleted the file under us; writing on into nowhere would lose all.
 */
static int check_regular(LogFile *f) {
        struct stat st;

        if (!f->regular || !f->by_path)
                return 0;
        if (fstat(f->sink.fd, &st) < 0)
                return -errno;

        f->size = (uint64_t)st.st_size;
        return st.st_nlink == 0 ? open_path(f) : 0;
}

/* Write as much as goes; rotates on the way. Sets f->error if that is not all. */
static size_t put(LogFile *f, const char *data, size_t size) {
        size_t done = 0;
        ssize_t n;
        int r;

        r = f->sink.fd < 0 ? open_path(f) : check_regular(f);
        if (r < 0) {
                set_error(f, -r);
                return 0;
        }

        while (done < size) {
                size_t piece, written = 0;
                bool full;

                piece = cut_at_limit(f, data + done, size - done, &full);
                while (written < piece) {
                        n = sink_write(&f->sink, data + done + written, piece - written);
                        if (n < 0) {
                                set_error(f, (int)-n);
                                return done + written;
                        }
                        written += (size_t)n;
                        f->size += (uint64_t)n;
                }
                done += piece;
                if (full)
                        (void)logfile_rotate(f); /* the old one grows on, and its error is kept */
        }

        set_error(f, 0);
        return done;
}

static uint64_t count_lines(const char *data, size_t size) {
        const char *end = data + size, *p = data;
        uint64_t n = 0;

        while (p < end) {
                p = memchr(p, '\n', (size_t)(end - p));
                n++;
                if (!p)
                        break;
                p++;
        }

        return n;
}

static void drop(LogTally *t, const char *data, size_t size) {
        t->dropped_bytes += size;
        t->dropped_lines += count_lines(data, size);
        t->dropping = data[size - 1] != '\n';
        if (t->mid_line)
                t->torn = true;
        t->mid_line = false;
}

/* Keep what fits of @data in whole lines; gives how much that is. */
static size_t keep(LogFile *f, const char *data, size_t size) {
        size_t fits = size, room = KEPT_MAX - f->kept_size;
        const char *end;

        if (!f->kept) {
                f->kept = malloc(KEPT_MAX);
                if (!f->kept)
                        return 0;
        }

        if (size > room) {
                end = room > 0 ? memrchr(data, '\n', room) : NULL;
                /* Something must be kept, as that is what retrying writes. */
                fits = end ? (size_t)(end + 1 - data) : (f->kept_size == 0 ? room : 0);
        }

        if (fits > 0)
                memcpy(f->kept + f->kept_size, data, fits);
        f->kept_size += fits;
        return fits;
}

/* The length of what in @data still belongs to a line whose beginning was dropped. */
static size_t skip_dropped(LogTally *t, const char *data, size_t size) {
        const char *end;
        size_t n = size;

        if (!t->dropping)
                return 0;

        end = memchr(data, '\n', size);
        if (end) {
                t->dropping = false;
                n = (size_t)(end + 1 - data);
        }

        /* The newline of a torn line is not lost but written late. */
        t->dropped_bytes += n - (end && t->torn ? 1 : 0);
        return n;
}

/* Write and keep what is possible; gives how much of @data that was. */
static size_t take(LogFile *f, LogTally *t, const char *data, size_t size) {
        size_t n = 0;

        if (f->error == 0)
                n = put(f, data, size);
        if (n < size)
                n += keep(f, data + n, size - n);
        if (n > 0)
                t->mid_line = data[n - 1] != '\n';
        return n;
}

void logfile_write(LogFile *f, LogTally *t, const char *data, size_t size) {
        size_t n;

        n = skip_dropped(t, data, size);
        data += n;
        size -= n;
        if (size == 0)
                return;

        /* End the torn line, or the next one would be glued to it. */
        if (t->torn && take(f, t, "\n", 1) == 1)
                t->torn = false;

        n = t->torn ? 0 : take(f, t, data, size);
        if (n < size)
                drop(t, data + n, size - n);
}

void logfile_retry(LogFile *f) {
        size_t n;

        n = put(f, f->kept, f->kept_size);
        if (n < f->kept_size) {
                if (n > 0)
                        memmove(f->kept, f->kept + n, f->kept_size - n);
                f->kept_size -= n;
                return;
        }

        free(f->kept);
        f->kept = NULL;
        f->kept_size = 0;
}
