/*
 * A pipe from a child: see pipe.h. This file makes it, watches it and reads it. It is not where a
 * line is cut or a file written.
 */
#include "output/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

/*
 * A pipe that fills during a rest gets room for more: a writer that is blocked costs two context
 * switches each time. Only few do, as pipe memory is limited per user, and all pipes share it.
 */
#define LARGE_PIPE_SIZE (1024 * 1024) /* some milliseconds of lateness at full speed */
#define LARGE_PIPES_MAX 32

/* A pipe is busy when this much was found in it at once. */
#define BUSY_BYTES 16384U

int pipe_new(PipeSet *set, const PipeOptions *options, int *ret_child_fd) {
        _cleanup_(pipe_freep) Pipe *p = NULL;
        _cleanup_(closep) int child_fd = -1;
        int ends[2], r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->fd = -1;
        p->set = set;
        p->owner = options->owner;
        p->capture_max_bytes = options->capture_max_bytes;
        LIST_INSERT_HEAD(options->siblings, p, pipes);

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        p->fd = ends[0];
        child_fd = ends[1];

        /* Of our end only: the child's is an open file of its own. */
        if (fcntl(p->fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;

        if (!options->is_held) {
                r = pipe_watch(p, true);
                if (r < 0)
                        return r;
        }

        TAKE_PTR(p); /* lives in the list now */
        *ret_child_fd = TAKE_FD(child_fd);
        return 0;
}

void lines_done(Lines *lines) {
        linebuf_done(&lines->formatted);
        linebuf_done(&lines->syslog);
}

Pipe *pipe_free(Pipe *p) {
        if (!p)
                return NULL;

        if (p->is_large)
                p->set->n_large--;
        /* Closing it is not enough to end the watching: a child that is being forked may have a
         * copy of this end. */
        (void)pipe_watch(p, false);
        LIST_REMOVE(p, pipes);
        safe_close(p->fd);
        capture_done(&p->capture);
        lines_done(&p->lines);
        free(p);
        return NULL;
}

/* ---------------------------------------------------------------- watching */

static void enter_busy(Pipe *p) {
        TAILQ_INSERT_TAIL(&p->set->busy, p, busy);
        p->set->n_busy++;
        p->is_busy = true;
}

static void leave_busy(Pipe *p) {
        TAILQ_REMOVE(&p->set->busy, p, busy);
        p->set->n_busy--;
        p->is_busy = false;
}

static int poll_pipe(Pipe *p, bool poll) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };

        /* Removed, not only set to no events: it would still tell of a hang-up, again and again. */
        if (epoll_ctl(p->set->epoll_fd, poll ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, p->fd, &event) < 0)
                return -errno;
        return 0;
}

int pipe_watch(Pipe *p, bool watch) {
        int r;

        if (p->is_watched == watch)
                return 0;

        if (p->is_busy) {
                leave_busy(p);
        } else {
                r = poll_pipe(p, watch);
                if (r < 0)
                        return r;
        }
        p->is_watched = watch;
        return 0;
}

/*
 * Each write to a pipe that is polled goes through the epoll, though there is something in it
 * already: a quarter of what a short line costs its writer. So a busy pipe is not polled but read
 * after each rest. If the change fails the pipe stays as it is.
 */
static void set_busy(Pipe *p, bool busy) {
        if (!p->is_watched || p->is_busy == busy || poll_pipe(p, !busy) < 0)
                return;

        if (busy)
                enter_busy(p);
        else
                leave_busy(p);
}

static void enlarge(Pipe *p) {
        if (p->is_large || p->set->n_large >= LARGE_PIPES_MAX)
                return;

        /* If it may not be enlarged now it may not later. */
        p->is_large = true;
        p->set->n_large++;
        (void)fcntl(p->fd, F_SETPIPE_SZ, LARGE_PIPE_SIZE);
}

/* ---------------------------------------------------------------- reading */

static void give_text(Pipe *p, char *data, size_t size, LogBlock **block) {
        const PipeCalls *calls = p->set->calls;
        bool escape;

        if (p->set->strip_ansi) {
                size = ansi_strip(&p->ansi, data, size, &escape);
                if (escape)
                        calls->on_text(p, "\033", 1, NULL);
        }

        if (size > 0)
                calls->on_text(p, data, size, block);
}

static void on_uncaptured(char *data, size_t size, void *userdata) {
        give_text(userdata, data, size, NULL);
}

static void on_captured(const char *data, size_t size, void *userdata) {
        Pipe *p = userdata;

        p->set->calls->on_message(p, data, size);
}

static CaptureCalls capture_calls(Pipe *p) {
        return (CaptureCalls){
                .on_log = on_uncaptured,
                .on_message = on_captured,
                .userdata = p,
                .max_bytes = p->capture_max_bytes,
        };
}

static void feed(Pipe *p, char *data, size_t size) {
        const CaptureCalls calls = capture_calls(p);

        if (p->capture_max_bytes > 0)
                capture_push(&p->capture, data, size, &calls);
        else
                give_text(p, data, size, &p->set->block);
}

void pipe_finish(Pipe *p) {
        const CaptureCalls calls = capture_calls(p);

        capture_flush(&p->capture, &calls);
        if (p->ansi == ANSI_ESCAPE)
                p->set->calls->on_text(p, "\033", 1, NULL);
        p->set->calls->on_pause(p);
        (void)pipe_free(p);
}

/* Read once. Returns how many bytes that was, 0 at the end, when the pipe is gone, or -EAGAIN. */
static ssize_t read_once(Pipe *p, bool patient) {
        char *buffer = logblock_data(p->set->block);
        ssize_t n;

        if (!p->set->calls->may_read(p, patient))
                return -EAGAIN;

        do
                n = read(p->fd, buffer, PIPE_READ_SIZE);
        while (n < 0 && errno == EINTR);

        if (n < 0 && errno == EAGAIN)
                return -EAGAIN;
        if (n <= 0) {
                pipe_finish(p);
                return 0;
        }

        p->set->calls->on_read(p, (size_t)n);
        feed(p, buffer, (size_t)n);
        if ((size_t)n >= PIPE_READ_SIZE / 2)
                enlarge(p);
        return n;
}

size_t pipe_copy(Pipe *p, size_t max, bool *ret_more) {
        size_t total = 0;
        ssize_t n;

        do {
                n = read_once(p, true);
                if (n > 0)
                        total += (size_t)n;
        } while (n == (ssize_t)PIPE_READ_SIZE && total < max); /* less: it was empty then */

        *ret_more = n == (ssize_t)PIPE_READ_SIZE;
        if (n != 0) /* else it is gone */
                set_busy(p, total >= BUSY_BYTES && total < PIPE_MUCH_BYTES);
        return total;
}

void pipe_drain(Pipe *p) {
        size_t total = 0;
        int size = 0;
        ssize_t n;

        /* What is there now and the end, but no more: a descendant may write for ever. */
        (void)ioctl(p->fd, FIONREAD, &size); /* cannot fail for a pipe */
        do {
                n = read_once(p, false);
                if (n == 0)
                        return;
                if (n > 0)
                        total += (size_t)n;
        } while (n > 0 && total <= (size_t)size);

        p->set->calls->on_pause(p);
}
