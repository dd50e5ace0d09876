#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "output/autofile.h"
#include "output/output-private.h"

const LogTarget *channel_config(const Channel *c) {
        return &c->output->config->log[c->stream];
}

bool channel_is_blocked(const Channel *c) {
        return c->target && c->target->is_blocked;
}

void channel_emit(Channel *c, OutputEvent *event) {
        Outputs *o = c->output->outputs;

        event->stream = c->stream;
        if (!event->target)
                event->target = c->path;
        if (o->on_event)
                o->on_event(c->output->owner, event, o->userdata);
}

static int make_auto_file(Channel *c) {
        const AutoFile file = {
                .directory = c->output->outputs->childlogdir,
                .process = c->output->config->name,
                .stream = c->stream == OUTPUT_STDOUT ? "stdout" : "stderr",
                .identifier = c->output->outputs->identifier,
        };

        return autofile_make(&file, &c->path);
}

/* Has anything to be done with the bytes but to store them? */
static bool bytes_wanted(const ProcessConfig *config, OutputStream stream) {
        const LogTarget *log = &config->log[stream];

        return log->syslog || log->events_enabled || log->capture_max_bytes > 0 ||
               config->settings->last_output_lines > 0;
}

bool channel_is_needed(const ProcessConfig *config, OutputStream stream) {
        if (stream == OUTPUT_STDERR && config->settings->redirect_stderr)
                return false;
        return config->log[stream].kind != LOG_KIND_NONE || bytes_wanted(config, stream);
}

static int set_path(Channel *c) {
        switch (channel_config(c)->kind) {
        case LOG_KIND_AUTO:
                return make_auto_file(c);

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

int channel_new(Output *output, OutputStream stream, Channel **ret) {
        _cleanup_(channel_freep) Channel *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->output = output;
        c->stream = stream;
        c->child_fd = -1;
        LIST_INIT(&c->pipes);

        r = set_path(c);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
}

static void set_target(Channel *c, Target *t) {
        if (c->target) {
                LIST_REMOVE(c, channels);
                (void)target_put(c->target);
        }

        c->target = t;
        if (t)
                LIST_INSERT_HEAD(&t->channels, c, channels);
}

void channel_close_child_fd(Channel *c) {
        if (c->owns_child_fd)
                safe_close(c->child_fd);
        c->child_fd = -1;
        c->owns_child_fd = false;
}

Channel *channel_free(Channel *c) {
        Pipe *p;

        if (!c)
                return NULL;

        channel_drain(c);
        while ((p = LIST_FIRST(&c->pipes)))
                pipe_finish(p);

        channel_close_child_fd(c);
        set_target(c, NULL);
        tail_done(&c->tail);
        free(c->path);
        free(c);
        return NULL;
}

void channel_drain(Channel *c) {
        Pipe *p, *next;

        for (p = LIST_FIRST(&c->pipes); p; p = next) {
                next = LIST_NEXT(p, pipes);
                pipe_drain(p);
        }
}

/* What the child gets as this stream. */
static int give(Channel *c, int fd, bool owned, int *ret_fd) {
        c->child_fd = fd;
        c->owns_child_fd = owned;
        *ret_fd = fd;
        return 0;
}

static int give_pipe(Channel *c, int *ret_fd) {
        int r, fd;

        r = pipe_new(c, &fd);
        return r < 0 ? r : give(c, fd, true, ret_fd);
}

static int give_own(Channel *c, int *ret_fd) {
        return give(c, c->stream == OUTPUT_STDOUT ? STDOUT_FILENO : STDERR_FILENO, false, ret_fd);
}

static int give_journal(Channel *c, int *ret_fd) {
        OutputEvent event = { .kind = OUTPUT_EVENT_FALLBACK, .target = "journal" };
        const ProcessConfig *config = c->output->config;
        int fd;

        fd = sd_journal_stream_fd(config->settings->syslog_tag ? config->settings->syslog_tag
                                                               : config->name,
                                  LOG_INFO, true);
        if (fd >= 0)
                return give(c, fd, true, ret_fd);
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
                return fd;

        event.error = -fd;
        channel_emit(c, &event);
        return give_own(c, ret_fd);
}

static bool is_plain(const Channel *c) {
        return !bytes_wanted(c->output->config, c->stream) && !c->output->outputs->strip_ansi &&
               c->output->config->settings->log_format == LOG_FORMAT_PLAIN;
}

static int give_file_itself(Channel *c, int *ret_fd) {
        int fd;

        fd = open(c->path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0666);
        if (fd < 0)
                return -errno;

        /* Not to block was for the opening; the child expects to be able to wait. */
        if (fcntl(fd, F_SETFL, O_APPEND) < 0) {
                safe_close(fd);
                return -errno;
        }
        return give(c, fd, true, ret_fd);
}

static int give_target(Channel *c, const char *path, int *ret_fd) {
        Target *t;
        int r;

        r = channel_prepare_format(c);
        if (r < 0)
                return r;
        if (!c->target) {
                r = target_get(c->output->outputs, channel_config(c), path, &t);
                if (r < 0)
                        return r;
                set_target(c, t);
        }

        target_settle(c->target);
        return give_pipe(c, ret_fd);
}

static int give_file(Channel *c, int *ret_fd) {
        const char *path = c->path;

        if (is_plain(c)) {
                if (strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/fd/1") == 0)
                        return give(c, STDOUT_FILENO, false, ret_fd);
                if (strcmp(path, "/dev/stderr") == 0 || strcmp(path, "/dev/fd/2") == 0)
                        return give(c, STDERR_FILENO, false, ret_fd);
                if (strcmp(path, "/dev/null") == 0)
                        return give(c, c->output->outputs->null_fd, false, ret_fd);
                /* If it cannot be opened now the pipe's way tries again later. */
                if (channel_config(c)->direct && give_file_itself(c, ret_fd) >= 0)
                        return 0;
        }

        return give_target(c, path, ret_fd);
}

static int give_inherited(Channel *c, int *ret_fd) {
        if (is_plain(c))
                return give_own(c, ret_fd);
        return give_target(c, c->stream == OUTPUT_STDOUT ? "/dev/stdout" : "/dev/stderr", ret_fd);
}

int channel_open(Channel *c, int *ret_fd) {
        channel_close_child_fd(c);
        tail_done(&c->tail);

        switch (channel_config(c)->kind) {
        case LOG_KIND_AUTO:
        case LOG_KIND_FILE:
                return give_file(c, ret_fd);

        case LOG_KIND_NONE:
                return give_pipe(c, ret_fd);

        case LOG_KIND_INHERIT:
                return give_inherited(c, ret_fd);

        case LOG_KIND_JOURNAL:
                return give_journal(c, ret_fd);
        }

        return -EINVAL;
}
