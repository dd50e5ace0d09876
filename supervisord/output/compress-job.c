/*
 * A compression that is under way: see compress-job.h. Each of its two steps is a LogJob, done by
 * the log's thread; in between it waits for the tool.
 */
#include "output/compress-job.h"

#include <errno.h>

#include "output/compress.h"

struct CompressJob {
        LogJob job; /* first */
        LogFile *file;
        const CompressJobCalls *calls;
        void *userdata;
        CompressJob **slot; /* NULL: nobody asks any more */
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

/* Give up what was begun. */
static void on_dropped(LogJob *job) {
        CompressJob *c = from_job(job);

        (void)compress_end(&c->compression, false); /* if it was begun */
        safe_close(c->source_fd);
        safe_close(c->result_fd);
        free(c);
}

/* Free @c, and tell how it ended. */
static void finish(CompressJob *c, bool compressed, int error) {
        const CompressJobCalls *calls = c->calls;
        void *userdata = c->userdata;
        bool is_wanted = c->slot;

        if (is_wanted)
                *c->slot = NULL;
        on_dropped(&c->job);
        if (is_wanted)
                calls->on_end(userdata, compressed, error);
}

static void do_begin(LogJob *job) {
        CompressJob *c = from_job(job);

        c->result = compress_begin(&c->compression, &c->source_fd, &c->result_fd);
}

static void on_begun(LogJob *job) {
        CompressJob *c = from_job(job);
        _cleanup_(closep) int source = TAKE_FD(c->source_fd), result = TAKE_FD(c->result_fd);
        const OutputCompress tool = {
                .id = c->id,
                .argv = compress_argv(c->compression.kind),
                .stdin_fd = source,
                .stdout_fd = result,
        };

        if (c->result <= 0) {
                finish(c, false, -c->result);
                return;
        }

        c->is_awaiting_tool = true;
        if (!c->calls->on_tool(c->userdata, &tool)) /* else @c may be gone now */
                finish(c, false, 0);
}

static void do_end(LogJob *job) {
        CompressJob *c = from_job(job);

        c->result = compress_end(&c->compression, c->succeeded);
}

static void on_ended(LogJob *job) {
        CompressJob *c = from_job(job);

        finish(c, c->result >= 0 && c->succeeded, c->result < 0 ? -c->result : 0);
}

int compress_job_begin(const CompressJobOptions *o, CompressJob **slot) {
        CompressJob *c;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        *c = (CompressJob){
                .job = { .work = do_begin, .done = on_begun, .dropped = on_dropped },
                .file = o->file,
                .calls = o->calls,
                .userdata = o->userdata,
                .slot = slot,
                .id = o->id,
                .compression = { .path = logfile_get_path(o->file),
                                 .backups = logfile_get_backups(o->file),
                                 .kind = o->kind },
                .source_fd = -1,
                .result_fd = -1,
        };

        *slot = c;
        r = logfile_run(o->file, &c->job);
        if (r < 0) /* and @c was dropped */
                *slot = NULL;
        return r;
}

static void end(CompressJob *c, bool succeeded) {
        const CompressJobCalls *calls = c->calls;
        void *userdata = c->userdata;
        CompressJob **slot = c->slot;
        int r;

        c->is_awaiting_tool = false;
        c->succeeded = succeeded;
        c->job.work = do_end;
        c->job.done = on_ended;
        r = logfile_run(c->file, &c->job);
        if (r < 0 && slot) { /* and @c was dropped */
                *slot = NULL;
                calls->on_end(userdata, false, -r);
        }
}

void compress_job_tool_ended(CompressJob *c, unsigned id, bool succeeded) {
        if (c && c->is_awaiting_tool && c->id == id)
                end(c, succeeded);
}

void compress_job_stop(CompressJob **slot) {
        CompressJob *c = TAKE_PTR(*slot);

        if (!c)
                return;
        c->slot = NULL; /* what the thread still has is dropped with the log */
        if (c->is_awaiting_tool)
                end(c, false);
}
