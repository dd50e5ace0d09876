/* [include]: more files into the same text. */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strv.h"
#include "base/utf8.h"
#include "config/load/loader.h"
#include "config/text/path.h"
#include "config/text/reader.h"

static int compare_paths(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_same_file(const char *a, const char *b) {
        struct stat x, y;

        return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A loop goes round once, as with Python: includes of included files are not followed. */
static int warn_of_loop(Loader *l, const TextSection *section, const char *path) {
        if (!is_same_file(path, l->config->path))
                return 0;
        return loader_warn(l, section, loader_option(l, section, "files"),
                           "%s includes itself; leave it out here", path);
}

/* Python skips a match that it cannot open; a program that is missing for it deserves a word. */
static int include_file(Loader *l, const TextSection *section, const char *path) {
        const TextOption *option = loader_option(l, section, "files");
        int r;

        r = warn_of_loop(l, section, path);
        if (r < 0)
                return r;
        r = config_read_file(l->config->text, path, l->report);
        if (r == 0)
                return strv_extend(&l->config->included, path);
        if (r == -ENOMEM)
                return r;
        if (r == -EISDIR)
                return loader_warn(l, section, option,
                                   "%s is a directory; it is skipped; write %s/*.conf", path, path);
        if (r == -ENXIO)
                return loader_warn(l, section, option, "%s is no regular file; it is skipped",
                                   path);
        return loader_warn(l, section, option, "%s cannot be read and is skipped: %s", path,
                           strerror(-r));
}

static int
include_pattern(Loader *l, const TextSection *section, const char *base, const char *pattern) {
        const TextOption *option = loader_option(l, section, "files");
        _cleanup_(globfree) glob_t matches = { 0 };
        _cleanup_(freep) char *whole = NULL;
        int r;

        if (asprintf(&whole, "%s%s%s", pattern[0] == '/' ? "" : base,
                     pattern[0] == '/' || strcmp(base, "/") == 0 ? "" : "/", pattern) < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        r = glob(whole, GLOB_NOSORT | GLOB_NOESCAPE, NULL, &matches);
        if (r == GLOB_NOSPACE)
                return -ENOMEM;
        if (r != 0)
                return loader_warn(l, section, option, "no file matches \"%s\"", whole);
        qsort(matches.gl_pathv, matches.gl_pathc, sizeof(char *), compare_paths);
        for (size_t i = 0; i < matches.gl_pathc; i++) {
                r = include_file(l, section, matches.gl_pathv[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The patterns, which may use names of the host besides those that are known everywhere. */
static int
expand_patterns(Loader *l, const TextSection *section, const TextOption *option, char **ret) {
        _cleanup_(scope_done) Scope scope = { .parent = &l->common };
        int r;

        r = scope_set(&scope, "host_node_name", l->host);
        return r < 0 ? r : loader_expand(l, section, option, &scope, ret);
}

/* [include] of an included file is merged, but nothing looks at it any more. */
static int warn_nested(Loader *l, const TextSection *section, const char *files) {
        const TextOption *option = loader_option(l, section, "files");

        if (!option || strcmp(option->value, files) == 0)
                return 0;
        return loader_warn(l, section, option,
                           "[include] counts in the main file only; name these files there");
}

int load_includes(Loader *l, const char *path) {
        const TextSection *section = config_text_find(l->config->text, "include");
        _cleanup_(freep) char *patterns = NULL, *files = NULL;
        const TextOption *option;
        char *rest, *end;
        int r;

        if (!section)
                return 0;
        l->include = true;
        option = loader_option(l, section, "files");
        if (!option)
                return loader_error(l, section, NULL,
                                    "files is missing; write files = conf.d/*.conf");
        files = strdup(option->value);
        if (!files)
                return -ENOMEM;
        r = expand_patterns(l, section, option, &patterns);
        if (r <= 0)
                return r;
        for (rest = utf8_strip(patterns); r >= 0 && *rest; rest = end) {
                _cleanup_(freep) char *pattern = NULL;

                for (end = rest; *end && utf8_blank(end) == 0; end++)
                        ;
                pattern = strndup(rest, (size_t)(end - rest));
                if (!pattern)
                        return -ENOMEM;
                r = include_pattern(l, section, l->here, pattern);
                while (utf8_blank(end) > 0)
                        end += utf8_blank(end);
        }
        return r < 0 ? r : warn_nested(l, section, files);
}
