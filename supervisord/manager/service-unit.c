/*
 * One run of `systemctl show` and its answer: a block of lines KEY=VALUE for each unit, an empty
 * line between blocks. systemd has put the files of a unit together by then, with what is dropped
 * in, its defaults and its specifiers. systemctl gets neither a shell nor a pager nor our
 * environment.
 */
#include "manager/service-unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/parse.h"

#define PATIENCE_USEC (5 * USEC_PER_SEC)
#define ANSWER_MAX ((size_t)4 << 20) /* bytes; a unit has about 500 */

/* Where a supervisord that is given no file looks in the end. */
static const char *const usual_configs[] = { "/etc/supervisord.conf",
                                             "/etc/supervisor/supervisord.conf" };

void service_unit_done(ServiceUnit *unit) {
        free(unit->name);
        unit->name = NULL;
}

/* ---------------------------------------------------------------- asking */

/* Start systemctl as @argv with its output going to @fd, all signals as they are by default. */
static int start_asking(char *const *argv, int fd, pid_t *ret_pid) {
        _cleanup_(freep) char *path = NULL;
        char locale[] = "LC_ALL=C", no_pager[] = "SYSTEMD_PAGER=", no_colors[] = "SYSTEMD_COLORS=0";
        char *environment[] = { locale, no_pager, no_colors, NULL, NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t none, all;
        int r;

        if (getenv("PATH") && asprintf(&path, "PATH=%s", getenv("PATH")) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        environment[3] = path;
        (void)sigemptyset(&none);
        (void)sigfillset(&all);
        (void)posix_spawnattr_init(&attributes); /* this one cannot fail in glibc */
        (void)posix_spawnattr_setsigmask(&attributes, &none);
        (void)posix_spawnattr_setsigdefault(&attributes, &all);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        (void)posix_spawn_file_actions_init(&actions); /* nor can this one */
        r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
        if (r == 0)
                r = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY,
                                                     0);
        if (r == 0)
                r = posix_spawnp(ret_pid, argv[0], &actions, &attributes, argv, environment);
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)posix_spawnattr_destroy(&attributes);
        return -r;
}

/* Read @fd to its end. Returns 0, -ETIMEDOUT, -EFBIG, or another -errno. */
static int read_answer(int fd, Buffer *answer) {
        uint64_t deadline = now_usec() + PATIENCE_USEC;

        while (answer->n < ANSWER_MAX) {
                struct pollfd pollfd = { .fd = fd, .events = POLLIN };
                uint64_t now = now_usec();
                char piece[4096];
                ssize_t n;
                int r;

                if (now >= deadline)
                        return -ETIMEDOUT;
                r = poll(&pollfd, 1, (int)((deadline - now) / USEC_PER_MSEC) + 1);
                if (r == 0 || (r < 0 && errno == EINTR))
                        continue;
                n = r < 0 ? -1 : read(fd, piece, sizeof(piece));
                if (n <= 0)
                        return n < 0 ? -errno : 0;
                r = buffer_append(answer, piece, (size_t)n);
                if (r < 0)
                        return r;
        }
        return -EFBIG;
}

/* The output of systemctl run as @argv, as a text. Its exit status does not matter: if it fails it
 * prints nothing. */
static int ask(char *const *argv, Buffer *answer) {
        pid_t pid = 0;
        int fds[2], r;

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        r = start_asking(argv, fds[1], &pid);
        safe_close(fds[1]);
        if (r == 0) {
                r = read_answer(fds[0], answer);
                if (r < 0)
                        (void)kill(pid, SIGKILL); /* not reaped yet, so the pid is its own */
                while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        safe_close(fds[0]);
        return r < 0 ? r : buffer_append(answer, "", 1);
}

/* ---------------------------------------------------------------- what it runs */

static bool is_same_file(const char *a, const char *b) {
        char real_a[PATH_MAX], real_b[PATH_MAX];

        if (strcmp(a, b) == 0)
                return true;
        return realpath(a, real_a) && realpath(b, real_b) && strcmp(real_a, real_b) == 0;
}

/* The file that a supervisord with the arguments @argv reads, or NULL if it looks for one. @argv is
 * cut into words. */
static const char *find_config_option(char *argv) {
        static const char long_option[] = "--configuration";
        size_t n = strlen(long_option);
        char *rest = argv, *word;

        while ((word = strsep(&rest, " "))) {
                if (strcmp(word, "-c") == 0 || strcmp(word, long_option) == 0)
                        return strsep(&rest, " ");
                if (strncmp(word, "-c", 2) == 0)
                        return word + 2;
                if (strncmp(word, long_option, n) == 0 && word[n] == '=')
                        return word + n + 1;
        }
        return NULL;
}

/*
 * Does @exec_start run supervisord with that file? It is "{ path=/usr/bin/supervisord ;
 * argv[]=/usr/bin/supervisord -n ; … }", in which nothing tells a blank within a word from one
 * between words.
 */
static bool runs_config(char *exec_start, const char *config_path) {
        char *path = strstr(exec_start, "path="), *argv = strstr(exec_start, "argv[]=");
        const char *slash, *config;

        if (!path || !argv)
                return false;
        path[strcspn(path, " ")] = '\0';
        slash = strrchr(path, '/');
        if (!slash || strcmp(slash + 1, "supervisord") != 0)
                return false;
        argv[strcspn(argv, ";")] = '\0';
        config = find_config_option(argv);
        if (config)
                return is_same_file(config, config_path);
        for (size_t i = 0; i < ELEMENTSOF(usual_configs); i++)
                if (is_same_file(usual_configs[i], config_path))
                        return true;
        return false;
}

/* ---------------------------------------------------------------- one unit */

typedef struct UnitAnswer {
        const char *id;        /* NULL: it was not told */
        uint64_t timeout_usec; /* 0: it was not told, or in words that are not known */
        bool is_loaded;
        bool notifies;
        bool runs_config; /* it runs supervisord with the file in question */
} UnitAnswer;

/* The µs of "1min 30s" or "infinity"; 0 means none, as in a unit. Returns 0 for what is no time. */
static uint64_t parse_span(char *text) {
        uint64_t sum = 0;
        const char *word;

        while ((word = strsep(&text, " "))) {
                int64_t usec;

                if (parse_duration(word, &usec) < 0 || usec < 0)
                        return 0;
                if (usec == INT64_MAX || __builtin_add_overflow(sum, (uint64_t)usec, &sum))
                        sum = USEC_INFINITY;
        }
        return sum > 0 ? sum : USEC_INFINITY;
}

static void take_assignment(UnitAnswer *u, const char *key, char *value, const char *config_path) {
        if (strcmp(key, "Id") == 0)
                u->id = value;
        else if (strcmp(key, "LoadState") == 0)
                u->is_loaded = strcmp(value, "loaded") == 0;
        else if (strcmp(key, "Type") == 0)
                u->notifies = strncmp(value, "notify", strlen("notify")) == 0;
        else if (strcmp(key, "TimeoutStopUSec") == 0)
                u->timeout_usec = parse_span(value);
        else if (strcmp(key, "ExecStart") == 0 && runs_config(value, config_path))
                u->runs_config = true;
}

/* The next unit of the answer at *@rest, which moves on. Returns false at its end. */
static bool next_unit(char **rest, const char *config_path, UnitAnswer *ret) {
        char *line, *equals;

        *ret = (UnitAnswer){ 0 };
        while ((line = strsep(rest, "\n")) && *line)
                if ((equals = strchr(line, '='))) {
                        *equals = '\0';
                        take_assignment(ret, line, equals + 1, config_path);
                }
        return line != NULL;
}

int service_unit_find(const char *name, const char *config_path, ServiceUnit *ret) {
        char program[] = "systemctl", verb[] = "show", end[] = "--",
             properties[] = "--property=Id,LoadState,Type,TimeoutStopUSec,ExecStart",
             usual[] = "supervisord.service", debian[] = "supervisor.service",
             loaded[] = "*.service";
        _cleanup_(freep) char *asked = name ? strdup(name) : NULL;
        char *argv[] = { program, verb, properties, end, asked ?: usual, asked ? NULL : debian,
                         loaded,  NULL };
        _cleanup_(buffer_done) Buffer answer = { 0 };
        UnitAnswer unit;
        char *rest;
        int r;

        if (name && !asked)
                return -ENOMEM;
        r = ask(argv, &answer);
        if (r < 0)
                return r == -ENOENT ? 0 : r; /* there is no systemctl */
        for (rest = answer.data; next_unit(&rest, config_path, &unit);) {
                if (!unit.id || !unit.is_loaded || unit.timeout_usec == 0 ||
                    !(name || unit.runs_config))
                        continue;
                ret->name = strdup(unit.id);
                ret->timeout_stop_usec = unit.timeout_usec;
                ret->notifies = unit.notifies;
                return ret->name ? 1 : -ENOMEM;
        }
        return 0;
}
