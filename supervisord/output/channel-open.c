/*
 * Part of the channel (channel.h): what a child is given as its stdout or stderr. It gets the
 * destination itself where nothing has to be done with the bytes, else the end of a pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "output/channel.h"

/* What the child gets as this stream. */
static int give_fd(Channel *c, int fd, bool owned, int *ret_fd) {
        c->child_fd = fd;
        c->owns_child_fd = owned;
        *ret_fd = fd;
        return 0;
}

static int give_pipe(Channel *c, int *ret_fd) {
        const PipeOptions options = {
                .owner = c,
                .siblings = &c->pipes,
                .capture_max_bytes = (size_t)MAX(channel_config(c)->capture_max_bytes, 0),
                .is_held = c->target && target_is_blocked(c->target),
        };
        int r, fd;

        r = pipe_new(&c->process->share->turns.set, &options, &fd);
        return r < 0 ? r : give_fd(c, fd, true, ret_fd);
}

static int give_own(Channel *c, int *ret_fd) {
        return give_fd(c, c->stream == OUTPUT_STDOUT ? STDOUT_FILENO : STDERR_FILENO, false,
                       ret_fd);
}

static int give_journal(Channel *c, int *ret_fd) {
        OutputEvent event = { .kind = OUTPUT_EVENT_FALLBACK, .target = "journal" };
        const ProcessConfig *config = c->process->config;
        int fd;

        fd = sd_journal_stream_fd(config->settings->syslog_tag ? config->settings->syslog_tag
                                                               : config->name,
                                  LOG_INFO, true);
        if (fd >= 0)
                return give_fd(c, fd, true, ret_fd);
        if (fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM)
                return fd;

        event.error = -fd;
        channel_emit(c, &event);
        return give_own(c, ret_fd);
}

static bool is_plain(const Channel *c) {
        return !channel_wants_bytes(c->process->config, c->stream) &&
               !c->process->share->turns.set.strip_ansi &&
               c->process->config->settings->log_format == LOG_FORMAT_PLAIN;
}

static int give_file_itself(Channel *c, int *ret_fd) {
        int fd;

        fd = open(c->path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0666);
        if (fd < 0)
                return -errno;

        /* O_NONBLOCK was for the opening; the child expects to be able to wait. */
        if (fcntl(fd, F_SETFL, O_APPEND) < 0) {
                safe_close(fd);
                return -errno;
        }
        return give_fd(c, fd, true, ret_fd);
}

static int give_target(Channel *c, const char *path, int *ret_fd) {
        int r;

        r = channel_prepare_format(c);
        if (r < 0)
                return r;
        if (!c->target) {
                r = target_get(&c->process->share->targets, channel_config(c), path, &c->user,
                               &c->target);
                if (r < 0)
                        return r;
        }

        target_settle(c->target);
        return give_pipe(c, ret_fd);
}

static int give_file(Channel *c, int *ret_fd) {
        const char *path = c->path;

        if (is_plain(c)) {
                if (strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/fd/1") == 0)
                        return give_fd(c, STDOUT_FILENO, false, ret_fd);
                if (strcmp(path, "/dev/stderr") == 0 || strcmp(path, "/dev/fd/2") == 0)
                        return give_fd(c, STDERR_FILENO, false, ret_fd);
                if (strcmp(path, "/dev/null") == 0)
                        return give_fd(c, c->process->share->null_fd, false, ret_fd);
                /* If it cannot be opened now, a target is what tries again later. */
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
