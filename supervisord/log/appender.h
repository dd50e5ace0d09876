/*
 * The file (or FIFO, terminal, socket) that a log is appended to: opening, writing, rotation by
 * size. All of this may block for as long as a disk does, so it is done by one thread at a time
 * (see writers.h); only what is not a regular file is guaranteed not to block.
 *
 * Errors are kept, not returned: the caller looks at the state when it has done its work.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct Appender Appender;

/* What is known about the file. All zero but the descriptor before it is first opened. */
typedef struct AppenderState {
        int error;           /* why writing fails, as a positive errno; 0 if it does not. EAGAIN:
                                the reader is slow */
        uint64_t retry_usec; /* when to try again, on CLOCK_MONOTONIC; USEC_INFINITY if nothing is
                                wrong or if only EPOLLOUT on @fd tells */
        int rotation_error;  /* why the last rotation, reopening or clearing failed, likewise; the
                                old file is written on meanwhile */
        uint64_t rotations;
        int fd; /* in use, or -1 */
        bool is_regular;
} AppenderState;

/* As logfile_new() and logfile_new_fd(). */
int appender_new(const char *path, int64_t max_bytes, int64_t backups, Appender **ret);
int appender_new_fd(int fd, const char *name, Appender **ret);
Appender *appender_free(Appender *appender);
DEFINE_CLEANUP(Appender, appender_free);

void appender_set_suffix(Appender *appender, const char *suffix);
const char *appender_get_path(const Appender *appender);
int64_t appender_get_backups(const Appender *appender);
AppenderState appender_get_state(const Appender *appender);

/* False for what is known not to be on a disk: a terminal, a pipe, a socket. */
bool appender_may_block(const Appender *appender);

/* Open the file if it is not open. Returns 0 or -errno. */
int appender_open(Appender *appender);

/* Open it anew by its name. Does nothing for what is not a regular file. */
void appender_reopen(Appender *appender);

/* Append; rotates on the way. Returns how many bytes went, fewer only when there is an error. */
size_t appender_put(Appender *appender, const char *data, size_t size);

/* Returns 0 or -errno; -ENOTTY if this is no regular file. */
int appender_rotate(Appender *appender);

/* Replace the file by an empty one of its name. Returns likewise. */
int appender_clear(Appender *appender);
