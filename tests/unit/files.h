/*
 * A folder of its own for each test that works with files, and whole files as strings.
 */
#pragma once

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"

static char folder[64];

static inline void make_folder_in(const char *parent) {
        (void)signal(SIGPIPE, SIG_IGN);
        (void)signal(SIGXFSZ, SIG_IGN);
        (void)snprintf(folder, sizeof(folder), "%s/supervisord-test-XXXXXX", parent);
        cr_assert(mkdtemp(folder));
}

static inline void make_folder(void) {
        make_folder_in("/tmp");
}

static inline int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        return remove(path);
}

static inline void remove_folder(void) {
        char disk[sizeof(folder) + 8];

        (void)snprintf(disk, sizeof(disk), "%s/disk", folder);
        (void)umount2(disk, MNT_DETACH); /* of mount_small() */
        (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of @name in the folder; in one of four buffers used in turn. */
static inline char *in_folder(const char *name) {
        static char paths[4][PATH_MAX];
        static unsigned i;

        i = (i + 1) % ELEMENTSOF(paths);
        (void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, name);
        return paths[i];
}

/* The whole file, terminated, the caller's; NULL if there is none. */
static inline char *slurp(const char *path) {
        _cleanup_(fclosep) FILE *f = fopen(path, "re");
        char *text = NULL;
        size_t size = 0;

        if (!f)
                return NULL;
        if (getdelim(&text, &size, EOF, f) < 0 && text)
                *text = '\0';
        return text;
}

static inline void expect_file(const char *path, const char *expected) {
        _cleanup_(freep) char *text = slurp(path);

        cr_assert(text, "%s does not exist", path);
        cr_expect_str_eq(text, expected, "%s: '%s'", path, text);
}

static inline void write_file(const char *path, const char *text) {
        _cleanup_(fclosep) FILE *f = fopen(path, "we");

        cr_assert(f);
        cr_assert(fputs(text, f) >= 0);
}

/* Make the folder "disk", a small file system that only this process sees; skips the test where
 * that is refused. */
static inline void mount_small(const char *options) {
        cr_assert_eq(mkdir(in_folder("disk"), 0755), 0);
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("none", in_folder("disk"), "tmpfs", 0, options) < 0)
                cr_skip("needs the right to mount: %s", strerror(errno));
}

/* Write to @path until its file system is full. */
static inline void fill(const char *path) {
        _cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        static char block[4096];

        cr_assert_geq(fd, 0);
        while (write(fd, block, sizeof(block)) > 0)
                continue;
        cr_assert_eq(errno, ENOSPC);
}

/*
 * Read lines "N of the lines", ascending, from NAME.99 … NAME.1, NAME. A line may be torn between
 * two files only if @may_tear. Returns how many of 0 … @n-1 are missing.
 */
static inline unsigned count_missing(const char *name, unsigned n, bool may_tear) {
        unsigned next = 0, missing = 0, number;
        char path[64], line[256];
        size_t begun = 0;

        for (int k = 99; k >= 0; k--) {
                _cleanup_(fclosep) FILE *in = NULL;

                (void)snprintf(path, sizeof(path), k > 0 ? "%s.%d" : "%s", name, k);
                in = fopen(in_folder(path), "re");
                while (in && fgets(line + begun, (int)(sizeof(line) - begun), in)) {
                        if (may_tear && !strchr(line, '\n')) {
                                begun = strlen(line);
                                continue;
                        }
                        begun = 0;
                        cr_assert_eq(sscanf(line, "%u", &number), 1, "%s: '%s'", path, line);
                        cr_assert(strchr(line, ' '), "%s: '%s'", path, line);
                        cr_assert_str_eq(strchr(line, ' '), " of the lines\n", "%s: '%s'", path,
                                         line);
                        cr_assert_geq(number, next, "%u again in %s", number, path);
                        missing += number - next;
                        next = number + 1;
                }
        }

        return missing + n - next;
}
