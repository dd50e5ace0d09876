/*
 * The streams of one process over all its restarts. Where nothing has to be done with the bytes on
 * their way (`inherit`, /dev/stdout, the journal, NONE, a file marked `direct`) the child is given
 * the destination itself; otherwise a pipe that is copied by the Outputs that it belongs to.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "output/outputs.h"

typedef struct Output Output;

/*
 * The streams of the process that @config describes (a reference is kept). An AUTO file is made
 * here, once. @owner is passed to on_event. Returns -errno if an AUTO file cannot be made or on
 * -ENOMEM.
 */
int output_new(Outputs *outputs, ProcessConfig *config, void *owner, Output **ret);
Output *output_free(Output *output); /* what the pipes still hold is written first, as by a drain */
DEFINE_CLEANUP(Output, output_free);

/*
 * Make stdin, stdout and stderr for a child that is about to be spawned. ret_stdio[] are borrowed
 * and valid until output_started() or the next output_open(). A log that cannot be opened is not an
 * error (see OUTPUT_EVENT_FALLBACK and _FAILING): -errno means that there are no descriptors or
 * memory left
 * (-EMFILE, -ENFILE, -ENOMEM).
 *
 * stdin is a pipe that nobody writes to and that stays open until the next output_open() or
 * output_drain(). Pipes of an earlier child that are still held by its descendants are copied on.
 */
int output_open(Output *output, int ret_stdio[static 3]);

/* The child is made, or was not: close the child's ends. */
void output_started(Output *output, pid_t pid);

/*
 * The child was reaped: write what is in its pipes now, so that it stands in the log before the
 * exit is logged. Bounded by the pipes' size; never blocks. Closes our end of its stdin.
 */
void output_drain(Output *output);

/*
 * Write to the child's stdin. Never blocks. Returns 0; -EAGAIN if not all of it fits before the
 * child reads (then nothing, or only the beginning was written); -ENOENT if there is no such pipe;
 * -EPIPE if the child has closed its end; or -errno.
 */
int output_send_input(Output *output, const void *data, size_t size);

/* Write @text to the log of @stream, as if the child had written it. For failures to start. */
void output_write(Output *output, OutputStream stream, const char *text);

/*
 * Give the end of what the child wrote last: at most @n_max lines of @stream, each cut at 1 KiB,
 * without the final newline. *ret is the caller's, "" if nothing is known. Returns the number of
 * lines, or -ENOMEM. With last_output_lines it is from memory, else from the end of the log, if
 * that is a file.
 */
int output_last_lines(Output *output, OutputStream stream, size_t n_max, char **ret);

/* The file that @stream is logged to, or NULL if it is none of ours to read (NONE, journal, …). */
const char *output_get_path(const Output *output, OutputStream stream);

/* What did not reach one of its destinations since output_new(), and the errno (positive) that
 * writing fails with now, or 0. */
typedef struct OutputStatus {
        uint64_t bytes; /* came through us */
        uint64_t dropped_bytes, dropped_lines;
        int error;
} OutputStatus;
void output_get_status(const Output *output, OutputStream stream, OutputStatus *ret);

/* Empty the log of @stream: a new, empty file takes its name. Returns -errno, -ENOENT without a
 * file. With OutputsOptions.writers it is done in order with what was written before, and
 * OUTPUT_EVENT_ROTATION_FAILED tells if it failed; likewise below. */
int output_clear(Output *output, OutputStream stream);

/* Rotate the log of @stream now, whatever its size. Returns -errno, -ENOENT without a file. */
int output_rotate(Output *output, OutputStream stream);
