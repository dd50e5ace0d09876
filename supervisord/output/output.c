/*
 * The streams of one process: see output.h. It keeps the child's stdin and two channels; all that
 * is done with bytes is the channels'.
 */
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "output/channel.h"

struct Output {
        ChannelProcess process;
        int stdin_read_fd;    /* until output_started() */
        int stdin_write_fd;   /* held open for the child */
        Channel *channels[2]; /* NULL: nothing is kept of the stream */
};

int output_new(Outputs *outputs, ProcessConfig *config, void *owner, Output **ret) {
        _cleanup_(output_freep) Output *o = NULL;
        int r;

        o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;

        o->process.share = outputs_get_share(outputs);
        o->process.config = process_config_ref(config);
        o->process.owner = owner;
        o->stdin_read_fd = o->stdin_write_fd = -1;

        for (int i = OUTPUT_STDOUT; i <= OUTPUT_STDERR; i++) {
                r = channel_is_needed(config, (OutputStream)i)
                            ? channel_new(&o->process, (OutputStream)i, &o->channels[i])
                            : 0;
                if (r < 0)
                        return r;
        }

        *ret = TAKE_PTR(o);
        return 0;
}

Output *output_free(Output *o) {
        if (!o)
                return NULL;

        for (int i = OUTPUT_STDOUT; i <= OUTPUT_STDERR; i++)
                channel_free(o->channels[i]);

        safe_close(o->stdin_read_fd);
        safe_close(o->stdin_write_fd);
        process_config_unref(o->process.config);
        free(o);
        return NULL;
}

static int open_stdin(Output *o) {
        int ends[2];

        o->stdin_read_fd = safe_close(o->stdin_read_fd);
        o->stdin_write_fd = safe_close(o->stdin_write_fd);
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;

        o->stdin_read_fd = ends[0];
        o->stdin_write_fd = ends[1];
        return 0;
}

static int open_stream(Output *o, OutputStream stream, int *ret_fd) {
        if (o->channels[stream])
                return channel_open(o->channels[stream], ret_fd);
        *ret_fd = o->process.share->null_fd;
        return 0;
}

int output_open(Output *o, int ret_stdio[static 3]) {
        int r;

        r = open_stdin(o);
        if (r < 0)
                return r;
        ret_stdio[0] = o->stdin_read_fd;

        r = open_stream(o, OUTPUT_STDOUT, &ret_stdio[1]);
        if (r < 0)
                return r;

        if (o->process.config->settings->redirect_stderr) {
                ret_stdio[2] = ret_stdio[1];
                return 0;
        }
        return open_stream(o, OUTPUT_STDERR, &ret_stdio[2]);
}

void output_started(Output *o, pid_t pid) {
        o->process.pid = pid;
        o->stdin_read_fd = safe_close(o->stdin_read_fd);
        for (int i = OUTPUT_STDOUT; i <= OUTPUT_STDERR; i++)
                if (o->channels[i])
                        channel_close_child_fd(o->channels[i]);
}

void output_drain(Output *o) {
        o->stdin_write_fd = safe_close(o->stdin_write_fd);
        for (int i = OUTPUT_STDOUT; i <= OUTPUT_STDERR; i++)
                if (o->channels[i])
                        channel_drain(o->channels[i]);
}

/* Where @stream really goes; NULL where it comes to nothing. */
static Channel *channel_of(const Output *o, OutputStream stream) {
        return o->channels[o->process.config->settings->redirect_stderr ? OUTPUT_STDOUT : stream];
}

void output_write(Output *o, OutputStream stream, const char *text) {
        Channel *c = channel_of(o, stream);
        Lines lines = {};

        if (!c)
                return;
        channel_write(c, &lines, text, strlen(text), NULL);
        channel_end_lines(c, &lines);
}

const char *output_get_path(const Output *o, OutputStream stream) {
        const Channel *c = channel_of(o, stream);

        return c ? c->path : NULL;
}

void output_get_status(const Output *o, OutputStream stream, OutputStatus *ret) {
        const Channel *c = channel_of(o, stream);

        if (!c) {
                *ret = (OutputStatus){};
                return;
        }
        *ret = (OutputStatus){
                .bytes = c->bytes,
                .dropped_bytes = c->tally.dropped_bytes + c->syslog_dropped_bytes,
                .dropped_lines = c->tally.dropped_lines + c->syslog_dropped_lines,
                .error = c->target ? logfile_get_error(target_get_file(c->target)) : 0,
        };
        if (ret->error == 0)
                ret->error = c->syslog_error;
}

int output_clear(Output *o, OutputStream stream) {
        Channel *c = channel_of(o, stream);
        int r;

        if (!c || !c->path)
                return -ENOENT;
        if (!c->target) /* nothing is open here: never started, or written by the child itself */
                return truncate(c->path, 0) < 0 ? -errno : 0;

        r = logfile_clear(target_get_file(c->target));
        target_settle(c->target);
        return r;
}

int output_rotate(Output *o, OutputStream stream) {
        Channel *c = channel_of(o, stream);
        int r;

        if (!c || !c->target)
                return -ENOENT;

        r = logfile_rotate(target_get_file(c->target));
        target_settle(c->target);
        return r;
}

int output_last_lines(Output *o, OutputStream stream, size_t n_max, char **ret) {
        const Channel *c = channel_of(o, stream);
        _cleanup_(closep) int fd = -1;
        char text[TAIL_MAX];
        ssize_t n = 0;
        off_t end;

        if (c && o->process.config->settings->last_output_lines > 0)
                return tail_lines(c->tail.data, c->tail.size, n_max, ret);

        if (c && c->path)
                fd = open(c->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1; /* a FIFO or terminal has no end to read */
        if (end > 0)
                n = pread(fd, text, sizeof(text), MAX(end - (off_t)sizeof(text), 0));

        return tail_lines(text, n > 0 ? (size_t)n : 0, n_max, ret);
}

int output_send_input(Output *o, const void *data, size_t size) {
        const char *p = data;

        if (!o || o->stdin_write_fd < 0)
                return -ENOENT;
        if (fcntl(o->stdin_write_fd, F_SETFL, O_NONBLOCK) < 0) /* of our end only */
                return -errno;
        while (size > 0) {
                ssize_t n = write(o->stdin_write_fd, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                p += n;
                size -= (size_t)n;
        }
        return 0;
}
