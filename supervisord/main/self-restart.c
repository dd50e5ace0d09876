/*
 * The daemon executes itself anew: what it needs for that is copied at the start, before anything
 * has changed the working directory, the environment or the descriptors that a service manager has
 * passed.
 */
#include "main/self-restart.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/parse.h"

/* Tells the new program that it follows a restart. It holds the pid, which stays the same, so that
 * a child that inherits it is not taken for the daemon. */
#define VARIABLE "SUPERVISORD_RESTARTED"

struct SelfRestart {
        char **argv;
        char *program; /* absolute, as it was at the start; or NULL */
        int directory; /* that the daemon was started in */
        bool is_restart;
        int *passed; /* copies of what the service manager has passed */
        size_t n_passed;
        char *names; /* its LISTEN_FDNAMES, or NULL */
};

SelfRestart *self_restart_free(SelfRestart *s) {
        if (!s)
                return NULL;
        for (size_t i = 0; i < s->n_passed; i++)
                safe_close(s->passed[i]);
        free(s->passed);
        free(s->names);
        free(s->program);
        safe_close(s->directory);
        free(s);
        return NULL;
}

bool self_restart_has_happened(const SelfRestart *s) {
        return s->is_restart;
}

static bool was_restarted(void) {
        const char *text = getenv(VARIABLE);
        int64_t pid = 0;
        bool is_restart = text && parse_integer(text, &pid) >= 0 && pid == getpid();

        (void)unsetenv(VARIABLE); /* cannot fail for this name */
        return is_restart;
}

static int keep_passed(SelfRestart *s) {
        const char *names = getenv("LISTEN_FDNAMES");
        int n = sd_listen_fds(0);

        if (n <= 0)
                return 0;
        s->passed = calloc((size_t)n, sizeof(*s->passed));
        if (!s->passed)
                return -ENOMEM;
        for (int i = 0; i < n; i++) {
                int fd = fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + n);

                if (fd < 0)
                        return 0; /* those that are kept come in order, the others are lost */
                s->passed[s->n_passed++] = fd;
        }
        s->names = names ? strdup(names) : NULL;
        return names && !s->names ? -ENOMEM : 0;
}

int self_restart_new(char **argv, SelfRestart **ret) {
        _cleanup_(self_restart_freep) SelfRestart *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->argv = argv;
        s->is_restart = was_restarted();
        s->directory = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC); /* -1: it stays where it is */
        s->program = realpath("/proc/self/exe", NULL);
        r = keep_passed(s);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

static int set_number(const char *variable, int64_t value) {
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRId64, value);
        return setenv(variable, text, 1) < 0 ? -errno : 0;
}

/* Put the copies where sd_listen_fds(3) looks for them; what is there would be closed anyway. */
static int pass_on(const SelfRestart *s) {
        int r;

        if (s->n_passed == 0)
                return 0;
        for (size_t i = 0; i < s->n_passed; i++)
                if (dup2(s->passed[i], SD_LISTEN_FDS_START + (int)i) < 0)
                        return -errno;
        r = set_number("LISTEN_PID", getpid());
        if (r >= 0)
                r = set_number("LISTEN_FDS", (int64_t)s->n_passed);
        if (r >= 0 && s->names && setenv("LISTEN_FDNAMES", s->names, 1) < 0)
                r = -errno;
        return r;
}

int self_restart_start(const SelfRestart *s, const sigset_t *mask, const struct rlimit *n_files) {
        int r;

        if (s->directory >= 0 && fchdir(s->directory) < 0)
                return -errno;
        r = set_number(VARIABLE, getpid());
        if (r >= 0)
                r = pass_on(s);
        if (r < 0)
                return r;
        (void)setrlimit(RLIMIT_NOFILE, n_files); /* a lower soft limit is always allowed */
        (void)sigprocmask(SIG_SETMASK, mask, NULL);
        if (s->program)
                (void)execv(s->program, s->argv);
        (void)execv("/proc/self/exe", s->argv); /* it was moved or replaced */
        return -errno;
}
