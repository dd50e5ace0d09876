/* Part of probe (host/net/probe-private.h): the life of a probe, and the two kinds that connect to
 * nothing: a descriptor that the process writes to, and a command that is run until it succeeds.
 */
#include "host/net/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

#include "host/net/probe-private.h"

#define READS_MAX 16

Probe *probe_free(Probe *p) {
        if (!p)
                return NULL;
        if (p->pid > 0)
                (void)kill(-p->pid, SIGKILL); /* fails only if none of it is left */
        safe_close(p->fd);
        safe_close(p->child_fd);
        safe_close(p->inotify_fd);
        safe_close(p->epoll_fd);
        free(p->directory);
        free(p->name);
        free(p->what);
        free(p);
        return NULL;
}

static int init_pipe(Probe *p) {
        struct epoll_event event = { .events = EPOLLIN };
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
                return -errno;
        p->fd = fds[0];
        p->child_fd = fds[1];
        if (fcntl(p->fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        return epoll_ctl(p->epoll_fd, EPOLL_CTL_ADD, p->fd, &event) < 0 ? -errno : 0;
}

static int init(Probe *p, const Readiness *readiness, const ProbeRunner *runner) {
        const char *colon = readiness->text ? strchr(readiness->text, ':') : NULL;

        if (!colon)
                return -EINVAL;
        p->what = strdup(colon + 1);
        if (!p->what)
                return -ENOMEM;
        p->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (p->epoll_fd < 0)
                return -errno;

        switch (readiness->kind) {
        case READINESS_FD:
                return init_pipe(p);
        case READINESS_TCP:
        case READINESS_UNIX:
                return probe_connect_init(p, readiness);
        case READINESS_EXEC:
                if (!runner)
                        return -EINVAL;
                p->runner = *runner;
                return 0;
        default:
                return -EINVAL;
        }
}

int probe_new(const Readiness *readiness, const ProbeRunner *runner, Probe **ret) {
        _cleanup_(probe_freep) Probe *p = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        *p = (Probe){
                .kind = readiness->kind,
                .result = PROBE_PENDING,
                .epoll_fd = -1,
                .fd = -1,
                .child_fd = -1,
                .inotify_fd = -1,
                .watch = -1,
                .deadline_usec = USEC_INFINITY,
                .interval_usec = PROBE_RETRY_MIN_USEC,
        };
        r = init(p, readiness, runner);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

int probe_get_child_fd(const Probe *p) {
        return p->child_fd;
}

int probe_get_fd(const Probe *p) {
        return p->epoll_fd;
}

uint64_t probe_get_deadline(const Probe *p) {
        return p->result == PROBE_PENDING ? p->deadline_usec : USEC_INFINITY;
}

ProbeResult probe_retry_later(Probe *p, uint64_t now_usec) {
        p->deadline_usec = now_usec + p->interval_usec;
        p->interval_usec = MIN(2 * p->interval_usec, PROBE_RETRY_MAX_USEC);
        return PROBE_PENDING;
}

/* ---------------------------------------------------------------- descriptors */

/* Whatever stands before the newline means nothing. */
static ProbeResult read_pipe(Probe *p) {
        char buffer[256];
        ssize_t n;

        for (int i = 0; i < READS_MAX; i++) {
                n = read(p->fd, buffer, sizeof(buffer));
                if (n < 0)
                        return PROBE_PENDING; /* nothing there: the only error of such a pipe */
                if (n == 0)
                        return p->result = PROBE_FAILED;
                if (memchr(buffer, '\n', (size_t)n))
                        return p->result = PROBE_READY;
        }
        return PROBE_PENDING;
}

/* ---------------------------------------------------------------- commands */

static ProbeResult run(Probe *p, uint64_t now_usec) {
        int r;

        r = p->runner.start(p->runner.userdata, &p->pid);
        p->error = r < 0 ? -r : 0;
        if (r < 0) {
                p->pid = 0;
                return probe_retry_later(p, now_usec);
        }
        p->deadline_usec = now_usec + PROBE_EXEC_USEC;
        return PROBE_PENDING;
}

static ProbeResult run_dispatch(Probe *p, uint64_t now_usec) {
        if (now_usec < p->deadline_usec)
                return PROBE_PENDING;
        if (p->pid == 0)
                return run(p, now_usec);
        (void)kill(-p->pid, SIGKILL); /* it is not reaped, so its group exists */
        p->timed_out = true;
        p->deadline_usec = USEC_INFINITY; /* its end is what comes next */
        return PROBE_PENDING;
}

ProbeResult probe_exited(Probe *p, bool succeeded, uint64_t now_usec) {
        bool killed = p->deadline_usec == USEC_INFINITY;

        if (p->pid == 0)
                return p->result;
        p->pid = 0;
        if (succeeded)
                return p->result = PROBE_READY;
        p->timed_out = killed;
        return probe_retry_later(p, now_usec);
}

/* ---------------------------------------------------------------- all kinds */

ProbeResult probe_begin(Probe *p, uint64_t now_usec) {
        switch (p->kind) {
        case READINESS_FD:
                p->child_fd = safe_close(p->child_fd);
                return read_pipe(p);
        case READINESS_EXEC:
                return run(p, now_usec);
        default:
                return probe_connect_begin(p, now_usec);
        }
}

ProbeResult probe_dispatch(Probe *p, uint64_t now_usec) {
        if (p->result != PROBE_PENDING)
                return p->result;
        switch (p->kind) {
        case READINESS_FD:
                return read_pipe(p);
        case READINESS_EXEC:
                return run_dispatch(p, now_usec);
        default:
                return probe_connect_dispatch(p, now_usec);
        }
}

static int describe_command(const Probe *p, char **ret) {
        if (p->error > 0)
                return asprintf(ret, "'%s' cannot be run: %s", p->what, strerror(p->error));
        if (p->timed_out)
                return asprintf(ret, "'%s' took longer than %d s", p->what,
                                (int)(PROBE_EXEC_USEC / USEC_PER_SEC));
        return asprintf(ret, "'%s' has not exited with status 0 yet", p->what);
}

int probe_describe(const Probe *p, char **ret) {
        int r;

        if (p->kind == READINESS_FD && p->result == PROBE_FAILED)
                r = asprintf(ret, "descriptor %s was closed without a newline", p->what);
        else if (p->kind == READINESS_FD)
                r = asprintf(ret, "there is no newline on descriptor %s yet", p->what);
        else if (p->kind == READINESS_EXEC)
                r = describe_command(p, ret);
        else if (p->error > 0)
                r = asprintf(ret, "%s: %s", p->what, strerror(p->error));
        else
                r = asprintf(ret, "%s: no answer yet", p->what);
        return r < 0 ? -ENOMEM : 0;
}
