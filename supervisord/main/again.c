#include "main/again.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/parse.h"

/* Holds the pid of the daemon that starts itself anew, so that nobody else is taken for it. */
#define VARIABLE "SUPERVISORD_RESTARTED"

struct Again {
        char **argv;
        char *program; /* absolute, as it was when we were started; or NULL */
        int directory; /* where we were started */
        bool is_restart;
        int *passed; /* copies of what the service manager has passed */
        size_t n_passed;
        char *names; /* its LISTEN_FDNAMES, or NULL */
};

Again *again_free(Again *a) {
        if (!a)
                return NULL;
        for (size_t i = 0; i < a->n_passed; i++)
                safe_close(a->passed[i]);
        free(a->passed);
        free(a->names);
        free(a->program);
        safe_close(a->directory);
        free(a);
        return NULL;
}

bool again_is_restart(const Again *a) {
        return a->is_restart;
}

static bool was_restarted(void) {
        const char *text = getenv(VARIABLE);
        int64_t pid = 0;
        bool is_restart = text && parse_integer(text, &pid) >= 0 && pid == getpid();

        (void)unsetenv(VARIABLE); /* cannot fail for this name */
        return is_restart;
}

static int keep_passed(Again *a) {
        const char *names = getenv("LISTEN_FDNAMES");
        int n = sd_listen_fds(0);

        if (n <= 0)
                return 0;
        a->passed = calloc((size_t)n, sizeof(*a->passed));
        if (!a->passed)
                return -ENOMEM;
        for (int i = 0; i < n; i++) {
                int fd = fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START + n);

                if (fd < 0)
                        return 0; /* those that are kept come in order, the others are lost */
                a->passed[a->n_passed++] = fd;
        }
        a->names = names ? strdup(names) : NULL;
        return names && !a->names ? -ENOMEM : 0;
}

int again_new(char **argv, Again **ret) {
        _cleanup_(again_freep) Again *a = calloc(1, sizeof(*a));
        int r;

        if (!a)
                return -ENOMEM;
        a->argv = argv;
        a->is_restart = was_restarted();
        a->directory =
                open(".", O_PATH | O_DIRECTORY | O_CLOEXEC); /* or else we stay where we are */
        a->program = realpath("/proc/self/exe", NULL);
        r = keep_passed(a);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(a);
        return 0;
}

static int set_number(const char *variable, int64_t value) {
        char text[24];

        (void)snprintf(text, sizeof(text), "%" PRId64, value);
        return setenv(variable, text, 1) < 0 ? -errno : 0;
}

/* Put the copies where the protocol has them; whatever is there goes with the exec in any case. */
static int pass_on(const Again *a) {
        int r;

        if (a->n_passed == 0)
                return 0;
        for (size_t i = 0; i < a->n_passed; i++)
                if (dup2(a->passed[i], SD_LISTEN_FDS_START + (int)i) < 0)
                        return -errno;
        r = set_number("LISTEN_PID", getpid());
        if (r >= 0)
                r = set_number("LISTEN_FDS", (int64_t)a->n_passed);
        if (r >= 0 && a->names && setenv("LISTEN_FDNAMES", a->names, 1) < 0)
                r = -errno;
        return r;
}

int again_start(const Again *a, const sigset_t *mask, const struct rlimit *n_files) {
        int r;

        if (a->directory >= 0 && fchdir(a->directory) < 0)
                return -errno;
        r = set_number(VARIABLE, getpid());
        if (r >= 0)
                r = pass_on(a);
        if (r < 0)
                return r;
        (void)setrlimit(RLIMIT_NOFILE, n_files); /* a lower soft limit is always allowed */
        (void)sigprocmask(SIG_SETMASK, mask, NULL);
        if (a->program)
                (void)execv(a->program, a->argv);
        (void)execv("/proc/self/exe", a->argv); /* it was moved or replaced */
        return -errno;
}
