#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "host/output-private.h"

static const LogTarget *channel_config(const Channel *c) {
        return &c->output->config->log[c->stream];
}

static const char *stream_name(OutputStream stream) {
        return stream == OUTPUT_STDOUT ? "stdout" : "stderr";
}

/* Make the file of a log that is AUTO, under a name that nobody has. */
static int make_auto_file(const Channel *c, char **ret) {
        static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
        const Outputs *o = c->output->outputs;

        for (int attempt = 0; attempt < 100; attempt++) {
                _cleanup_(freep) char *path = NULL;
                _cleanup_(closep) int fd = -1;
                unsigned char random[8];
                char suffix[sizeof(random) + 1] = {};

                if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
                        return -EIO;
                for (size_t i = 0; i < sizeof(random); i++)
                        suffix[i] = letters[random[i] % (sizeof(letters) - 1)];

                if (asprintf(&path, "%s/%s-%s---%s-%s.log", o->childlogdir, c->output->config->name,
                             stream_name(c->stream), o->identifier, suffix) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }

                fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
                if (fd < 0 && errno == EEXIST)
                        continue;
                if (fd < 0)
                        return -errno;

                *ret = TAKE_PTR(path);
                return 0;
        }

        return -EEXIST;
}

int channel_init(Channel *c, Output *output, OutputStream stream) {
        c->output = output;
        c->stream = stream;
        c->child_fd = -1;
        LIST_INIT(&c->pipes);

        if (stream == OUTPUT_STDERR && output->config->redirect_stderr)
                return 0;

        switch (channel_config(c)->kind) {
        case LOG_KIND_AUTO:
                return make_auto_file(c, &c->path);

        case LOG_KIND_FILE:
                c->path = strdup(channel_config(c)->path);
                return c->path ? 0 : -ENOMEM;

        case LOG_KIND_NONE:
        case LOG_KIND_JOURNAL:
        case LOG_KIND_INHERIT:
                break;
        }

        return 0;
}

static void pipe_close(Pipe *p) {
        LIST_REMOVE(p, pipes);
        safe_close(p->fd); /* leaves the epoll, as nobody else has this end */
        free(p);
}

void channel_close_child_fd(Channel *c) {
        if (c->owns_child_fd)
                safe_close(c->child_fd);
        c->child_fd = -1;
        c->owns_child_fd = false;
}

static void set_target(Channel *c, Target *t) {
        if (c->target) {
                LIST_REMOVE(c, channels);
                outputs_put_target(c->target);
        }

        c->target = t;
        if (t)
                LIST_INSERT_HEAD(&t->channels, c, channels);
}

void channel_done(Channel *c) {
        Pipe *p;

        channel_drain(c);
        while ((p = LIST_FIRST(&c->pipes)))
                pipe_close(p);
        channel_close_child_fd(c);
        set_target(c, NULL);
        linebuf_done(&c->syslog_lines);
        free(c->path);
        c->path = NULL;
}

static void on_syslog_line(const char *line, size_t size, void *userdata) {
        Channel *c = userdata;
        const char *name = c->output->config->name;
        const SyslogTag tag = { .priority = LOG_USER | LOG_INFO, .identifier = "supervisord" };
        _cleanup_(freep) char *text = NULL;
        int n;

        n = asprintf(&text, "%s %.*s", name, (int)size, line);
        if (n < 0)
                text = NULL;
        if (!text || syslog_send(&c->output->outputs->syslog, &tag, text, (size_t)n) < 0) {
                c->tally.dropped_bytes += size;
                c->tally.dropped_lines++;
        }
}

void channel_write(Channel *c, const char *data, size_t size) {
        const LogTarget *config = channel_config(c);

        c->bytes += size;

        if (c->target) {
                logfile_write(c->target->file, &c->tally, data, size);
                if (logfile_get_error(c->target->file) != c->reported_error ||
                    logfile_get_rotation_error(c->target->file) != c->reported_rotation_error)
                        target_settle(c->target);
        }

        if (config->syslog)
                linebuf_push(&c->syslog_lines, data, size, on_syslog_line, c);

        if (config->events_enabled || c->output->outputs->echo) {
                OutputEvent event = { .kind = OUTPUT_EVENT_DATA, .data = data, .size = size };
                channel_emit(c, &event);
        }
}

/* All writers are gone: nothing will finish an unfinished line. */
static void channel_end(Channel *c) {
        if (channel_config(c)->syslog)
                linebuf_flush(&c->syslog_lines, on_syslog_line, c);
}

size_t pipe_copy(Pipe *p, size_t max) {
        Channel *c = p->channel;
        char *buffer = c->output->outputs->buffer;
        size_t total = 0;

        while (total < max) {
                ssize_t n = read(p->fd, buffer, BUFFER_SIZE);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno == EAGAIN)
                        break;
                if (n <= 0) {
                        pipe_close(p);
                        if (LIST_EMPTY(&c->pipes))
                                channel_end(c);
                        break;
                }

                channel_write(c, buffer, (size_t)n);
                total += (size_t)n;
                if ((size_t)n < BUFFER_SIZE)
                        break;
        }

        return total;
}

void channel_drain(Channel *c) {
        Pipe *p, *next;

        for (p = LIST_FIRST(&c->pipes); p; p = next) {
                int size = 0;

                next = LIST_NEXT(p, pipes);
                /* What is there now, and no more: a descendant may write for ever. */
                if (ioctl(p->fd, FIONREAD, &size) >= 0)
                        (void)pipe_copy(p, MAX((size_t)size, (size_t)1));
        }
}

/* Give the child what it writes to for good: nothing of that comes through us. */
static int give(Channel *c, int fd, bool owned, int *ret_fd) {
        c->child_fd = fd;
        c->owns_child_fd = owned;
        *ret_fd = fd;
        return 0;
}

static int open_pipe(Channel *c, int *ret_fd) {
        _cleanup_(freep) Pipe *p = NULL;
        int ends[2], r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        (void)fcntl(ends[0], F_SETFL, O_NONBLOCK); /* cannot fail for a pipe */

        p->fd = ends[0];
        p->channel = c;
        r = outputs_watch_pipe(c->output->outputs, p);
        if (r < 0) {
                safe_close(ends[0]);
                safe_close(ends[1]);
                return r;
        }

        LIST_INSERT_HEAD(&c->pipes, p, pipes);
        p = NULL; /* owned by the list now */
        return give(c, ends[1], true, ret_fd);
}

static int own_fd(const Channel *c) {
        return c->stream == OUTPUT_STDOUT ? STDOUT_FILENO : STDERR_FILENO;
}

static int open_journal(Channel *c, int *ret_fd) {
        OutputEvent event = { .kind = OUTPUT_EVENT_FALLBACK, .target = "journal" };
        int fd;

        fd = sd_journal_stream_fd(c->output->config->name, LOG_INFO, true);
        if (fd >= 0)
                return give(c, fd, true, ret_fd);
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
                return fd;

        event.error = -fd;
        channel_emit(c, &event);
        return give(c, own_fd(c), false, ret_fd);
}

static bool bytes_wanted(const Channel *c) {
        return channel_config(c)->syslog || channel_config(c)->events_enabled ||
               channel_config(c)->capture_max_bytes > 0;
}

/* Is @path another name of one of our own descriptors, so that the child can have that? */
static bool names_descriptor(const char *path, int *ret_fd) {
        static const struct {
                const char *path;
                int fd;
        } names[] = {
                { "/dev/stdout", STDOUT_FILENO },
                { "/dev/stderr", STDERR_FILENO },
                { "/dev/fd/1", STDOUT_FILENO },
                { "/dev/fd/2", STDERR_FILENO },
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                if (strcmp(path, names[i].path) == 0) {
                        *ret_fd = names[i].fd;
                        return true;
                }
        }

        return false;
}

static int open_file(Channel *c, int *ret_fd) {
        Target *t;
        int r, fd;

        if (!bytes_wanted(c) && names_descriptor(c->path, &fd))
                return give(c, fd, false, ret_fd);

        if (!c->target) {
                r = outputs_get_target(c->output->outputs, channel_config(c), c->path, &t);
                if (r < 0)
                        return r;
                set_target(c, t);
        }

        target_settle(c->target);
        return open_pipe(c, ret_fd);
}

int channel_open(Channel *c, int *ret_fd) {
        channel_close_child_fd(c);

        switch (channel_config(c)->kind) {
        case LOG_KIND_AUTO:
        case LOG_KIND_FILE:
                return open_file(c, ret_fd);

        case LOG_KIND_NONE:
                if (bytes_wanted(c))
                        return open_pipe(c, ret_fd);
                return give(c, c->output->outputs->null_fd, false, ret_fd);

        case LOG_KIND_INHERIT:
                return give(c, own_fd(c), false, ret_fd);

        case LOG_KIND_JOURNAL:
                return open_journal(c, ret_fd);
        }

        return -EINVAL;
}
