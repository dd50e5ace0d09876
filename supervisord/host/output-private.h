/*
 * What outputs.c (the loop's side), channel.c (one stream) and output.c (one process) share. Not
 * for anybody else.
 *
 *         child ──pipe──► Pipe ─► Channel ─► Target ──► file, FIFO, terminal …
 *                                    └────► syslog
 *
 * A Channel is one stream of one process over all its restarts; a Pipe is what one child (and its
 * descendants) write to. A Target is shared by all channels that log to the same path, as a file
 * can be rotated by one owner only.
 */
#pragma once

#include <sys/queue.h>

#include "base/logfile.h"
#include "base/syslog.h"
#include "host/linebuf.h"
#include "host/output.h"

typedef struct Target Target;
typedef struct Channel Channel;
typedef struct Pipe Pipe;

struct Target {
        Outputs *outputs;
        unsigned n_ref;
        LogFile *file;
        int watched_fd; /* in outputs->epoll_fd for EPOLLOUT, or -1 */
        LIST_HEAD(, Channel) channels;
        LIST_ENTRY(Target) targets;
};

struct Pipe {
        int fd; /* our end, O_NONBLOCK */
        Channel *channel;
        LIST_ENTRY(Pipe) pipes;
};

struct Channel {
        Output *output;
        OutputStream stream;
        char *path;                   /* the log file, or NULL */
        Target *target;               /* once something had to be written to @path, or NULL */
        LIST_ENTRY(Channel) channels; /* of target */

        LIST_HEAD(, Pipe) pipes;
        int child_fd;       /* the end for the child between output_open() and output_started() */
        bool owns_child_fd; /* else it is borrowed */

        uint64_t bytes;
        LogTally tally;
        uint64_t reported_bytes, reported_lines; /* of tally, in OUTPUT_EVENT_RESUMED */
        int reported_error;
        int reported_rotation_error;
        LineBuf syslog_lines;
};

struct Output {
        Outputs *outputs;
        ProcessConfig *config;
        void *owner;
        pid_t pid;
        int stdin_read_fd;  /* until output_started() */
        int stdin_write_fd; /* held open for the child */
        Channel channels[2];
};

struct Outputs {
        char *childlogdir;
        char *identifier;
        bool strip_ansi;
        bool echo;
        output_event_fn on_event;
        void *userdata;

        int epoll_fd; /* what the event loop sees: the three below, and targets for EPOLLOUT */
        int pipes_epoll_fd; /* all pipes */
        int timer_fd;       /* for what has to be tried again */
        uint64_t armed_usec;
        int null_fd;
        char *buffer;
        LogSocket syslog;
        LIST_HEAD(, Target) targets;
};

#define BUFFER_SIZE 65536U

/* outputs.c */
int outputs_watch_pipe(Outputs *outputs, Pipe *pipe);
int outputs_get_target(Outputs *outputs, const LogTarget *config, const char *path, Target **ret);
void outputs_put_target(Target *target); /* NULL is fine */

/* After anything was done with @target: watch, time and report what became of it. */
void target_settle(Target *target);
void channel_emit(Channel *channel, OutputEvent *event);

/* channel.c */
int channel_init(Channel *channel, Output *output, OutputStream stream);
void channel_done(Channel *channel);
int channel_open(Channel *channel, int *ret_fd);
void channel_close_child_fd(Channel *channel);
void channel_write(Channel *channel, const char *data, size_t size);
void channel_drain(Channel *channel);

/* Read and log what @pipe has, at most @max bytes. Returns how many bytes that was; the pipe may be
 * gone afterwards. */
size_t pipe_copy(Pipe *pipe, size_t max);
