/*
 * A pipe that one child, and perhaps its descendants, write to. Reading it, it takes out captured
 * messages and terminal sequences, and gives the rest to its owner (a Channel) through PipeCalls.
 * When it is read is decided in pipe-turns.c; where its bytes go it does not know.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "log/logfile.h"
#include "output/ansi.h"
#include "output/capture.h"
#include "output/linebuf.h"

/* How much is read at once. More does not help: it leaves the processor's cache. */
#define PIPE_READ_SIZE LOGBLOCK_SIZE

/* Where so much comes in one turn pipes would fill during a rest. */
#define PIPE_MUCH_BYTES ((size_t)4 * PIPE_READ_SIZE)

typedef struct Pipe Pipe;
LIST_HEAD(Pipes, Pipe); /* of one stream: of the child and of earlier ones that left descendants */

/* What a pipe tells its owner, or asks it. */
typedef struct PipeCalls {
        /* So many bytes were read: to be counted. */
        void (*on_read)(Pipe *pipe, size_t size);

        /* @data is for the log. With @block (else NULL) it lies at the beginning of that block,
         * which may be handed on if it is replaced. */
        void (*on_text)(Pipe *pipe, const char *data, size_t size, LogBlock **block);

        /* A captured message. */
        void (*on_message)(Pipe *pipe, const char *data, size_t size);

        /* Nothing follows for now, or ever: what is unfinished is a line. */
        void (*on_pause)(Pipe *pipe);

        /* May the pipe be read now? @patient: it may be left for later. */
        bool (*may_read)(const Pipe *pipe, bool patient);
} PipeCalls;

/* What all pipes have in common. */
typedef struct PipeSet {
        const PipeCalls *calls;
        int epoll_fd; /* those that are watched and not busy, with the Pipe as data */
        bool strip_ansi;
        unsigned n_large;
        TAILQ_HEAD(BusyPipes, Pipe) busy; /* the one that was not read for longest comes first */
        unsigned n_busy;
        LogBlock *block; /* what is read goes here */
} PipeSet;

/* Lines that are not finished, for destinations that take only whole ones. Used by the owner. */
typedef struct Lines {
        LineBuf formatted;
        LineBuf syslog;
} Lines;

void lines_done(Lines *lines);

struct Pipe {
        int fd; /* our end, O_NONBLOCK */
        bool is_large;
        bool is_watched; /* by the epoll, or, when it is busy, by being read in each turn */
        bool is_busy;    /* in set->busy */
        AnsiFilter ansi;
        PipeSet *set;
        void *owner;
        size_t capture_max_bytes; /* of a message; 0: none is captured */
        Capture capture;
        Lines lines; /* the owner's */
        LIST_ENTRY(Pipe) pipes;
        TAILQ_ENTRY(Pipe) busy;
};

typedef struct PipeOptions {
        void *owner;
        struct Pipes *siblings; /* the list that it enters; it leaves it when it is freed */
        size_t capture_max_bytes;
        bool is_held; /* not watched for now */
} PipeOptions;

/* Make a pipe, which lives until pipe_finish() or until it has ended. *ret_child_fd is the end to
 * write to, the caller's. Returns 0 or -errno. */
int pipe_new(PipeSet *set, const PipeOptions *options, int *ret_child_fd);
Pipe *pipe_free(Pipe *pipe);
DEFINE_CLEANUP(Pipe, pipe_free);

/* Nothing will come any more: give what is unfinished, and free @pipe. */
void pipe_finish(Pipe *pipe);

/* Have the pipe read when something comes, or not. Returns 0 or -errno: then it is as it was. */
int pipe_watch(Pipe *pipe, bool watch);

/* Read what @pipe has, at most about @max bytes. *ret_more tells whether there may be more now.
 * Returns how many bytes that was; the pipe may be gone afterwards. */
size_t pipe_copy(Pipe *pipe, size_t max, bool *ret_more);

/* The child is gone: read what it has written, and give what is unfinished. The pipe may be gone
 * afterwards; else its descendants still hold it. */
void pipe_drain(Pipe *pipe);
