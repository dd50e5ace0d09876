#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "output/output-private.h"

/*
 * A pipe that fills faster than we rest gets room for more: a writer that is blocked costs two
 * context switches each time. Only few, as pipe memory is limited per user and taken from everybody
 * else's.
 */
#define LARGE_PIPE_SIZE (1024 * 1024) /* some milliseconds of lateness at full speed */
#define LARGE_PIPES_MAX 32

/* What was found at once in a pipe that is busy. */
#define BUSY_BYTES 16384U

int pipe_new(Channel *c, int *ret_child_fd) {
        _cleanup_(pipe_freep) Pipe *p = NULL;
        _cleanup_(closep) int child_fd = -1;
        int ends[2], r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->fd = -1;
        p->lines.channel = c;
        LIST_INSERT_HEAD(&c->pipes, p, pipes);

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        p->fd = ends[0];
        child_fd = ends[1];

        /* Of our end only: the child's is its own open file. */
        if (fcntl(p->fd, F_SETFL, O_NONBLOCK) < 0)
                return -errno;

        if (!channel_is_blocked(c)) {
                r = pipe_watch(p, true);
                if (r < 0)
                        return r;
        }

        TAKE_PTR(p); /* the channel's now */
        *ret_child_fd = TAKE_FD(child_fd);
        return 0;
}

static void enter_busy(Pipe *p) {
        Outputs *o = p->lines.channel->output->outputs;

        TAILQ_INSERT_TAIL(&o->busy, p, busy);
        o->n_busy++;
        p->is_busy = true;
}

static void leave_busy(Pipe *p) {
        Outputs *o = p->lines.channel->output->outputs;

        TAILQ_REMOVE(&o->busy, p, busy);
        o->n_busy--;
        p->is_busy = false;
}

Pipe *pipe_free(Pipe *p) {
        if (!p)
                return NULL;

        if (p->is_large)
                p->lines.channel->output->outputs->n_large_pipes--;
        /* Closing would not do: a child that is being forked may have a copy of this end. */
        (void)pipe_watch(p, false); /* closing it does the same */
        LIST_REMOVE(p, pipes);
        safe_close(p->fd);
        capture_done(&p->capture);
        linebuf_done(&p->lines.formatted);
        linebuf_done(&p->lines.syslog);
        free(p);
        return NULL;
}

static int poll_pipe(Pipe *p, bool poll) {
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = p };
        int epoll_fd = p->lines.channel->output->outputs->pipes_epoll_fd;

        /* Without events it would still tell of a hang-up, again and again. */
        if (epoll_ctl(epoll_fd, poll ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, p->fd, &event) < 0)
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
 * already: a quarter of what a short line costs its writer. So a busy pipe is not polled but looked
 * at when the rest is over. What fails leaves it as it is.
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
        Outputs *o = p->lines.channel->output->outputs;

        if (p->is_large || o->n_large_pipes >= LARGE_PIPES_MAX)
                return;

        /* If it may not be enlarged now it may not later. */
        p->is_large = true;
        o->n_large_pipes++;
        (void)fcntl(p->fd, F_SETPIPE_SZ, LARGE_PIPE_SIZE);
}

static void on_captured_log(char *data, size_t size, void *userdata) {
        Pipe *p = userdata;
        Channel *c = p->lines.channel;
        bool escape;

        if (c->output->outputs->strip_ansi) {
                size = ansi_strip(&p->ansi, data, size, &escape);
                if (escape)
                        channel_write(c, &p->lines, "\033", 1);
        }

        if (size > 0)
                channel_write(c, &p->lines, data, size);
}

static void on_captured_message(const char *data, size_t size, void *userdata) {
        Pipe *p = userdata;
        OutputEvent event = { .kind = OUTPUT_EVENT_CAPTURED, .data = data, .size = size };

        channel_emit(p->lines.channel, &event);
}

static CaptureCalls capture_calls(Pipe *p) {
        return (CaptureCalls){
                .on_log = on_captured_log,
                .on_message = on_captured_message,
                .userdata = p,
                .max_bytes = (size_t)channel_config(p->lines.channel)->capture_max_bytes,
        };
}

static void pipe_feed(Pipe *p, char *data, size_t size) {
        const CaptureCalls calls = capture_calls(p);
        Outputs *o = p->lines.channel->output->outputs;

        if (channel_config(p->lines.channel)->capture_max_bytes > 0) {
                capture_push(&p->capture, data, size, &calls);
                return;
        }

        o->may_give = true;
        on_captured_log(data, size, p);
        o->may_give = false;
}

void pipe_finish(Pipe *p) {
        const CaptureCalls calls = capture_calls(p);

        capture_flush(&p->capture, &calls);
        if (p->ansi == ANSI_ESCAPE)
                channel_write(p->lines.channel, &p->lines, "\033", 1);
        channel_end_lines(p->lines.channel, &p->lines);
        (void)pipe_free(p);
}

/* Read once. Returns how many bytes that was, 0 at the end, when the pipe is gone, or -EAGAIN. What
 * is not @patient is read though the disk is busy. */
static ssize_t copy_once(Pipe *p, bool patient) {
        Channel *c = p->lines.channel;
        char *buffer = logblock_data(c->output->outputs->block);
        ssize_t n;

        if (channel_is_blocked(c) && (patient || !logfile_is_busy(c->target->file)))
                return -EAGAIN;

        do
                n = read(p->fd, buffer, BUFFER_SIZE);
        while (n < 0 && errno == EINTR);

        if (n < 0 && errno == EAGAIN)
                return -EAGAIN;
        if (n <= 0) {
                pipe_finish(p);
                return 0;
        }

        c->bytes += (uint64_t)n;
        pipe_feed(p, buffer, (size_t)n);
        if ((size_t)n >= BUFFER_SIZE / 2)
                enlarge(p);
        return n;
}

size_t pipe_copy(Pipe *p, size_t max, bool *ret_more) {
        size_t total = 0;
        ssize_t n;

        do {
                n = copy_once(p, true);
                if (n > 0)
                        total += (size_t)n;
        } while (n == (ssize_t)BUFFER_SIZE && total < max); /* less means that it was empty then */

        *ret_more = n == (ssize_t)BUFFER_SIZE;
        if (n != 0) /* else it is gone */
                set_busy(p, total >= BUSY_BYTES && total < MUCH_BYTES);
        return total;
}

void pipe_drain(Pipe *p) {
        size_t total = 0;
        int size = 0;
        ssize_t n;

        /* What is there now and the end, but no more: a descendant may write for ever. */
        (void)ioctl(p->fd, FIONREAD, &size); /* cannot fail for a pipe */
        do {
                n = copy_once(p, false);
                if (n == 0)
                        return;
                if (n > 0)
                        total += (size_t)n;
        } while (n > 0 && total <= (size_t)size);

        channel_end_lines(p->lines.channel, &p->lines);
}
