/*
 * The search for the file of a command. It tells what the daemon sees before the fork; whether the
 * program's user may execute the file shows only in the child, with execve(2).
 */
#include "host/spawn/find-command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"

#define PATH_DEFAULT "/bin:/usr/bin:/usr/local/bin"

/* PATH as the program will see it, else ours, else Python's default. */
static const char *search_path(char *const *envp) {
        const char *ours;

        for (char *const *e = envp; e && *e; e++)
                if (strncmp(*e, "PATH=", 5) == 0 && (*e)[5])
                        return *e + 5;

        ours = getenv("PATH");
        return ours && *ours ? ours : PATH_DEFAULT;
}

static int judge_file(int dir_fd, const char *file, const struct stat *st) {
        if (S_ISDIR(st->st_mode))
                return START_REASON_IS_DIRECTORY;
        if (!(st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
                return START_REASON_NOT_EXECUTABLE;
        if (faccessat(dir_fd, file, X_OK, AT_EACCESS) < 0)
                return errno == EACCES ? START_REASON_NO_PERMISSION : -errno;
        return START_REASON_NONE;
}

/* Nothing was found, of which @error (negative, or 0) may be the reason. */
static int not_found(const char *argv0, int error, char **ret_path) {
        char *path;

        if (error < 0)
                return error;
        path = strdup(argv0);
        if (!path)
                return -ENOMEM;

        *ret_path = path;
        return START_REASON_NOT_FOUND;
}

/* Where nobody could see it, it is missing as much as where it is not. */
static bool means_missing(int error) {
        return error == ENOENT || error == ENOTDIR || error == EACCES;
}

/* Look at one candidate: START_REASON_NOT_FOUND and errors leave *ret_path alone. */
static int
try_file(int dir_fd, const char *folder, size_t n_folder, const char *name, char **ret_path) {
        _cleanup_(freep) char *file = NULL;
        struct stat st;
        int r;

        r = asprintf(&file, "%.*s%s%s", (int)n_folder, folder, n_folder > 0 ? "/" : "", name);
        if (r < 0) {
                file = NULL; /* undefined after a failure */
                return -ENOMEM;
        }
        if (fstatat(dir_fd, file, &st, 0) < 0)
                return means_missing(errno) ? START_REASON_NOT_FOUND : -errno;

        r = judge_file(dir_fd, file, &st);
        if (r >= 0)
                *ret_path = TAKE_PTR(file);
        return r;
}

int find_command(const char *argv0, char *const *envp, const char *directory, char **ret_path) {
        _cleanup_(closep) int dir_fd = -1;
        const char *p, *end;
        int base = AT_FDCWD, error = 0, r;

        if (directory) {
                dir_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
                /* A bad directory is told by the start; till then only absolute names count. */
                if (dir_fd >= 0)
                        base = dir_fd;
        }

        if (strchr(argv0, '/')) {
                r = try_file(base, "", 0, argv0, ret_path);
                return r == START_REASON_NOT_FOUND ? not_found(argv0, 0, ret_path) : r;
        }

        for (p = search_path(envp);; p = end + 1) {
                end = strchrnul(p, ':');
                r = try_file(base, p, (size_t)(end - p), argv0, ret_path);
                if (r >= 0 && r != START_REASON_NOT_FOUND)
                        return r;
                if (r < 0 && error == 0)
                        error = r;
                if (!*end)
                        return not_found(argv0, error, ret_path);
        }
}
