/*
 * What children write to their stdout and stderr: where it goes, and how it gets there without ever
 * blocking a child for our sake or the daemon for anybody's.
 *
 * Outputs is the whole: one descriptor for the event loop, however many children there are. An
 * Output is the pair of streams of one process over all its restarts. Where nothing has to be done
 * with the bytes on their way (`inherit`, /dev/stdout, the journal, NONE, a file marked `direct`)
 * the child is given the destination itself; otherwise a pipe that is copied here.
 *
 * The daemon must ignore SIGPIPE. All descriptors are made O_CLOEXEC.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "log/writers.h"

typedef struct Outputs Outputs;
typedef struct Output Output;

typedef enum OutputStream { /* index into ProcessConfig.log[] */
        OUTPUT_STDOUT,
        OUTPUT_STDERR,
} OutputStream;

typedef enum OutputEventKind {
        OUTPUT_EVENT_FALLBACK, /* @target cannot be used (@error): its output is thrown away or, for
                                  the journal, goes to the daemon's own stdout or stderr. Told per
                                  start */
        OUTPUT_EVENT_FAILING,  /* writing to @target began to fail with @error (ETIMEDOUT: its disk
                                  does not answer); it is retried, and what does not fit the buffer
                                  meanwhile is dropped and counted */
        OUTPUT_EVENT_RESUMED, /* @target is written again; @dropped_bytes in @dropped_lines whole or
                                 partial lines of this stream were lost since it failed (may be 0)
                               */
        OUTPUT_EVENT_ROTATION_FAILED, /* @target could not be rotated, opened again or cleared
                                         (@error): it grows on meanwhile */
        OUTPUT_EVENT_DATA,            /* @data of @size bytes was logged: for PROCESS_LOG events
                                         (events_enabled) and the debug echo (OutputsOptions.echo) */
        OUTPUT_EVENT_CAPTURED, /* a captured message of @size bytes (PROCESS_COMMUNICATION) */
        OUTPUT_EVENT_COMPRESS, /* run @compress as a child of low priority, and tell
                                  outputs_compressed() how it ended */
} OutputEventKind;

/* A tool that compresses a file that was rotated away. */
typedef struct OutputCompress {
        unsigned id;             /* for outputs_compressed() */
        const char *const *argv; /* to be found in PATH */
        int stdin_fd, stdout_fd; /* borrowed for the call */
} OutputCompress;

typedef struct OutputEvent {
        OutputEventKind kind;
        OutputStream stream;
        const char *target; /* path, or "journal", "syslog", … for messages */
        int error;          /* positive errno */
        uint64_t dropped_bytes, dropped_lines;
        const char *data; /* valid during the call; not terminated */
        size_t size;
        OutputCompress compress;
} OutputEvent;

/*
 * Told from inside outputs_dispatch(), output_open() and output_drain(). @owner is what
 * output_new() was given. Must not free the Output or the Outputs.
 */
typedef void (*output_event_fn)(void *owner, const OutputEvent *event, void *userdata);

typedef struct OutputsOptions {
        const char *childlogdir;  /* where AUTO files are made */
        const char *identifier;   /* part of the AUTO files' names */
        bool keep_auto_files;     /* nocleanup: leave AUTO files of earlier runs in @childlogdir */
        bool strip_ansi;          /* remove escape sequences on the way into the log */
        bool echo;                /* OUTPUT_EVENT_DATA for every stream that comes through a pipe */
        Writers *writers;         /* threads that write the files, borrowed; NULL: it is done at
                                     once and blocks as long as a disk does */
        output_event_fn on_event; /* or NULL */
        void *userdata;
} OutputsOptions;

/*
 * On success *ret is the caller's. Unless keep_auto_files is set, files in childlogdir that are
 * named as an earlier run with this identifier named its AUTO files are removed. Returns -errno if
 * the descriptors cannot be made.
 */
int outputs_new(const OutputsOptions *options, Outputs **ret);
Outputs *outputs_free(Outputs *outputs); /* every Output must be freed before */
DEFINE_CLEANUP(Outputs, outputs_free);

/*
 * The descriptor to watch for EPOLLIN, borrowed; readable only when there is something to do, times
 * included. outputs_dispatch() then does a bounded amount of it (about a millisecond's) and returns
 * 0, or -errno if the descriptors themselves are broken, which is a bug.
 */
int outputs_get_fd(const Outputs *outputs);
int outputs_dispatch(Outputs *outputs);

/* SIGUSR2: open every log file anew by its name. Files that fail to open are retried on their own.
 */
void outputs_reopen(Outputs *outputs);

/* The tool of an OUTPUT_EVENT_COMPRESS has ended, with status 0 if it @succeeded, or could not be
 * started. A file that could not be compressed stays as it is and is tried again after the next
 * rotation. */
void outputs_compressed(Outputs *outputs, unsigned id, bool succeeded);

/* Whether OUTPUT_EVENT_DATA is told for every piped stream; affects processes started later, too.
 */
void outputs_set_echo(Outputs *outputs, bool echo);

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
