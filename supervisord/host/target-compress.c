#include <errno.h>

#include "host/output-private.h"

/* From opening a backup until the tool's result is in its place. What touches files is done where
 * the log itself is written, in turn with its rotations. */
struct CompressJob {
        LogJob job;
        Target *target;
        unsigned id;
        bool is_awaiting_tool;
        bool succeeded; /* the tool */
        Compression compression;
        int source_fd, result_fd;
        int result;
};

static CompressJob *from_job(LogJob *job) {
        return (CompressJob *)job; /* its first member */
}

static CompressJob *job_free(CompressJob *c) {
        safe_close(c->source_fd);
        safe_close(c->result_fd);
        free(c);
        return NULL;
}

static void on_dropped(LogJob *job) {
        CompressJob *c = from_job(job);

        (void)compress_end(&c->compression, false); /* if it was begun */
        (void)job_free(c);
}

static void do_begin(LogJob *job) {
        CompressJob *c = from_job(job);

        c->result = compress_begin(&c->compression, &c->source_fd, &c->result_fd);
}

static void on_begun(LogJob *job) {
        CompressJob *c = from_job(job);
        Target *t = c->target;
        Channel *channel = LIST_FIRST(&t->channels);
        _cleanup_(closep) int source = TAKE_FD(c->source_fd), result = TAKE_FD(c->result_fd);
        OutputEvent event = { .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = -c->result };

        /* Failing to open them leaves a backup uncompressed, which the next rotation tries again.
         */
        if (c->result <= 0 || !channel) {
                t->compressing = NULL;
                on_dropped(job);
                if (event.error > 0 && channel)
                        channel_emit(channel, &event);
                return;
        }

        c->is_awaiting_tool = true;
        event = (OutputEvent){ .kind = OUTPUT_EVENT_COMPRESS };
        event.compress = (OutputCompress){
                .id = c->id,
                .argv = compress_argv(t->compress),
                .stdin_fd = source,
                .stdout_fd = result,
        };
        channel_emit(channel, &event); /* if the tool does not start, @c may be gone now */
}

static void do_end(LogJob *job) {
        CompressJob *c = from_job(job);

        c->result = compress_end(&c->compression, c->succeeded);
}

static void on_ended(LogJob *job) {
        CompressJob *c = from_job(job);
        Target *t = c->target;
        Channel *channel = LIST_FIRST(&t->channels);
        OutputEvent event = { .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = -c->result };
        bool go_on = c->result >= 0 && c->succeeded;

        t->compressing = job_free(c);
        if (go_on)
                target_compress(t); /* what was rotated meanwhile */
        else if (event.error > 0 && channel)
                channel_emit(channel, &event);
}

void target_compress(Target *t) {
        CompressJob *c;

        if (t->compress == LOG_COMPRESS_NONE || t->compressing || !t->outputs->on_event)
                return;

        c = calloc(1, sizeof(*c));
        if (!c)
                return; /* tried again after the next rotation, as what follows */
        *c = (CompressJob){
                .job = { .work = do_begin, .done = on_begun, .dropped = on_dropped },
                .target = t,
                .id = ++t->outputs->next_compression_id,
                .compression = { .path = logfile_get_path(t->file),
                                 .backups = logfile_get_backups(t->file),
                                 .kind = t->compress },
                .source_fd = -1,
                .result_fd = -1,
        };

        t->compressing = c;
        if (logfile_run(t->file, &c->job) < 0)
                t->compressing = NULL;
}

static void end(CompressJob *c, bool succeeded) {
        Target *t = c->target;

        c->is_awaiting_tool = false;
        c->succeeded = succeeded;
        c->job.work = do_end;
        c->job.done = on_ended;
        if (logfile_run(t->file, &c->job) < 0)
                t->compressing = NULL;
}

void target_compressed(Target *t, unsigned id, bool succeeded) {
        if (t->compressing && t->compressing->is_awaiting_tool && t->compressing->id == id)
                end(t->compressing, succeeded);
}

void target_stop_compressing(Target *t) {
        if (t->compressing && t->compressing->is_awaiting_tool)
                end(t->compressing, false);
        t->compressing = NULL; /* what the thread still has is dropped with the log */
}
