#include <errno.h>
#include <inttypes.h>

#include "base/macro.h"
#include "base/rotate.h"

static int numbered_name(const char *path, int64_t number, char **ret) {
        char *name;

        if (asprintf(&name, "%s.%" PRId64, path, number) < 0)
                return -ENOMEM;

        *ret = name;
        return 0;
}

static int move_number(const char *path, int64_t from) {
        _cleanup_(freep) char *source = NULL, *target = NULL;
        int r;

        r = numbered_name(path, from, &source);
        if (r < 0)
                return r;
        r = numbered_name(path, from + 1, &target);
        if (r < 0)
                return r;

        return rename(source, target) < 0 && errno != ENOENT ? -errno : 0;
}

/* How many of FILE.1, FILE.2 … there are before the first gap, at most @limit. */
static int count_backups(const char *path, int64_t limit, int64_t *ret) {
        int64_t n;
        int r;

        for (n = 0; n < limit; n++) {
                _cleanup_(freep) char *name = NULL;

                r = numbered_name(path, n + 1, &name);
                if (r < 0)
                        return r;
                if (access(name, F_OK) < 0)
                        break;
        }

        *ret = n;
        return 0;
}

int rotate_files(const char *path, int64_t backups) {
        _cleanup_(freep) char *first = NULL;
        int64_t n;
        int r;

        r = numbered_name(path, 1, &first);
        if (r < 0)
                return r;

        r = count_backups(path, backups - 1, &n);
        if (r < 0)
                return r;

        for (; n > 0; n--) {
                r = move_number(path, n);
                if (r < 0)
                        return r;
        }

        return rename(path, first) < 0 && errno != ENOENT ? -errno : 0;
}
