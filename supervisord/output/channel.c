/*
 * Part of the channel (channel.h): its life, and what pipes and targets tell it. What the child is
 * given is in channel-open.c, where bytes go in channel-write.c.
 */
#include "output/channel.h"

#include <errno.h>
#include <string.h>

#include "output/autofile.h"

const LogTarget *channel_config(const Channel *c) {
        return &c->process->config->log[c->stream];
}

const char *channel_stream_name(const Channel *c) {
        return c->stream == OUTPUT_STDOUT ? "stdout" : "stderr";
}

void channel_emit(Channel *c, OutputEvent *event) {
        const ChannelShare *share = c->process->share;

        event->stream = c->stream;
        if (!event->target)
                event->target = c->path;
        if (share->on_event)
                share->on_event(c->process->owner, event, share->userdata);
}

/* ---------------------------------------------------------------- life */

bool channel_wants_bytes(const ProcessConfig *config, OutputStream stream) {
        const LogTarget *log = &config->log[stream];

        return log->syslog || log->events_enabled || log->capture_max_bytes > 0 ||
               config->settings->last_output_lines > 0;
}

bool channel_is_needed(const ProcessConfig *config, OutputStream stream) {
        if (stream == OUTPUT_STDERR && config->settings->redirect_stderr)
                return false;
        return config->log[stream].kind != LOG_KIND_NONE || channel_wants_bytes(config, stream);
}

static int make_auto_file(Channel *c) {
        const AutoFile file = {
                .directory = c->process->share->childlogdir,
                .process = c->process->config->name,
                .stream = channel_stream_name(c),
                .identifier = c->process->share->identifier,
        };

        return autofile_make(&file, &c->path);
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

int channel_new(ChannelProcess *process, OutputStream stream, Channel **ret) {
        _cleanup_(channel_freep) Channel *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->process = process;
        c->stream = stream;
        c->child_fd = -1;
        LIST_INIT(&c->pipes);

        r = set_path(c);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(c);
        return 0;
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
        target_put(c->target, &c->user);
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

/* ---------------------------------------------------------------- what pipes tell */

static void on_read(Pipe *p, size_t size) {
        Channel *c = p->owner;

        c->bytes += size;
}

static void on_text(Pipe *p, const char *data, size_t size, LogBlock **block) {
        channel_write(p->owner, &p->lines, data, size, block);
}

static void on_message(Pipe *p, const char *data, size_t size) {
        OutputEvent event = { .kind = OUTPUT_EVENT_CAPTURED, .data = data, .size = size };

        channel_emit(p->owner, &event);
}

static void on_pause(Pipe *p) {
        channel_end_lines(p->owner, &p->lines);
}

/* What has to be read now waits for a slow reader all the same, but not for a busy disk: what is
 * queued for that is bounded. */
static bool may_read(const Pipe *p, bool patient) {
        const Channel *c = p->owner;

        if (!c->target || !target_is_blocked(c->target))
                return true;
        return !patient && logfile_is_busy(target_get_file(c->target));
}

const PipeCalls channel_pipe_calls = {
        .on_read = on_read,
        .on_text = on_text,
        .on_message = on_message,
        .on_pause = on_pause,
        .may_read = may_read,
};

/* ---------------------------------------------------------------- what its target tells */

static Channel *from_user(TargetUser *user) {
        return (Channel *)((char *)user - offsetof(Channel, user));
}

static void emit_rotation_failed(Channel *c, int error) {
        OutputEvent event = { .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = error };

        channel_emit(c, &event);
}

static void report_error(Channel *c, int error) {
        OutputEvent event = {};

        /* A slow reader is worth a word only when it has cost something. */
        if (error == EAGAIN && c->tally.dropped_bytes == c->reported_bytes)
                error = c->reported_error;

        if (error != 0 && c->reported_error == 0) {
                event.kind = OUTPUT_EVENT_FAILING;
                event.error = error;
                channel_emit(c, &event);
        } else if (error == 0 && c->reported_error != 0) {
                event.kind = OUTPUT_EVENT_RESUMED;
                event.error = c->reported_error;
                event.dropped_bytes = c->tally.dropped_bytes - c->reported_bytes;
                event.dropped_lines = c->tally.dropped_lines - c->reported_lines;
                c->reported_bytes = c->tally.dropped_bytes;
                c->reported_lines = c->tally.dropped_lines;
                channel_emit(c, &event);
        }
        c->reported_error = error;
}

static void on_settled(TargetUser *user, int error, int rotation_error) {
        Channel *c = from_user(user);

        report_error(c, error);
        if (rotation_error != 0 && c->reported_rotation_error == 0)
                emit_rotation_failed(c, rotation_error);
        c->reported_rotation_error = rotation_error;
}

static int hold_pipes(TargetUser *user, bool is_held) {
        Pipe *p;
        int r = 0;

        LIST_FOREACH(p, &from_user(user)->pipes, pipes) {
                int error = pipe_watch(p, !is_held);

                r = error < 0 ? error : r;
        }
        return r;
}

static void on_compress(TargetUser *user, const OutputCompress *tool) {
        OutputEvent event = { .kind = OUTPUT_EVENT_COMPRESS, .compress = *tool };

        channel_emit(from_user(user), &event);
}

static void on_compress_failed(TargetUser *user, int error) {
        emit_rotation_failed(from_user(user), error);
}

const TargetCalls channel_target_calls = {
        .on_settled = on_settled,
        .hold = hold_pipes,
        .on_compress = on_compress,
        .on_compress_failed = on_compress_failed,
};
