/*
 * What children write to their stdout and stderr: where it goes, and how it gets there without ever
 * blocking a child for our sake or the daemon for anybody's.
 *
 * Outputs is the whole: one descriptor for the event loop, however many children there are. The
 * streams of one process are an Output, see output.h.
 *
 * The daemon must ignore SIGPIPE. All descriptors are made O_CLOEXEC.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "log/writers.h"
#include "output/output-event.h"

typedef struct Outputs Outputs;

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

/* For output.c alone: what all streams have in common, borrowed. */
struct ChannelShare *outputs_get_share(Outputs *outputs);
