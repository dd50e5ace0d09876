#include "daemon/act/readiness-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log/log.h"

struct ReadinessFile {
        char *path; /* or NULL */
        bool is_shown;
};

/* One that is there already is as good: only that it is there counts. */
static int make(const char *path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd < 0 && errno != EEXIST)
                return -errno;
        safe_close(fd);
        return 0;
}

static int drop(const char *path) {
        return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

int readiness_file_new(const char *path, ReadinessFile **ret) {
        _cleanup_(readiness_file_freep) ReadinessFile *f = NULL;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        if (path) {
                f->path = strdup(path);
                if (!f->path)
                        return -ENOMEM;
                r = drop(path);
                if (r < 0)
                        log_warn("cannot remove the readiness_file %s of an earlier run: %s", path,
                                 strerror(-r));
        }
        *ret = TAKE_PTR(f);
        return 0;
}

void readiness_file_show(ReadinessFile *f, bool is_ready) {
        int r;

        if (!f || !f->path || f->is_shown == is_ready)
                return;
        f->is_shown = is_ready;
        r = is_ready ? make(f->path) : drop(f->path);
        if (r < 0)
                log_error("cannot %s readiness_file %s: %s", is_ready ? "make" : "remove", f->path,
                          strerror(-r));
}

ReadinessFile *readiness_file_free(ReadinessFile *f) {
        if (!f)
                return NULL;
        readiness_file_show(f, false);
        free(f->path);
        free(f);
        return NULL;
}
