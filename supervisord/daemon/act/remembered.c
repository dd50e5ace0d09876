/*
 * What is remembered over a restart of the daemon: which processes are disabled. It is a file in
 * the state folder, written beside the old one and then put in its place, by a thread that writes
 * logs.
 */
#include "daemon/act/remembered.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/strv.h"
#include "log/errand.h"
#include "protocol/places.h"

#define FILE_NAME "remembered"
#define WORD "disabled "

typedef struct Save Save;

struct Remembered {
        char *folder; /* or NULL */
        char **names; /* "group:name", sorted */
        size_t n, n_allocated;
        Save *saving; /* under way, its own */
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

/* strcmp() of @full and "GROUP:NAME", or @group alone without @name: needs no memory. */
static int compare(const char *full, const char *group, const char *name) {
        size_t n = strlen(group);
        int r = strncmp(full, group, n);

        if (r != 0)
                return r;
        if (!name || full[n] != ':')
                return (unsigned char)full[n] - (name ? ':' : '\0');
        return strcmp(full + n + 1, name);
}

/* Where that is or would be. */
static size_t position(const Remembered *r, const char *group, const char *name, bool *ret_found) {
        size_t low = 0, high = r->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (compare(r->names[middle], group, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *ret_found = low < r->n && compare(r->names[low], group, name) == 0;
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
        size_t at = position(r, name, NULL, &found);

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
        bool found;

        (void)position(r, group, name, &found);
        return found;
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

/* ---------------------------------------------------------------- saving */

/* The contents at one time, on their way to the file. */
struct Save {
        Remembered *owner; /* NULL once that is gone */
        Save *next;        /* to be written after it */
        Writers *writers;
        void (*on_saved)(int result);
        char *folder;
        Buffer lines;
        int result;
};

static Save *save_free(Save *save) {
        if (!save)
                return NULL;
        save_free(save->next);
        free(save->folder);
        buffer_done(&save->lines);
        free(save);
        return NULL;
}
DEFINE_CLEANUP(Save, save_free);

static int append_lines(const Remembered *r, Buffer *lines) {
        int k = 0;

        for (size_t i = 0; k == 0 && i < r->n; i++) {
                k = buffer_append(lines, WORD, strlen(WORD));
                if (k == 0)
                        k = buffer_append(lines, r->names[i], strlen(r->names[i]));
                if (k == 0)
                        k = buffer_append(lines, "\n", 1);
        }
        return k;
}

static int save_new(const Remembered *r, Save **ret) {
        _cleanup_(save_freep) Save *save = NULL;

        if (!r->folder)
                return -ENOENT;
        save = calloc(1, sizeof(*save));
        if (!save)
                return -ENOMEM;
        save->folder = strdup(r->folder);
        if (!save->folder || append_lines(r, &save->lines) < 0)
                return -ENOMEM;
        *ret = TAKE_PTR(save);
        return 0;
}

static int write_lines(const Buffer *lines, const char *path) {
        FILE *f = fopen(path, "we");
        int result;

        if (!f)
                return -errno;
        if (lines->n > 0)
                (void)fwrite(lines->data, 1, lines->n, f); /* ferror() tells */
        result = ferror(f) ? -EIO : 0;
        if (fclose(f) != 0 && result == 0)
                result = -errno;
        return result;
}

static int write_file(const Save *save) {
        _cleanup_(freep) char *path = NULL, *new = NULL;
        int result;

        if (asprintf(&path, "%s/" FILE_NAME, save->folder) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        if (asprintf(&new, "%s.new", path) < 0) {
                new = NULL;
                return -ENOMEM;
        }
        result = make_folders(save->folder, 0755);
        if (result >= 0)
                result = write_lines(&save->lines, new);
        if (result >= 0 && rename(new, path) < 0)
                result = -errno;
        if (result < 0)
                (void)unlink(new); /* what was remembered before stays */
        return result;
}

static void run_save(void *data) {
        Save *save = data;

        save->result = write_file(save);
}

static void begin(Save *save);

static void save_done(void *data) {
        _cleanup_(save_freep) Save *save = data;
        Save *next = TAKE_PTR(save->next);

        save->on_saved(save->result);
        if (next)
                next->owner = save->owner;
        if (save->owner)
                save->owner->saving = next;
        if (next)
                begin(next);
}

static void begin(Save *save) {
        static const ErrandCalls calls = { .run = run_save, .done = save_done };

        if (errand_begin(save->writers, &calls, save) < 0) {
                save->result = -ENOMEM;
                save_done(save);
        }
}

void remembered_save(Remembered *r, Writers *writers, void (*on_saved)(int result)) {
        Save *save;
        int result;

        result = save_new(r, &save);
        if (result < 0) {
                on_saved(result);
                return;
        }
        save->writers = writers;
        save->on_saved = on_saved;
        if (r->saving) {
                save_free(r->saving->next);
                r->saving->next = save;
                return;
        }
        save->owner = r;
        r->saving = save;
        begin(save);
}

/* ---------------------------------------------------------------- the end */

Remembered *remembered_free(Remembered *r) {
        if (!r)
                return NULL;
        if (r->saving)
                r->saving->owner = NULL;
        for (size_t i = 0; i < r->n; i++)
                free(r->names[i]);
        free(r->names);
        free(r->folder);
        free(r);
        return NULL;
}
