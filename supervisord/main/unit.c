#include "main/unit.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/strv.h"
#include "config/text/split-words.h"
#include "main/unit-file.h"

#define DEFAULT_TIMEOUT_STOP_USEC (90 * USEC_PER_SEC)

static const char *const usual_dirs[] = {
        "/etc/systemd/system",     "/run/systemd/system", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system",
};

/* Where a supervisord that is given no file looks in the end. */
static const char *const usual_configs[] = { "/etc/supervisord.conf",
                                             "/etc/supervisor/supervisord.conf" };

void unit_done(Unit *unit) {
        free(unit->name);
        unit->name = NULL;
}

/* ---------------------------------------------------------------- time spans */

static const struct {
        const char *word;
        uint64_t usec;
} units[] = {
        { "usec", 1 },
        { "us", 1 },
        { "msec", USEC_PER_MSEC },
        { "ms", USEC_PER_MSEC },
        { "seconds", USEC_PER_SEC },
        { "second", USEC_PER_SEC },
        { "sec", USEC_PER_SEC },
        { "s", USEC_PER_SEC },
        { "minutes", 60 * USEC_PER_SEC },
        { "minute", 60 * USEC_PER_SEC },
        { "min", 60 * USEC_PER_SEC },
        { "m", 60 * USEC_PER_SEC },
        { "hours", 3600 * USEC_PER_SEC },
        { "hour", 3600 * USEC_PER_SEC },
        { "hr", 3600 * USEC_PER_SEC },
        { "h", 3600 * USEC_PER_SEC },
        { "days", 86400 * USEC_PER_SEC },
        { "day", 86400 * USEC_PER_SEC },
        { "d", 86400 * USEC_PER_SEC },
        { "weeks", 604800 * USEC_PER_SEC },
        { "week", 604800 * USEC_PER_SEC },
        { "w", 604800 * USEC_PER_SEC },
};

/* The unit at *@text, which moves on behind it; seconds where there is none, 0 for a wrong one. */
static uint64_t read_unit(const char **text) {
        size_t n = strspn(*text, "abcdefghijklmnopqrstuvwxyz");

        if (n == 0)
                return USEC_PER_SEC;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strlen(units[i].word) == n && strncmp(*text, units[i].word, n) == 0) {
                        *text += n;
                        return units[i].usec;
                }
        return 0;
}

int unit_parse_span(const char *text, uint64_t *ret_usec) {
        double sum = 0;
        char *end;

        if (strcmp(text, "infinity") == 0) {
                *ret_usec = USEC_INFINITY;
                return 0;
        }
        do {
                double number;
                uint64_t unit;

                if (strspn(text, "0123456789.") == 0)
                        return -EINVAL;
                number = strtod(text, &end);
                if (end == text)
                        return -EINVAL;
                text = end + strspn(end, " \t");
                unit = read_unit(&text);
                if (unit == 0)
                        return -EINVAL;
                sum += number * (double)unit;
                text += strspn(text, " \t");
        } while (*text);
        *ret_usec = sum < (double)INT64_MAX ? (uint64_t)sum : USEC_INFINITY;
        return 0;
}

/* ---------------------------------------------------------------- one unit */

typedef struct Reading {
        const char *config_path;
        Unit unit;
        bool matches; /* its ExecStart runs supervisord with that file */
} Reading;

static bool is_same_file(const char *a, const char *b) {
        char real_a[PATH_MAX], real_b[PATH_MAX];

        if (strcmp(a, b) == 0)
                return true;
        return realpath(a, real_a) && realpath(b, real_b) && strcmp(real_a, real_b) == 0;
}

/* The file that a supervisord with the arguments @argv reads, or NULL if it looks for one. */
static const char *config_of(char *const *argv) {
        static const char long_option[] = "--configuration";
        size_t n = strlen(long_option);

        for (char *const *arg = argv + 1; *arg; arg++) {
                if (strcmp(*arg, "-c") == 0 || strcmp(*arg, long_option) == 0)
                        return arg[1];
                if (strncmp(*arg, "-c", 2) == 0)
                        return *arg + 2;
                if (strncmp(*arg, long_option, n) == 0 && (*arg)[n] == '=')
                        return *arg + n + 1;
        }
        return NULL;
}

static bool runs_config(char *const *argv, const char *config_path) {
        const char *program = argv[0] ? argv[0] + strspn(argv[0], "@-:+!|") : "";
        const char *slash = strrchr(program, '/');
        const char *config;

        if (strcmp(slash ? slash + 1 : program, "supervisord") != 0)
                return false;
        config = config_of(argv);
        if (config)
                return is_same_file(config, config_path);
        for (size_t i = 0; i < ELEMENTSOF(usual_configs); i++)
                if (is_same_file(usual_configs[i], config_path))
                        return true;
        return false;
}

static int take_command(Reading *r, const char *value) {
        _cleanup_(strv_freep) char **argv = NULL;
        const char *why;
        int k;

        k = split_words(value, &argv, &why);
        if (k == -EINVAL)
                return 0; /* systemd would not run it either */
        if (k < 0)
                return k;
        r->matches = runs_config(argv, r->config_path);
        return 0;
}

/* 0 means none here, see TimeoutStopSec= in systemd.service(5). */
static void take_timeout(Unit *unit, const char *value) {
        uint64_t usec;

        if (unit_parse_span(value, &usec) >= 0)
                unit->timeout_stop_usec = usec > 0 ? usec : USEC_INFINITY;
}

static int on_assignment(const char *key, const char *value, void *userdata) {
        Reading *r = userdata;

        if (strcmp(key, "ExecStart") == 0)
                return take_command(r, value);
        if (strcmp(key, "Type") == 0)
                r->unit.notifies = strncmp(value, "notify", strlen("notify")) == 0;
        else if (strcmp(key, "TimeoutStopSec") == 0 || strcmp(key, "TimeoutSec") == 0)
                take_timeout(&r->unit, value);
        return 0;
}

static int on_default(const char *key, const char *value, void *userdata) {
        Unit *unit = userdata;

        if (strcmp(key, "DefaultTimeoutStopSec") == 0)
                take_timeout(unit, value);
        return 0;
}

/* Returns 0; -ENOENT if there is no such unit. */
static int read_unit_file(char *const *dirs, const char *name, Reading *r) {
        char folder[] = "/etc/systemd";
        char *const manager[] = { folder, NULL };

        r->matches = false;
        r->unit = (Unit){ .timeout_stop_usec = DEFAULT_TIMEOUT_STOP_USEC };
        (void)unit_read(manager, "system.conf", "Manager", on_default,
                        &r->unit); /* else systemd's own default holds */
        return unit_read(dirs, name, "Service", on_assignment, r);
}

/* ---------------------------------------------------------------- finding it */

static int list_dirs(char ***ret) {
        const char *path = getenv("SYSTEMD_UNIT_PATH");
        _cleanup_(strv_freep) char **dirs = NULL;
        _cleanup_(freep) char *copy = NULL;
        char *rest, *dir;
        int r;

        r = strv_copy(NULL, &dirs);
        if (path) {
                copy = rest = strdup(path);
                if (!copy)
                        return -ENOMEM;
                while (r >= 0 && (dir = strsep(&rest, ":")))
                        if (*dir)
                                r = strv_extend(&dirs, dir);
        }
        /* One that ends in a colon stands before the usual ones, see systemd.unit(5). */
        if (!path || !*path || path[strlen(path) - 1] == ':')
                for (size_t i = 0; r >= 0 && i < ELEMENTSOF(usual_dirs); i++)
                        r = strv_extend(&dirs, usual_dirs[i]);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(dirs);
        return 0;
}

static int set_name(Unit *unit, const char *name) {
        unit->name = strdup(name);
        return unit->name ? 1 : -ENOMEM;
}

static int find_in(char *const *dirs, const char *dir, Reading *r) {
        const struct dirent *entry;
        DIR *d = opendir(dir);
        int k = 0;

        if (!d)
                return 0;
        while (k == 0 && (entry = readdir(d))) {
                size_t n = strlen(entry->d_name);

                if (n < 9 || strcmp(entry->d_name + n - 8, ".service") != 0)
                        continue;
                k = read_unit_file(dirs, entry->d_name, r);
                if (k == -ENOMEM)
                        break;
                k = k >= 0 && r->matches ? set_name(&r->unit, entry->d_name) : 0;
        }
        (void)closedir(d);
        return k;
}

static int find_named(char *const *dirs, const char *name, Reading *r) {
        _cleanup_(freep) char *whole = NULL;
        int k;

        if (strchr(name, '/'))
                return 0;
        if (asprintf(&whole, "%s%s", name, strchr(name, '.') ? "" : ".service") < 0) {
                whole = NULL;
                return -ENOMEM;
        }
        k = read_unit_file(dirs, whole, r);
        if (k == -ENOENT)
                return 0;
        return k < 0 ? k : set_name(&r->unit, whole);
}

int unit_find(const char *name, const char *config_path, Unit *ret) {
        _cleanup_(strv_freep) char **dirs = NULL;
        Reading r = { .config_path = config_path };
        int k;

        k = list_dirs(&dirs);
        if (k < 0)
                return k;
        if (name)
                k = find_named(dirs, name, &r);
        for (char *const *dir = dirs; !name && k == 0 && *dir; dir++)
                k = find_in(dirs, *dir, &r);
        if (k > 0)
                *ret = r.unit;
        return k;
}
