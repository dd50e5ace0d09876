/*
 * Which backup is compressed next, and into which file: see compress.h. The tool itself is run by
 * others, see compress-job.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "log/rotate.h"
#include "output/compress.h"

/* More backups than this are not looked at; the first missing number ends the search anyway. */
#define BACKUPS_SEARCHED 10000

static const struct {
        const char *suffix;
        const char *argv[4];
} tools[] = {
        [LOG_COMPRESS_GZIP] = { ".gz", { "gzip", "-c", NULL } },
        [LOG_COMPRESS_ZSTD] = { ".zst", { "zstd", "-q", "-c", NULL } },
        [LOG_COMPRESS_XZ] = { ".xz", { "xz", "-c", NULL } },
};

const char *compress_suffix(LogCompress kind) {
        return tools[kind].suffix;
}

const char *const *compress_argv(LogCompress kind) {
        return tools[kind].argv;
}

static int result_name(const Compression *c, char **ret) {
        if (asprintf(ret, "%s%s.new", c->path, compress_suffix(c->kind)) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

/* The name of the youngest plain backup, or with @by_inode of the one being compressed. */
static int find_backup(const Compression *c, bool by_inode, char **ret) {
        const int64_t last = MIN(c->backups, (int64_t)BACKUPS_SEARCHED);
        struct stat st;
        int r;

        for (int64_t i = 1; i <= last; i++) {
                _cleanup_(freep) char *plain = NULL, *packed = NULL;

                r = rotate_name(c->path, i, NULL, &plain);
                if (r < 0)
                        return r;
                if (stat(plain, &st) >= 0) {
                        if (by_inode &&
                            (st.st_dev != c->source_device || st.st_ino != c->source_inode))
                                continue;
                        *ret = TAKE_PTR(plain);
                        return 0;
                }

                r = rotate_name(c->path, i, compress_suffix(c->kind), &packed);
                if (r < 0)
                        return r;
                if (access(packed, F_OK) < 0)
                        break;
        }

        return -ENOENT;
}

/* Make the temporary file as private as the log. */
static int open_result(const Compression *c, const struct stat *source, int *ret) {
        _cleanup_(freep) char *name = NULL;
        _cleanup_(closep) int fd = -1;
        int r;

        r = result_name(c, &name);
        if (r < 0)
                return r;

        (void)unlink(name); /* left by a run that was killed */
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;

        /* Another owner only if we may; the mode is not opened up for a wrong one. */
        if (fchown(fd, source->st_uid, source->st_gid) >= 0)
                (void)fchmod(fd, source->st_mode & 0777);

        *ret = TAKE_FD(fd);
        return 0;
}

int compress_begin(Compression *c, int *ret_source_fd, int *ret_result_fd) {
        _cleanup_(closep) int source = -1;
        _cleanup_(freep) char *name = NULL;
        struct stat st;
        int r;

        if (c->kind == LOG_COMPRESS_NONE || c->running)
                return 0;

        r = find_backup(c, false, &name);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;

        source = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (source < 0 || fstat(source, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;

        r = open_result(c, &st, ret_result_fd);
        if (r < 0)
                return r;

        c->running = true;
        c->source_device = st.st_dev;
        c->source_inode = st.st_ino;
        *ret_source_fd = TAKE_FD(source);
        return 1;
}

int compress_end(Compression *c, bool succeeded) {
        _cleanup_(freep) char *source = NULL, *result = NULL, *target = NULL;
        int r;

        if (!c->running)
                return 0;
        c->running = false;

        r = result_name(c, &result);
        if (r < 0)
                return r;

        r = succeeded ? find_backup(c, true, &source) : -ECANCELED;
        if (r >= 0 && asprintf(&target, "%s%s", source, compress_suffix(c->kind)) < 0) {
                target = NULL;
                r = -ENOMEM;
        }
        if (r >= 0 && rename(result, target) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlink(result); /* nobody needs it */
                return r == -ECANCELED || r == -ENOENT ? 0
                                                       : r; /* rotated out of existence is fine */
        }

        return unlink(source) < 0 ? -errno : 0;
}
