/*
 * Names of AUTO log files: see autofile.h. It makes and removes files, and never writes to one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>

#include "base/macro.h"
#include "output/autofile.h"

#define RANDOM_SIZE 8
#define ATTEMPTS 100

static int make_name(const AutoFile *f, char **ret) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
        unsigned char random[RANDOM_SIZE];
        char suffix[RANDOM_SIZE + 1] = {};
        char *path;

        if (getrandom(random, sizeof(random), 0) < 0) /* of so few bytes it gives all */
                return -errno;
        for (size_t i = 0; i < sizeof(random); i++)
                suffix[i] = letters[random[i] % (sizeof(letters) - 1)];

        if (asprintf(&path, "%s/%s-%s---%s-%s.log", f->directory, f->process, f->stream,
                     f->identifier, suffix) < 0)
                return -ENOMEM;

        *ret = path;
        return 0;
}

int autofile_make(const AutoFile *f, char **ret) {
        int r;

        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                _cleanup_(freep) char *path = NULL;
                _cleanup_(closep) int fd = -1;

                r = make_name(f, &path);
                if (r < 0)
                        return r;

                fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                if (fd >= 0) {
                        *ret = TAKE_PTR(path);
                        return 0;
                }
                if (errno != EEXIST)
                        return -errno;
        }

        return -EEXIST;
}

/* Does @text, what follows the identifier's '-', end as our names do: RANDOM.log, then perhaps
 * .NUMBER of at most four digits? */
static bool is_auto_end(const char *text) {
        const char *end = strstr(text, ".log");

        if (!end || end == text)
                return false;

        end += strlen(".log");
        if (*end == '.')
                end++;
        return strlen(end) <= 4 && strspn(end, "0123456789") == strlen(end);
}

static bool is_auto_file(const char *name, const char *identifier) {
        size_t length = strlen(identifier);

        for (const char *p = strstr(name, "---"); p; p = strstr(p + 1, "---")) {
                const char *after = p + strlen("---");

                if (p > name && strncmp(after, identifier, length) == 0 && after[length] == '-' &&
                    is_auto_end(after + length + 1))
                        return true;
        }

        return false;
}

void autofile_clean(const char *directory, const char *identifier) {
        DIR *dir = opendir(directory);
        struct dirent *entry;

        if (!dir)
                return;

        while ((entry = readdir(dir)))
                if (is_auto_file(entry->d_name, identifier))
                        (void)unlinkat(dirfd(dir), entry->d_name, 0);
        (void)closedir(dir);
}
