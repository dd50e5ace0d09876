#include "manager/runtime-directory.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct RuntimeDirectory {
        char *path;
};

RuntimeDirectory *runtime_directory_free(RuntimeDirectory *d) {
        if (!d)
                return NULL;
        if (d->path)
                (void)rmdir(d->path); /* what is in it now is not ours to remove */
        free(d->path);
        free(d);
        return NULL;
}

const char *runtime_directory_get_path(const RuntimeDirectory *d) {
        return d->path;
}

/* A new folder in the first @n bytes of @parent, with a name that nobody has had. */
static int make_in(const char *parent, size_t n, char **ret) {
        _cleanup_(freep) char *path = NULL;

        if (asprintf(&path, "%.*s/supervisord-%d-XXXXXX", (int)n, parent, (int)getpid()) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (!mkdtemp(path))
                return -errno;
        if (chmod(path, 0711) < 0) { /* programs run as other users */
                int r = -errno;

                (void)rmdir(path); /* it is empty */
                return r;
        }
        *ret = TAKE_PTR(path);
        return 0;
}

/* In one of the folders that a variable names; several are separated by colons, see
 * systemd.exec(5).
 */
static int make_in_named(const char *variable, char **ret) {
        const char *parent = getenv(variable);

        if (!parent || parent[0] != '/')
                return -ENOENT;
        return make_in(parent, strcspn(parent, ":"), ret);
}

int runtime_directory_new(RuntimeDirectory **ret) {
        _cleanup_(runtime_directory_freep) RuntimeDirectory *d = NULL;
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;

        r = make_in_named("RUNTIME_DIRECTORY", &d->path);
        if (r < 0)
                r = make_in("/run", strlen("/run"), &d->path);
        if (r < 0)
                r = make_in_named("XDG_RUNTIME_DIR", &d->path);
        if (r < 0)
                r = make_in("/tmp", strlen("/tmp"), &d->path);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(d);
        return 0;
}
