/*
 * The names of rotated files: see rotate.h. It renames and removes, and opens nothing.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/macro.h"
#include "log/rotate.h"

int rotate_name(const char *path, int64_t number, const char *suffix, char **ret) {
        char *name;

        if (asprintf(&name, "%s.%" PRId64 "%s", path, number, suffix ? suffix : "") < 0)
                return -ENOMEM;

        *ret = name;
        return 0;
}

static int remove_one(const char *path, int64_t number, const char *suffix) {
        _cleanup_(freep) char *name = NULL;
        int r;

        r = rotate_name(path, number, suffix, &name);
        if (r < 0)
                return r;
        return unlink(name) < 0 && errno != ENOENT ? -errno : 0;
}

/* Move one file to the next number. Returns 1, 0 if there is none of that name, or -errno. */
static int move_one(const char *path, int64_t from, const char *suffix) {
        _cleanup_(freep) char *source = NULL, *target = NULL;
        int r;

        r = rotate_name(path, from, suffix, &source);
        if (r < 0)
                return r;
        r = rotate_name(path, from + 1, suffix, &target);
        if (r < 0)
                return r;

        if (rename(source, target) < 0)
                return errno == ENOENT ? 0 : -errno;
        return 1;
}

/* A number is one backup, under either name, with the suffix or without. If the next number had the
 * other one, that must not stay behind. */
static int move_number(const char *path, int64_t from, const char *suffix) {
        int plain, packed;

        plain = move_one(path, from, NULL);
        if (plain < 0 || !suffix)
                return plain;

        packed = move_one(path, from, suffix);
        if (packed < 0)
                return packed;

        if (plain == 0)
                return remove_one(path, from + 1, NULL);
        return packed == 0 ? remove_one(path, from + 1, suffix) : 0;
}

static int exists(const char *path, int64_t number, const char *suffix) {
        _cleanup_(freep) char *name = NULL;
        int r;

        r = rotate_name(path, number, suffix, &name);
        if (r < 0)
                return r;
        if (access(name, F_OK) >= 0)
                return 1;
        return errno == ENOENT ? 0 : -errno; /* in doubt nothing may take its place */
}

static int remove_number(const char *path, int64_t number, const char *suffix) {
        int r;

        r = remove_one(path, number, NULL);
        return r < 0 || !suffix ? r : remove_one(path, number, suffix);
}

/* How many of FILE.1, FILE.2 … there are before the first gap, at most @limit. */
static int count_backups(const char *path, int64_t limit, const char *suffix, int64_t *ret) {
        int64_t n;
        int r;

        for (n = 0; n < limit; n++) {
                r = exists(path, n + 1, NULL);
                if (r == 0 && suffix)
                        r = exists(path, n + 1, suffix);
                if (r < 0)
                        return r;
                if (r == 0)
                        break;
        }

        *ret = n;
        return 0;
}

int rotate_files(const char *path, int64_t backups, const char *suffix) {
        _cleanup_(freep) char *first = NULL;
        int64_t n;
        int r;

        r = rotate_name(path, 1, NULL, &first);
        if (r < 0)
                return r;

        r = count_backups(path, backups - 1, suffix, &n);
        if (r < 0)
                return r;

        /* What is lost anyway goes first: a file that is renamed to the name of another is written
         * to the disk at once by ext4, see "auto_da_alloc" in ext4(5). */
        if (n == backups - 1) {
                r = remove_number(path, backups, suffix);
                if (r < 0)
                        return r;
        }

        for (; n > 0; n--) {
                r = move_number(path, n, suffix);
                if (r < 0)
                        return r;
        }

        if (rename(path, first) < 0 && errno != ENOENT)
                return -errno;
        return 0;
}
