/*
 * What the daemon is told of its children's output: see output_event_fn. Part of what output.h and
 * outputs.h show to others; those below them, who find out, need no more than this.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

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
                                 partial lines of this stream were lost since it failed (may be
                                 0) */
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
