#include "config/text/path.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/macro.h"

/* Append the components of @path to @out, an absolute path without a slash at its end ("" is the
 * root). */
static char *append_normalised(const char *out, char *end, const char *path) {
        while (*path) {
                size_t n = strcspn(path, "/");

                if (n == 2 && path[0] == '.' && path[1] == '.') {
                        while (end > out && *--end != '/')
                                ;
                } else if (n > 0 && !(n == 1 && path[0] == '.')) {
                        *end++ = '/';
                        memcpy(end, path, n);
                        end += n;
                }
                path += n + (path[n] == '/');
        }
        return end;
}

int path_absolute(const char *path, char **ret) {
        _cleanup_(freep) char *cwd = NULL;
        bool two_slashes = path[0] == '/' && path[1] == '/' && path[2] != '/';
        char *out, *end;

        if (path[0] != '/') {
                cwd = getcwd(NULL, 0);
                if (!cwd)
                        return -errno;
        }
        out = malloc((cwd ? strlen(cwd) : 0) + strlen(path) + 4);
        if (!out)
                return -ENOMEM;
        out[0] = '/'; /* POSIX gives exactly two slashes a meaning of their own, so Python keeps
                         them */
        end = append_normalised(out + two_slashes, out + two_slashes, cwd ? cwd : "");
        end = append_normalised(out + two_slashes, end, path);
        if (end == out + two_slashes)
                *end++ = '/';
        *end = '\0';
        *ret = out;
        return 0;
}

int path_directory(const char *path, char **ret) {
        _cleanup_(freep) char *absolute = NULL;
        char *slash;
        int r;

        r = path_absolute(path, &absolute);
        if (r < 0)
                return r;
        assert(absolute);
        slash = strrchr(absolute, '/');
        assert(slash); /* the path is absolute */
        slash[slash == absolute] = '\0';
        *ret = TAKE_PTR(absolute);
        return 0;
}

static int home_of(const char *user, char **ret) {
        _cleanup_(freep) char *buffer = NULL;
        struct passwd pw, *found = NULL;
        size_t size = 1024;
        int k;

        do {
                free(buffer);
                size *= 2;
                buffer = malloc(size);
                if (!buffer)
                        return -ENOMEM;
                k = *user ? getpwnam_r(user, &pw, buffer, size, &found)
                          : getpwuid_r(getuid(), &pw, buffer, size, &found);
        } while (k == ERANGE && size < (1 << 20));

        *ret = NULL;
        if (!found)
                return 0;
        *ret = strdup(found->pw_dir);
        return *ret ? 0 : -ENOMEM;
}

int path_expand_user(const char *path, char **ret) {
        _cleanup_(freep) char *user = NULL, *home = NULL;
        const char *rest = path + strcspn(path, "/"), *env = NULL;
        size_t n;
        int r;

        if (path[0] == '~') {
                user = strndup(path + 1, (size_t)(rest - path) - 1);
                if (!user)
                        return -ENOMEM;
                env = *user ? NULL : getenv("HOME");
                r = env ? 0 : home_of(user, &home);
                if (r < 0)
                        return r;
        }
        if (!env)
                env = home;
        if (!env) {
                *ret = strdup(path);
                return *ret ? 0 : -ENOMEM;
        }
        n = strlen(env);
        while (n > 0 && env[n - 1] == '/')
                n--;
        if (asprintf(ret, "%.*s%s", (int)n, env, n == 0 && !*rest ? "/" : rest) < 0)
                return -ENOMEM;
        return 0;
}

int path_check_directory(const char *path) {
        struct stat st;

        if (stat(path, &st) < 0)
                return -errno;
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int path_check_parent(const char *path) {
        _cleanup_(freep) char *directory = NULL;
        const char *slash = strrchr(path, '/');

        if (!slash)
                return 0;
        directory = strndup(path, slash == path ? 1 : (size_t)(slash - path));
        return directory ? path_check_directory(directory) : -ENOMEM;
}
