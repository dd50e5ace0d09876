#include "main/unit-file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/macro.h"
#include "base/strv.h"

#define BLANKS " \t\r\n"

/* Only a regular file is read: nothing else is a unit, and some would not end or make us wait. */
static int open_file(const char *path, FILE **ret) {
        _cleanup_(closep) int fd = -1;
        struct stat st;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode)) /* a masked unit is a link to /dev/null: an empty one */
                return S_ISCHR(st.st_mode) ? 0 : -EINVAL;
        *ret = fdopen(fd, "r");
        if (!*ret)
                return -errno;
        (void)TAKE_FD(fd);
        return 1;
}

static char *strip(char *text) {
        size_t n;

        text += strspn(text, BLANKS);
        n = strlen(text);
        while (n > 0 && strchr(BLANKS, text[n - 1]))
                text[--n] = '\0';
        return text;
}

/*
 * The next line with those that continue it, comments among them left out, into @line. Returns 1, 0
 * at the end, or -ENOMEM.
 */
static int read_line(FILE *f, Buffer *line) {
        _cleanup_(freep) char *piece = NULL;
        bool continued = false;
        size_t room = 0;

        line->n = 0;
        while (getline(&piece, &room, f) >= 0) {
                char *text = strip(piece);
                size_t n = strlen(text);
                int r;

                if (continued && (*text == '#' || *text == ';'))
                        continue;
                continued = n > 0 && text[n - 1] == '\\';
                if (continued)
                        text[n - 1] = ' ';
                r = buffer_append(line, text, n);
                if (r < 0)
                        return r;
                if (!continued)
                        return 1;
        }
        return continued;
}

/* One assignment, if @line is one of the section that it is in. */
static int
take_line(char *line, const char *section, bool *inside, unit_assignment_fn fn, void *userdata) {
        size_t n = strlen(section);
        char *equals = strchr(line, '=');

        if (*line == '[')
                *inside = strncmp(line + 1, section, n) == 0 && strcmp(line + 1 + n, "]") == 0;
        if (!*inside || !equals || *line == '#' || *line == ';' || *line == '[')
                return 0;
        *equals = '\0';
        return fn(strip(line), strip(equals + 1), userdata);
}

static int read_assignments(FILE *f, const char *section, unit_assignment_fn fn, void *userdata) {
        _cleanup_(buffer_done) Buffer line = { 0 };
        bool inside = false;
        int r;

        while ((r = read_line(f, &line)) > 0) {
                r = take_line(strip(line.data), section, &inside, fn, userdata);
                if (r < 0)
                        return r;
        }
        return r == 0 && ferror(f) ? -EIO : r;
}

int unit_file_read(const char *path, const char *section, unit_assignment_fn fn, void *userdata) {
        _cleanup_(fclosep) FILE *f = NULL;
        int r;

        r = open_file(path, &f);
        return r <= 0 ? r : read_assignments(f, section, fn, userdata);
}

/* ---------------------------------------------------------------- with what is dropped in */

static int join(const char *dir, const char *middle, const char *name, char **ret) {
        if (asprintf(ret, "%s/%s%s", dir, middle, name) >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

static const char *base_name(const char *path) {
        return strrchr(path, '/') + 1;
}

static bool has_name(char *const *paths, const char *name) {
        for (; paths && *paths; paths++)
                if (strcmp(base_name(*paths), name) == 0)
                        return true;
        return false;
}

/* Add the .conf files of NAME.d in @dir, but for those that an earlier folder has as well. */
static int list_drop_ins(const char *dir, const char *name, char ***paths) {
        _cleanup_(freep) char *folder = NULL;
        const struct dirent *entry;
        size_t n;
        DIR *d;
        int r;

        r = join(dir, name, ".d", &folder);
        if (r < 0)
                return r;
        d = opendir(folder);
        if (!d)
                return 0; /* there are none, or none that we may see */
        while (r >= 0 && (entry = readdir(d))) {
                char *path = NULL;

                n = strlen(entry->d_name);
                if (n < 6 || strcmp(entry->d_name + n - 5, ".conf") != 0 ||
                    has_name(*paths, entry->d_name))
                        continue;
                r = join(folder, "", entry->d_name, &path);
                if (r >= 0)
                        r = strv_push(paths, path);
                if (r < 0)
                        free(path);
        }
        (void)closedir(d);
        return r;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static int read_drop_ins(char *const *dirs,
                         const char *name,
                         const char *section,
                         unit_assignment_fn fn,
                         void *userdata) {
        _cleanup_(strv_freep) char **paths = NULL;
        int r = 0;

        for (char *const *dir = dirs; r >= 0 && *dir; dir++)
                r = list_drop_ins(*dir, name, &paths);
        if (r < 0 || !paths)
                return r;
        qsort(paths, strv_length(paths), sizeof(*paths), compare_names);
        for (char *const *path = paths; r >= 0 && *path; path++)
                r = unit_file_read(*path, section, fn, userdata);
        return r;
}

int unit_read(char *const *dirs,
              const char *name,
              const char *section,
              unit_assignment_fn fn,
              void *userdata) {
        int r = -ENOENT;

        for (char *const *dir = dirs; *dir && r == -ENOENT; dir++) {
                _cleanup_(freep) char *path = NULL;

                r = join(*dir, "", name, &path);
                if (r >= 0)
                        r = unit_file_read(path, section, fn, userdata);
        }
        return r < 0 ? r : read_drop_ins(dirs, name, section, fn, userdata);
}
