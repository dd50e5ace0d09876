/*
 * A log that several writers append to: a regular file with rotation by size, or anything else that
 * a path or a descriptor leads to (FIFO, terminal, socket), which is written in order and never
 * rotated.
 *
 * Nothing here blocks or fails for good. What cannot be written now (disk full, directory gone,
 * nobody reads the terminal) is kept in a bounded buffer; what does not fit is dropped by whole
 * lines and counted for the writer whose lines they were. logfile_retry() resumes. Rotation happens
 * at line ends and neither loses nor tears anything.
 *
 * The process must ignore SIGPIPE and SIGXFSZ.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

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

LogFile *logfile_free(LogFile *file);
DEFINE_CLEANUP(LogFile, logfile_free);

/* The path, or the name. */
const char *logfile_get_path(const LogFile *file);

/*
 * Open the file, which is made if it does not exist (mode 0666 less the umask). Does nothing if it
 * is open. Returns 0 or -errno; logfile_retry() tries again then.
 */
int logfile_open(LogFile *file);

/* Open the file anew by its name, to follow somebody who moved it. The old one stays in use until
 * that works. Does nothing for what is not a regular file. */
void logfile_reopen(LogFile *file);

/* Append @size bytes of the writer @tally: what cannot be written is kept, or dropped and counted.
 */
void logfile_write(LogFile *file, LogTally *tally, const char *data, size_t size);

/* Why writing fails at the moment, as a positive errno; 0 if it does not. EAGAIN: the reader is
 * slow. */
int logfile_get_error(const LogFile *file);

/* Why the last rotation failed, as a positive errno, or 0. The file grows on meanwhile. */
int logfile_get_rotation_error(const LogFile *file);

/*
 * When to call logfile_retry() next, on CLOCK_MONOTONIC; USEC_INFINITY if nothing is wrong or if
 * only EPOLLOUT on logfile_get_fd() tells. logfile_retry() writes what was kept, as far as it goes.
 */
uint64_t logfile_get_retry_usec(const LogFile *file);
void logfile_retry(LogFile *file);

/* The descriptor in use, borrowed, or -1; it changes with rotation and reopening. */
int logfile_get_fd(const LogFile *file);
bool logfile_is_regular(const LogFile *file);

/* Bytes kept for a destination that does not take them now. */
size_t logfile_get_kept(const LogFile *file);

/* Rotate now, whatever the size. Returns 0 or -errno; -ENOTTY if this is no regular file. */
int logfile_rotate(LogFile *file);

/* Replace the file by an empty one of its name. Returns 0 or -errno. */
int logfile_clear(LogFile *file);
