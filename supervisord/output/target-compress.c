#include <errno.h>

#include "output/output-private.h"

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

/* A backup stays uncompressed until the next rotation, which tries it again. */
static void tell(const Target *t, int error) {
        OutputEvent event = { .kind = OUTPUT_EVENT_ROTATION_FAILED, .error = -error };
        Channel *channel = LIST_FIRST(&t->channels);

        if (error < 0 && channel)
                channel_emit(channel, &event);
}

static void on_begun(LogJob *job) {
        CompressJob *c = from_job(job);
        Target *t = c->target;
        Channel *channel = LIST_FIRST(&t->channels);
        _cleanup_(closep) int source = TAKE_FD(c->source_fd), result = TAKE_FD(c->result_fd);
        OutputEvent event = { .kind = OUTPUT_EVENT_COMPRESS };
        int error = c->result;

        if (error <= 0 || !channel) {
                t->compressing = NULL;
                on_dropped(job);
                tell(t, error);
                return;
        }

        c->is_awaiting_tool = true;
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
        bool go_on = c->result >= 0 && c->succeeded;
        int error = c->result;

        t->compressing = job_free(c);
        if (go_on)
                target_compress(t); /* what was rotated meanwhile */
        else
                tell(t, error);
}

/* What cannot be queued is dropped. */
static void queue(CompressJob *c) {
        Target *t = c->target;
        int r;

        t->compressing = c;
        r = logfile_run(t->file, &c->job);
        if (r < 0) {
                t->compressing = NULL;
                tell(t, r);
        }
}

void target_compress(Target *t) {
        CompressJob *c;

        if (t->compress == LOG_COMPRESS_NONE || t->compressing || !t->outputs->on_event)
                return;

        c = calloc(1, sizeof(*c));
        if (!c) {
                tell(t, -ENOMEM);
                return;
        }
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
        queue(c);
}

static void end(CompressJob *c, bool succeeded) {
        c->is_awaiting_tool = false;
        c->succeeded = succeeded;
        c->job.work = do_end;
        c->job.done = on_ended;
        queue(c);
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
