/*
 * Which cgroup v2 this process is in, where that is mounted, and whether it is ours to divide: from
 * /proc/self/cgroup, /proc/self/mountinfo and the marks that systemd leaves. Nothing is changed.
 */
#include "host/tree/cgroup-find.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/macro.h"

void cgroup_place_done(CgroupPlace *place) {
        free(place->path);
        free(place->folder);
        *place = (CgroupPlace){ 0 };
}

/* The path in the line "0::PATH" of a file as /proc/self/cgroup. */
static int read_own_path(FILE *f, char **ret) {
        _cleanup_(freep) char *line = NULL;
        size_t size = 0;

        while (getline(&line, &size, f) > 0) {
                if (strncmp(line, "0::/", 4) != 0)
                        continue;
                line[strcspn(line, "\n")] = '\0';
                *ret = strdup(line + 3);
                return *ret ? 0 : -ENOMEM;
        }
        return feof(f) ? -ENOENT : -errno;
}

static int find_own_path(char **ret) {
        _cleanup_(fclosep) FILE *f = fopen("/proc/self/cgroup", "re");

        return f ? read_own_path(f, ret) : -errno;
}

/* Undo the octal escapes ("\040" for a blank) of /proc/self/mountinfo, in place. */
static void unescape(char *s) {
        char *to = s;

        for (; *s; s++) {
                if (s[0] == '\\' && strspn(s + 1, "01234567") >= 3) {
                        *to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
                        s += 3;
                } else {
                        *to++ = *s;
                }
        }
        *to = '\0';
}

/* The rest of @path below @root, "" if they are the same, NULL if it is not below. */
static const char *below(const char *root, const char *path) {
        size_t n = strlen(root);

        if (strcmp(root, "/") == 0)
                return strcmp(path, "/") == 0 ? "" : path;
        if (strncmp(path, root, n) != 0 || (path[n] != '/' && path[n] != '\0'))
                return NULL;
        return path + n;
}

/*
 * If @line of mountinfo, which it cuts up, is a cgroup2 mount that shows @path: the folder there.
 * The fields are: id, parent, device, root, mount point, options, any number of tags, "-", type, …
 */
static int folder_in_mount(char *line, const char *path, char **ret) {
        char *fields[5], *type, *save = NULL, *word;
        const char *rest;

        type = strstr(line, " - ");
        if (!type || strncmp(type + 3, "cgroup2 ", 8) != 0)
                return 0;

        word = strtok_r(line, " ", &save);
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                if (!word)
                        return 0;
                fields[i] = word;
                word = strtok_r(NULL, " ", &save);
        }
        unescape(fields[3]);
        unescape(fields[4]);

        rest = below(fields[3], path);
        if (!rest)
                return 0;
        if (asprintf(ret, "%s%s", fields[4], rest) < 0)
                return -ENOMEM;
        return 1;
}

static int read_mounts(FILE *f, const char *path, char **ret) {
        _cleanup_(freep) char *line = NULL;
        size_t size = 0;
        int r;

        while (getline(&line, &size, f) > 0) {
                r = folder_in_mount(line, path, ret);
                if (r != 0)
                        return MIN(r, 0);
        }
        return feof(f) ? -ENOENT : -errno;
}

static int find_folder(const char *path, char **ret) {
        _cleanup_(fclosep) FILE *f = fopen("/proc/self/mountinfo", "re");

        return f ? read_mounts(f, path, ret) : -errno;
}

/* systemd marks what it delegates; "trusted" is what it had before 251, and only root can read it.
 */
static bool is_marked(const char *folder) {
        static const char *const marks[] = { "user.delegate", "trusted.delegate" };
        char value[2];

        for (size_t i = 0; i < ELEMENTSOF(marks); i++)
                if (getxattr(folder, marks[i], value, sizeof(value)) == 1 && value[0] == '1')
                        return true;
        return false;
}

/*
 * With DelegateSubgroup= we are put below the marked cgroup, and our own has no unit's name. A
 * unit's is never taken for that: below a user's manager all is marked further up, yet is that
 * manager's. Returns 1, 0 or -ENOMEM.
 */
static int is_delegated(const char *folder) {
        static const char *const units[] = { ".service", ".scope", ".slice" };
        size_t n = strlen(folder);
        _cleanup_(freep) char *parent = NULL;
        char *slash;

        if (is_marked(folder))
                return 1;

        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
                size_t m = strlen(units[i]);

                if (n >= m && strcmp(folder + n - m, units[i]) == 0)
                        return 0;
        }

        parent = strdup(folder);
        if (!parent)
                return -ENOMEM;
        slash = strrchr(parent, '/');
        if (!slash || slash == parent)
                return 0;
        *slash = '\0';
        return is_marked(parent);
}

/* The directory is what sd_booted(3) looks for. In doubt it does: its cgroups are not to divide. */
static bool systemd_rules(void) {
        return access("/run/systemd/system/", F_OK) == 0 || errno != ENOENT;
}

int cgroup_find(CgroupPlace *ret) {
        _cleanup_(cgroup_place_done) CgroupPlace place = { 0 };
        int r;

        r = find_own_path(&place.path);
        if (r < 0)
                return r;

        assert(place.path);
        r = find_folder(place.path, &place.folder);
        if (r < 0)
                return r;
        assert(place.folder);

        r = is_delegated(place.folder);
        if (r < 0)
                return r;
        place.delegated = r > 0;
        if (!place.delegated && getpid() != 1 && systemd_rules())
                return -EPERM;

        ret->delegated = place.delegated;
        ret->path = TAKE_PTR(place.path);
        ret->folder = TAKE_PTR(place.folder);
        return 0;
}
