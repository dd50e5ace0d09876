#include "daemon/remembered.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/places.h"
#include "base/strv.h"

#define FILE_NAME "remembered"
#define WORD "disabled "

struct Remembered {
        char *folder; /* or NULL */
        char **names; /* "group:name", sorted */
        size_t n, n_allocated;
};

/* ---------------------------------------------------------------- the place */

/* Make @path and what is missing above it. */
static int make_folders(const char *path, mode_t mode) {
        _cleanup_(freep) char *copy = strdup(path);

        if (!copy)
                return -ENOMEM;
        for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
                *slash = '\0';
                if (mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EROFS)
                        return -errno;
                *slash = '/';
        }
        return mkdir(copy, mode) < 0 && errno != EEXIST ? -errno : 0;
}

int remembered_place(const char *config_path, const DaemonConfig *config, char **ret) {
        _cleanup_(freep) char *path = NULL, *system = NULL;
        struct stat st;
        int r;

        *ret = NULL;
        r = place_state(config_path, geteuid(), &path);
        if (r == -ENOMEM)
                return r;
        if (geteuid() != 0) { /* root may have made a place for us when we were started */
                r = place_state(config_path, 0, &system);
                if (r >= 0 && lstat(system, &st) == 0 && S_ISDIR(st.st_mode) &&
                    st.st_uid == geteuid()) {
                        *ret = TAKE_PTR(system);
                        return 0;
                }
        }
        if (path && config->user && config->uid != geteuid() && make_folders(path, 0755) == 0 &&
            lchown(path, config->uid, (gid_t)-1) < 0)
                (void)rmdir(path); /* then saving fails, and says so */
        *ret = TAKE_PTR(path);
        return 0;
}

/* ---------------------------------------------------------------- the names */

/* Where @name is or would be. */
static size_t position(const Remembered *r, const char *name, bool *ret_found) {
        size_t low = 0, high = r->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(r->names[middle], name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_found = low < r->n && strcmp(r->names[low], name) == 0;
        return low;
}

static int insert(Remembered *r, size_t at, char *name) {
        if (r->n == r->n_allocated) {
                size_t n = MAX(2 * r->n_allocated, (size_t)16);
                char **names = reallocarray(r->names, n, sizeof(char *));

                if (!names)
                        return -ENOMEM;
                r->names = names;
                r->n_allocated = n;
        }
        memmove(r->names + at + 1, r->names + at, (r->n - at) * sizeof(char *));
        r->names[at] = name;
        r->n++;
        return 0;
}

static int set(Remembered *r, const char *name, bool disabled) {
        char *copy;
        bool found;
        size_t at = position(r, name, &found);

        if (found == disabled)
                return 0;
        if (!disabled) {
                free(r->names[at]);
                memmove(r->names + at, r->names + at + 1, (r->n - at - 1) * sizeof(char *));
                r->n--;
                return 0;
        }
        copy = strdup(name);
        if (!copy)
                return -ENOMEM;
        if (insert(r, at, copy) < 0) {
                free(copy);
                return -ENOMEM;
        }
        return 0;
}

int remembered_set(Remembered *r, const char *group, const char *name, bool disabled) {
        _cleanup_(freep) char *full = NULL;

        if (asprintf(&full, "%s:%s", group, name) < 0) {
                full = NULL;
                return -ENOMEM;
        }
        return set(r, full, disabled);
}

bool remembered_is_disabled(const Remembered *r, const char *group, const char *name) {
        _cleanup_(freep) char *full = NULL;
        bool found;

        if (r->n == 0)
                return false;
        if (asprintf(&full, "%s:%s", group, name) < 0) {
                full = NULL;
                return false;
        }
        (void)position(r, full, &found);
        return found;
}

void remembered_apply(const Remembered *r, Config *config) {
        for (size_t i = 0; i < config->n_processes; i++) {
                ProcessConfig *c = config->processes[i];

                c->disabled = remembered_is_disabled(r, c->group, c->name);
        }
}

/* ---------------------------------------------------------------- the file */

static int read_file(Remembered *r) {
        _cleanup_(fclosep) FILE *f = NULL;
        _cleanup_(freep) char *path = NULL, *line = NULL;
        size_t size = 0;
        ssize_t n;
        int result = 0;

        if (asprintf(&path, "%s/" FILE_NAME, r->folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        f = fopen(path, "re");
        if (!f)
                return errno == ENOENT ? 0 : -errno;
        while (result >= 0 && (n = getline(&line, &size, f)) > 0) {
                if (line[n - 1] == '\n')
                        line[n - 1] = '\0';
                if (strncmp(line, WORD, strlen(WORD)) == 0)
                        result = set(r, line + strlen(WORD), /* disabled= */ true);
        }
        if (result < 0)
                return result;
        return ferror(f) ? -EIO : feof(f) ? 0 : -ENOMEM; /* the flags know nothing of memory */
}

int remembered_new(const char *folder, Remembered **ret) {
        _cleanup_(remembered_freep) Remembered *r = calloc(1, sizeof(*r));
        int result;

        if (!r)
                return -ENOMEM;
        if (!folder) {
                *ret = TAKE_PTR(r);
                return 0;
        }
        r->folder = strdup(folder);
        if (!r->folder)
                return -ENOMEM;
        result = read_file(r);
        if (result == -ENOMEM)
                return result;
        *ret = TAKE_PTR(r);
        return result;
}

Remembered *remembered_free(Remembered *r) {
        if (!r)
                return NULL;
        for (size_t i = 0; i < r->n; i++)
                free(r->names[i]);
        free(r->names);
        free(r->folder);
        free(r);
        return NULL;
}

static int write_lines(const Remembered *r, const char *path) {
        FILE *f = fopen(path, "we");
        int result;

        if (!f)
                return -errno;
        for (size_t i = 0; i < r->n; i++)
                (void)fprintf(f, WORD "%s\n", r->names[i]); /* ferror() tells */
        result = ferror(f) ? -EIO : 0;
        if (fclose(f) != 0 && result == 0)
                result = -errno;
        return result;
}

int remembered_save(const Remembered *r) {
        _cleanup_(freep) char *path = NULL, *new = NULL;
        int result;

        if (!r->folder)
                return -ENOENT;
        if (asprintf(&path, "%s/" FILE_NAME, r->folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (asprintf(&new, "%s.new", path) < 0) {
                new = NULL;
                return -ENOMEM;
        }
        result = make_folders(r->folder, 0755);
        if (result >= 0)
                result = write_lines(r, new);
        if (result >= 0 && rename(new, path) < 0)
                result = -errno;
        if (result < 0)
                (void)unlink(new); /* what was remembered before stays */
        return result;
}
