/*
 * Fuzz target over the whole loader of configurations: lines, includes, expansion, values, groups,
 * dumps.
 *
 * The input is the main file; what follows a line "#INCLUDE" is the file that every [include]
 * finds. Nothing outside the input is looked at: glob(3) and the user database are replaced by what
 * is below (see run).
 */
#include <glob.h>
#include <pwd.h>

#include "config/model/config.h"
#include "fuzz/target.h"

static const char separator[] = "\n#INCLUDE\n";

static int included_fd = -1; /* the second file of the input at hand */

int __wrap_glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *ret);
int __wrap_getpwnam_r(const char *name,
                      struct passwd *pw,
                      char *buf,
                      size_t size,
                      struct passwd **ret);
int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, struct passwd **ret);

static void path_of(int fd, char path[static 32]) {
        (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
}

int __wrap_glob(const char *pattern, int flags, int (*on_error)(const char *, int), glob_t *ret) {
        char path[32];

        if (included_fd < 0)
                return GLOB_NOMATCH;
        path_of(included_fd, path);
        ret->gl_pathv = calloc(2, sizeof(char *));
        if (!ret->gl_pathv)
                return GLOB_NOSPACE;
        ret->gl_pathv[0] = strdup(path);
        ret->gl_pathc = ret->gl_pathv[0] ? 1 : 0;
        return 0;
}

int __wrap_getpwnam_r(const char *name,
                      struct passwd *pw,
                      char *buf,
                      size_t size,
                      struct passwd **ret) {
        *ret = NULL;
        return 0;
}

int __wrap_getpwuid_r(uid_t uid, struct passwd *pw, char *buf, size_t size, struct passwd **ret) {
        *ret = NULL;
        return 0;
}

/* What must hold for every configuration that loads. */
static void check(const Config *c) {
        _cleanup_(fclosep) FILE *null = fopen("/dev/null", "we");

        for (size_t i = 0; i < c->n_processes; i++) {
                const ProcessConfig *p = c->processes[i];

                if (!p->command || !p->name || !p->group ||
                    process_config_compare(p, p) != CONFIG_SAME)
                        abort();
        }
        if (!null || config_dump_json(c, null) < 0 || config_dump_ini(c, null) < 0)
                abort();
}

static void load(const char *path, bool strict) {
        _cleanup_(config_freep) Config *c = NULL;
        _cleanup_(config_report_done) ConfigReport report = { 0 };
        const ConfigOptions options = { .no_host_checks = true, .strict = strict };
        int r;

        r = config_load(path, &options, &c, &report);
        if ((r == -EINVAL) != (report.n_errors > 0) || (r == 0) != (c != NULL))
                abort();
        if (r < 0 && r != -EINVAL && r != -ENOMEM)
                abort();
        if (c)
                check(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        const uint8_t *second = memmem(data, size, separator, strlen(separator));
        size_t n = second ? (size_t)(second - data) + 1 : size;
        _cleanup_(closep) int fd = target_store(data, n);
        char path[32];

        included_fd = second ? target_store(second, size - n + 1) : -1;
        path_of(fd, path);
        load(path, size % 2);
        included_fd = safe_close(included_fd);
        return 0;
}
