/*
 * The compression of one backup of a log: from opening it until the tool's result is in its place.
 * What touches files is done where the log itself is written, in turn with its rotations. The tool
 * is run by whoever is told of it; which backup is next is for compress.h to find.
 */
#pragma once

#include <stdbool.h>

#include "config/model/config.h"
#include "log/logfile.h"
#include "output/output-event.h"

typedef struct CompressJob CompressJob;

typedef struct CompressJobCalls {
        /* Run @tool and call compress_job_tool_ended(), perhaps at once. Returns false if nobody is
         * there to do it: the job ends then. */
        bool (*on_tool)(void *userdata, const OutputCompress *tool);

        /* The job is gone: it @compressed a backup, and there may be more; or there was none or the
         * tool failed; or something went wrong, and @error is its positive errno. */
        void (*on_end)(void *userdata, bool compressed, int error);
} CompressJobCalls;

typedef struct CompressJobOptions {
        LogFile *file; /* outlives the job, or drops it when it is freed */
        LogCompress kind;
        unsigned id; /* of the tool */
        const CompressJobCalls *calls;
        void *userdata;
} CompressJobOptions;

/* Begin. *slot is the job, which is not to be freed, as long as there is one; NULL after that.
 * Returns 0, or -ENOMEM with nothing begun. */
int compress_job_begin(const CompressJobOptions *options, CompressJob **slot);

/* The tool @id has ended, or did not start. Does nothing if the job, which may be NULL, waits for
 * no such tool. */
void compress_job_tool_ended(CompressJob *c, unsigned id, bool succeeded);

/* The log is about to be freed: throw away what the tool has written, and forget *slot. */
void compress_job_stop(CompressJob **slot);
