#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/clock.h"
#include "output/autofile.h"
#include "output/output-private.h"

/*
 * After a turn that emptied all pipes we do not look for a while, so that what comes meanwhile is
 * read together: most of what a line costs is waking up for it. The less there was, the longer the
 * rest; no reader of a log notices. Where so much comes that pipes would fill there is none, and
 * who paused for a moment only would fill his in a long one.
 */
#define REST_LONG_USEC 4000U
#define REST_SHORT_USEC 500U
#define LITTLE_BYTES 16384U
#define BRISK_TURNS 16U /* after one that was not little */

/* What is done in one turn before the event loop may look at something else. */
#define PIPES_PER_WAIT 16
#define WAITS_PER_TURN 4
#define BYTES_PER_TURN ((size_t)1024 * 1024)
#define BYTES_PER_PIPE ((size_t)4 * BUFFER_SIZE)

/* What the outer epoll's events are about; EPOLLOUT of a target is the zero. */
enum {
        EVENT_TARGET,
        EVENT_PIPES,
        EVENT_REST,
        EVENT_RETRY,
};

static int watch(Outputs *o, int fd, uint32_t events, uint64_t what) {
        struct epoll_event event = { .events = events, .data.u64 = what };

        return epoll_ctl(o->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* A timer that tells once, without having to be read. */
static int open_timer(Outputs *o, uint64_t what, int *ret) {
        *ret = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (*ret < 0)
                return -errno;
        return watch(o, *ret, EPOLLIN | EPOLLET, what);
}

static int open_descriptors(Outputs *o) {
        int r;

        o->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (o->epoll_fd < 0)
                return -errno;
        o->pipes_epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (o->pipes_epoll_fd < 0)
                return -errno;
        o->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        if (o->null_fd < 0)
                return -errno;

        r = watch(o, o->pipes_epoll_fd, EPOLLIN | EPOLLONESHOT, EVENT_PIPES);
        if (r < 0)
                return r;
        r = open_timer(o, EVENT_REST, &o->rest_fd);
        if (r < 0)
                return r;
        return open_timer(o, EVENT_RETRY, &o->retry_fd);
}

int outputs_new(const OutputsOptions *options, Outputs **ret) {
        _cleanup_(outputs_freep) Outputs *o = NULL;
        int r;

        o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;

        o->strip_ansi = options->strip_ansi;
        o->echo = options->echo;
        o->writers = options->writers;
        o->on_event = options->on_event;
        o->userdata = options->userdata;
        o->epoll_fd = o->pipes_epoll_fd = o->rest_fd = o->retry_fd = o->null_fd = -1;
        o->retry_usec = USEC_INFINITY;
        o->syslog = (LogSocket)LOG_SOCKET_SYSLOG;
        LIST_INIT(&o->targets);
        TAILQ_INIT(&o->busy);

        o->childlogdir = strdup(options->childlogdir);
        o->identifier = strdup(options->identifier);
        o->block = logblock_new(o->writers);
        if (!o->childlogdir || !o->identifier || !o->block)
                return -ENOMEM;

        r = open_descriptors(o);
        if (r < 0)
                return r;

        if (!options->keep_auto_files)
                autofile_clean(o->childlogdir, o->identifier);

        *ret = TAKE_PTR(o);
        return 0;
}

Outputs *outputs_free(Outputs *o) {
        if (!o)
                return NULL;

        safe_close(o->epoll_fd);
        safe_close(o->pipes_epoll_fd);
        safe_close(o->rest_fd);
        safe_close(o->retry_fd);
        safe_close(o->null_fd);
        log_socket_close(&o->syslog);
        free(o->childlogdir);
        free(o->identifier);
        logblock_free(o->block);
        free(o->formatted);
        free(o);
        return NULL;
}

int outputs_get_fd(const Outputs *o) {
        return o->epoll_fd;
}

void outputs_set_echo(Outputs *o, bool echo) {
        o->echo = echo;
}

static void set_retry(Outputs *o, uint64_t when_usec) {
        struct itimerspec when = {};

        if (when_usec != USEC_INFINITY) {
                when.it_value.tv_sec = (time_t)(when_usec / USEC_PER_SEC);
                when.it_value.tv_nsec = (long)(when_usec % USEC_PER_SEC * NSEC_PER_USEC);
        }
        (void)timerfd_settime(o->retry_fd, TFD_TIMER_ABSTIME, &when, NULL); /* the time is valid */
        o->retry_usec = when_usec;
}

void outputs_retry_at(Outputs *o, uint64_t when_usec) {
        if (when_usec < o->retry_usec)
                set_retry(o, when_usec);
}

static void retry_targets(Outputs *o) {
        uint64_t now = now_usec(), next = USEC_INFINITY;
        Target *t;

        LIST_FOREACH(t, &o->targets, targets) {
                next = MIN(next, target_retry(t, now));
        }
        set_retry(o, next);
}

/* Have the loop told of the pipes again. */
static int wake(Outputs *o) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT, .data.u64 = EVENT_PIPES };

        return epoll_ctl(o->epoll_fd, EPOLL_CTL_MOD, o->pipes_epoll_fd, &event) < 0 ? -errno : 0;
}

static int rest(Outputs *o, uint64_t usec) {
        /* A zero would stop the timer. */
        const struct itimerspec when = { .it_value.tv_nsec = (long)(usec * NSEC_PER_USEC) + 1 };

        (void)timerfd_settime(o->rest_fd, 0, &when, NULL); /* the time is valid */
        return 0;
}

typedef struct Turn {
        size_t bytes;
        bool more; /* some pipe has more than its share */
} Turn;

static size_t share_of(size_t n_pipes) {
        return n_pipes > BYTES_PER_TURN / BYTES_PER_PIPE ? BUFFER_SIZE : BYTES_PER_PIPE;
}

/* Look at the busy pipes, each once. */
static void copy_busy(Outputs *o, Turn *turn) {
        size_t share = share_of(o->n_busy);
        Pipe *p;
        bool more;

        for (unsigned n = o->n_busy; n > 0 && (p = TAILQ_FIRST(&o->busy)); n--) {
                if (turn->bytes >= BYTES_PER_TURN) {
                        turn->more = true;
                        return;
                }
                TAILQ_REMOVE(&o->busy, p, busy);
                TAILQ_INSERT_TAIL(&o->busy, p, busy);
                turn->bytes += pipe_copy(p, share, &more);
                turn->more |= more;
        }
}

/* Read each of some pipes that have something. Returns how many these were, or -errno. */
static int copy_some(Outputs *o, Turn *turn) {
        struct epoll_event events[PIPES_PER_WAIT];
        size_t share;
        bool more;
        int n;

        n = epoll_wait(o->pipes_epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        share = share_of((size_t)n);
        for (int i = 0; i < n; i++) {
                turn->bytes += pipe_copy(events[i].data.ptr, share, &more);
                turn->more |= more;
        }

        return n;
}

/* epoll gives ready pipes in turn, so what is left now comes first next time. */
static int copy_pipes(Outputs *o) {
        Turn turn = {};
        int n = PIPES_PER_WAIT;

        copy_busy(o, &turn);
        for (int i = 0; i < WAITS_PER_TURN && n == PIPES_PER_WAIT; i++) {
                if (turn.bytes >= BYTES_PER_TURN)
                        break;
                n = copy_some(o, &turn);
                if (n < 0)
                        return n;
        }

        if (turn.bytes > LITTLE_BYTES)
                o->brisk_turns = BRISK_TURNS;
        else if (o->brisk_turns > 0)
                o->brisk_turns--;

        /* Go on at once, wait for the next byte, or let some gather. */
        if (turn.bytes >= MUCH_BYTES || turn.more || n == PIPES_PER_WAIT)
                return o->n_busy > 0 ? rest(o, 0) : wake(o);
        if (turn.bytes == 0 && o->n_busy == 0)
                return wake(o);
        return rest(o, o->brisk_turns > 0 ? REST_SHORT_USEC : REST_LONG_USEC);
}

int outputs_dispatch(Outputs *o) {
        bool copy = false, retry = false;
        struct epoll_event events[8];
        int n, r = 0;

        n = epoll_wait(o->epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        for (int i = 0; i < n; i++) {
                if (events[i].data.u64 == EVENT_PIPES || events[i].data.u64 == EVENT_REST)
                        copy = true;
                else
                        retry = true;
        }

        if (retry)
                retry_targets(o);
        if (copy)
                r = copy_pipes(o);
        if (o->writers)
                writers_kick(o->writers);
        return r;
}

void outputs_reopen(Outputs *o) {
        Target *t;

        LIST_FOREACH(t, &o->targets, targets) {
                logfile_reopen(t->file);
                target_settle(t);
        }
}

void outputs_compressed(Outputs *o, unsigned id, bool succeeded) {
        Target *t;

        LIST_FOREACH(t, &o->targets, targets) {
                target_compressed(t, id, succeeded);
        }
}
