/*
 * Compressing rotated log files by the distribution's tools, one at a time and without ever leaving
 * a half-written file under a final name: the tool reads the old file as its stdin and writes to a
 * temporary file, which replaces the old one when the tool says that it is complete. The old file
 * may be moved on by further rotations meanwhile.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "config/model/config.h"

typedef struct Compression {
        const char *path; /* the current log, borrowed */
        int64_t backups;
        LogCompress kind;

        bool running;
        dev_t source_device;
        ino_t source_inode;
} Compression;

/* ".gz" and so on; NULL for LOG_COMPRESS_NONE. */
const char *compress_suffix(LogCompress kind);

/* The tool and its arguments, to be found in PATH. */
const char *const *compress_argv(LogCompress kind);

/*
 * Open the youngest backup that is not compressed yet (an older one may be rotated away before the
 * tool is done), and a temporary file for the result. Returns 1 with both descriptors the caller's,
 * 0 if there is nothing to do or a compression is running, -errno.
 */
int compress_begin(Compression *compression, int *ret_source_fd, int *ret_result_fd);

/* The tool has ended: put its result in place if it @succeeded, else throw it away. Returns -errno
 * if the result could not be put in place; the backup is kept as it was then. */
int compress_end(Compression *compression, bool succeeded);
