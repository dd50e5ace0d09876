/*
 * Turns and rests: see pipe-turns.h. Most of what a line costs is waking up for it, so after a turn
 * that emptied all pipes none is read for a while, and what comes meanwhile is read together.
 */
#include "output/pipe-turns.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

/*
 * The less there was in a turn, the longer the rest; no reader of a log notices. Where so much
 * comes that pipes would fill there is no rest. Where somewhat less comes it is short: a writer
 * that pauses for a moment only would fill its pipe during a long one.
 */
#define REST_LONG_USEC 4000U
#define REST_SHORT_USEC 500U
#define LITTLE_BYTES 16384U
#define BRISK_TURNS 16U /* after one that was not little */

/* What is done in one turn before the event loop may look at something else. */
#define PIPES_PER_WAIT 16
#define WAITS_PER_TURN 4
#define BYTES_PER_TURN ((size_t)1024 * 1024)
#define BYTES_PER_PIPE ((size_t)4 * PIPE_READ_SIZE)

static int watch(PipeTurns *t, int fd, uint32_t events) {
        struct epoll_event event = { .events = events, .data.u64 = PIPE_TURNS_EVENT };

        return epoll_ctl(t->outer_epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int pipe_turns_open(PipeTurns *t, int outer_epoll_fd, Writers *writers) {
        int r;

        TAILQ_INIT(&t->set.busy);
        t->outer_epoll_fd = outer_epoll_fd;
        t->set.block = logblock_new(writers);
        if (!t->set.block)
                return -ENOMEM;
        t->set.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (t->set.epoll_fd < 0)
                return -errno;
        t->rest_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        if (t->rest_fd < 0)
                return -errno;

        r = watch(t, t->set.epoll_fd, EPOLLIN | EPOLLONESHOT);
        return r < 0 ? r : watch(t, t->rest_fd, EPOLLIN | EPOLLET); /* need not be read then */
}

void pipe_turns_done(PipeTurns *t) {
        t->set.epoll_fd = safe_close(t->set.epoll_fd);
        t->rest_fd = safe_close(t->rest_fd);
        t->set.block = logblock_free(t->set.block);
}

/* Have the loop told of the pipes again. */
static int wait_for_pipes(PipeTurns *t) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT,
                                     .data.u64 = PIPE_TURNS_EVENT };

        return epoll_ctl(t->outer_epoll_fd, EPOLL_CTL_MOD, t->set.epoll_fd, &event) < 0 ? -errno
                                                                                        : 0;
}

static int rest(PipeTurns *t, uint64_t usec) {
        /* A zero would stop the timer. */
        const struct itimerspec when = { .it_value.tv_nsec = (long)(usec * NSEC_PER_USEC) + 1 };

        (void)timerfd_settime(t->rest_fd, 0, &when, NULL); /* the time is valid */
        return 0;
}

typedef struct ReadTurn {
        size_t bytes;
        bool more; /* some pipe has more than its share */
} ReadTurn;

static size_t share_of(size_t n_pipes) {
        return n_pipes > BYTES_PER_TURN / BYTES_PER_PIPE ? PIPE_READ_SIZE : BYTES_PER_PIPE;
}

/* Read the busy pipes, each once. */
static void copy_busy(PipeTurns *t, ReadTurn *turn) {
        PipeSet *set = &t->set;
        size_t share = share_of(set->n_busy);
        Pipe *p;
        bool more;

        for (unsigned n = set->n_busy; n > 0 && (p = TAILQ_FIRST(&set->busy)); n--) {
                if (turn->bytes >= BYTES_PER_TURN) {
                        turn->more = true;
                        return;
                }
                TAILQ_REMOVE(&set->busy, p, busy);
                TAILQ_INSERT_TAIL(&set->busy, p, busy);
                turn->bytes += pipe_copy(p, share, &more);
                turn->more |= more;
        }
}

/* Read each of some pipes that have something. Returns how many these were, or -errno. */
static int copy_some(PipeTurns *t, ReadTurn *turn) {
        struct epoll_event events[PIPES_PER_WAIT];
        size_t share;
        bool more;
        int n;

        n = epoll_wait(t->set.epoll_fd, events, ELEMENTSOF(events), 0);
        if (n < 0)
                return errno == EINTR ? 0 : -errno;

        share = share_of((size_t)n);
        for (int i = 0; i < n; i++) {
                turn->bytes += pipe_copy(events[i].data.ptr, share, &more);
                turn->more |= more;
        }

        return n;
}

int pipe_turns_take(PipeTurns *t) {
        ReadTurn turn = {};
        int n = PIPES_PER_WAIT;

        copy_busy(t, &turn);
        /* epoll gives ready pipes in turn, so what is left now comes first next time. */
        for (int i = 0; i < WAITS_PER_TURN && n == PIPES_PER_WAIT; i++) {
                if (turn.bytes >= BYTES_PER_TURN)
                        break;
                n = copy_some(t, &turn);
                if (n < 0)
                        return n;
        }

        if (turn.bytes > LITTLE_BYTES)
                t->brisk_turns = BRISK_TURNS;
        else if (t->brisk_turns > 0)
                t->brisk_turns--;

        /* Go on at once, wait for the next byte, or let some gather. */
        if (turn.bytes >= PIPE_MUCH_BYTES || turn.more || n == PIPES_PER_WAIT)
                return t->set.n_busy > 0 ? rest(t, 0) : wait_for_pipes(t);
        if (turn.bytes == 0 && t->set.n_busy == 0)
                return wait_for_pipes(t);
        return rest(t, t->brisk_turns > 0 ? REST_SHORT_USEC : REST_LONG_USEC);
}
