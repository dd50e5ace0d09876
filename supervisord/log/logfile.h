/*
 * A log that several writers append to: a regular file with rotation by size, or anything else that
 * a path or a descriptor leads to (FIFO, terminal, socket), which is written in order and never
 * rotated.
 *
 * Nothing here blocks or fails for good. With logfile_attach() all that is done to the file is done
 * by a thread, in the order of the calls, and what is queued for it is bounded; without it is done
 * at once, which blocks as long as the disk does. What cannot be written now (disk full, directory
 * gone, disk hung, nobody reads the terminal) is kept in a bounded buffer; what does not fit is
 * dropped by whole lines and counted for the writer whose lines they were. logfile_retry() resumes.
 * Rotation happens at line ends and neither loses nor tears anything.
 *
 * All functions are for the thread of the event loop. The process must ignore SIGPIPE and SIGXFSZ.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "log/writers.h"

typedef struct LogFile LogFile;

/* One writer's account; zero-initialised by its owner. */
typedef struct LogTally {
        uint64_t dropped_bytes;
        uint64_t dropped_lines; /* whole or in part */
        bool mid_line;          /* what was taken last did not end a line */
        bool dropping;          /* inside a line that is being dropped … */
        bool torn;              /* … whose beginning was taken */
} LogTally;

/*
 * A log at @path, not opened yet. @max_bytes <= 0: never rotated; @backups <= 0: emptied instead of
 * moved. *ret is the caller's.
 */
int logfile_new(const char *path, int64_t max_bytes, int64_t backups, LogFile **ret);

/* Backups may have been renamed to end in @suffix (a literal, or NULL) since. For compressed ones.
 */
void logfile_set_suffix(LogFile *file, const char *suffix);

/* How often the file was rotated since logfile_new(). */
uint64_t logfile_get_rotations(const LogFile *file);
int64_t logfile_get_backups(const LogFile *file);

/* A log at what @fd (borrowed for the call) refers to; @name is for messages. */
int logfile_new_fd(int fd, const char *name, LogFile **ret);

/*
 * What is kept is tried once more. Of an attached log only what is its owner's is freed; the rest
 * follows when the thread has done what was queued.
 */
LogFile *logfile_free(LogFile *file);
DEFINE_CLEANUP(LogFile, logfile_free);

/*
 * From now on have a thread of @writers do what may block; does nothing for what never does unless
 * @is_ordered is set. writers_dispatch() calls @on_change when the error, the rotations or
 * logfile_is_busy() may have changed. With @is_ordered nothing is written before what was queued
 * earlier in files where it is not set.
 */
typedef struct LogFileOptions {
        bool is_ordered;
        void (*on_change)(void *userdata);
        void *userdata;
} LogFileOptions;
void logfile_attach(LogFile *file, Writers *writers, const LogFileOptions *options);

/* The path, or the name. */
const char *logfile_get_path(const LogFile *file);

/*
 * Open the file, which is made if it does not exist (mode 0666 less the umask). Does nothing if it
 * is open. Returns 0 or -errno; logfile_retry() tries again then. An attached one is opened later,
 * and returns 0.
 */
int logfile_open(LogFile *file);

/* Open the file anew by its name, to follow somebody who moved it. The old one stays in use until
 * that works. Does nothing for what is not a regular file. */
void logfile_reopen(LogFile *file);

/* Append @size bytes of the writer @tally: what cannot be written is kept, or dropped and counted.
 */
void logfile_write(LogFile *file, LogTally *tally, const char *data, size_t size);

/*
 * A buffer of LOGBLOCK_SIZE bytes that may be handed to a log instead of having its bytes copied.
 * @writers (may be NULL) keeps some for those who need the next one. logblock_new() returns NULL
 * without memory.
 */
#define LOGBLOCK_SIZE ((size_t)64 * 1024)
typedef struct LogBlock LogBlock;
LogBlock *logblock_new(Writers *writers);
LogBlock *logblock_free(LogBlock *block);
char *logblock_data(LogBlock *block);

/* Append the first @size bytes of *block, and replace *block if it was handed over. Otherwise as
 * logfile_write(). */
void logfile_write_block(LogFile *file, LogTally *tally, LogBlock **block, size_t size);

/* Why writing fails at the moment, as a positive errno; 0 if it does not. EAGAIN: the reader is
 * slow. ETIMEDOUT: the disk does not answer. */
int logfile_get_error(const LogFile *file);

/* Why the last rotation, reopening or clearing failed, as a positive errno, or 0. The file grows on
 * meanwhile. */
int logfile_get_rotation_error(const LogFile *file);

/*
 * When to call logfile_retry() next, on CLOCK_MONOTONIC; USEC_INFINITY if nothing is wrong or if
 * only EPOLLOUT on logfile_get_fd() tells. logfile_retry() writes what was kept, as far as it goes.
 */
uint64_t logfile_get_retry_usec(const LogFile *file);
void logfile_retry(LogFile *file);

/* A thread is about to retry: nothing else is to be waited for until on_change tells. */
bool logfile_is_retrying(const LogFile *file);

/* The descriptor in use, borrowed, or -1; it changes with rotation and reopening. */
int logfile_get_fd(const LogFile *file);
bool logfile_is_regular(const LogFile *file);

/* Bytes kept for a destination that does not take them now, or queued for the thread. */
size_t logfile_get_kept(const LogFile *file);

/* So much is queued for the thread that the writers to this log should pause. on_change tells when
 * that ends. */
bool logfile_is_busy(const LogFile *file);

/* Rotate now, whatever the size. Returns 0 or -errno; -ENOTTY if this is no regular file. For an
 * attached one logfile_get_rotation_error() tells later. */
int logfile_rotate(LogFile *file);

/* Replace the file by an empty one of its name. Returns likewise. */
int logfile_clear(LogFile *file);

/*
 * Something else that concerns the file and may block, done in order with all the rest: work() is
 * called in the thread, then done() in the loop, which may free the job. If the log is freed before
 * that, dropped() is called instead, in either. Without a thread all happens at once.
 */
typedef struct LogJob LogJob;
struct LogJob {
        void (*work)(LogJob *job);
        void (*done)(LogJob *job);
        void (*dropped)(LogJob *job);
        TAILQ_ENTRY(LogJob) jobs;
};

/* Takes @job over. Returns -ENOMEM with it dropped. */
int logfile_run(LogFile *file, LogJob *job);
