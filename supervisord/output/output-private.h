/*
 * What the files behind output.h share; not for anybody else.
 *
 *         child ──pipe──► Pipe ── capture, strip_ansi ──► Channel ─► Target ──► file, FIFO,
 * terminal … └─────► syslog, events, last lines
 *
 * A Channel is one stream of one process over all its restarts; a Pipe is what one child (and its
 * descendants) write to. A Target is shared by all channels that log to the same path, as a file
 * can be rotated by one owner only.
 */
#pragma once

#include <sys/queue.h>

#include "log/logfile.h"
#include "log/syslog.h"
#include "output/ansi.h"
#include "output/capture.h"
#include "output/compress.h"
#include "output/linebuf.h"
#include "output/lineformat.h"
#include "output/output.h"
#include "output/tail.h"

typedef struct Target Target;
typedef struct Channel Channel;
typedef struct Pipe Pipe;
typedef struct CompressJob CompressJob;

/* How much is read at once. More does not help: it leaves the processor's cache. */
#define BUFFER_SIZE LOGBLOCK_SIZE

/* Where so much comes in one turn pipes would fill while we rest. */
#define MUCH_BYTES ((size_t)4 * BUFFER_SIZE)

struct Target {
        Outputs *outputs;
        unsigned n_ref;
        LogFile *file;

        int watched_fd;        /* in outputs->epoll_fd for EPOLLOUT, or -1 */
        bool is_blocked;       /* a slow reader or disk: the pipes wait for it … */
        uint64_t patient_usec; /* … a reader until then, unless it takes something */
        size_t blocked_kept;   /* what it had not taken when that was set */
        bool misses_pipes;     /* some are not watched that should be: tried again */
        bool is_given_up; /* it took nothing for too long: the pipes flow, and lines are dropped */

        LogCompress compress;
        CompressJob *compressing; /* the one that runs, or NULL */
        uint64_t seen_rotations;

        LIST_HEAD(Channels, Channel) channels;
        LIST_ENTRY(Target) targets;
};

/* Lines that are not finished, for what takes only whole ones. */
typedef struct Lines {
        Channel *channel;
        LineBuf formatted;
        LineBuf syslog;
} Lines;

struct Pipe {
        int fd; /* our end, O_NONBLOCK */
        bool is_large;
        bool is_watched; /* by the epoll, or, when it is busy, by looking at it in each turn */
        bool is_busy;    /* in outputs->busy */
        AnsiFilter ansi;
        Capture capture;
        Lines lines;
        LIST_ENTRY(Pipe) pipes;
        TAILQ_ENTRY(Pipe) busy;
};

struct Channel {
        Output *output;
        OutputStream stream;
        char *path;                   /* the log file, or NULL */
        Target *target;               /* once something had to be written to @path, or NULL */
        LIST_ENTRY(Channel) channels; /* of target */

        LIST_HEAD(Pipes, Pipe) pipes;
        int child_fd;       /* the end for the child between output_open() and output_started() */
        bool owns_child_fd; /* else it is borrowed */

        uint64_t bytes;
        LogTally tally;
        Tail tail;

        uint64_t reported_bytes, reported_lines; /* of tally, in OUTPUT_EVENT_RESUMED */
        int reported_error;
        int reported_rotation_error;

        int syslog_error; /* what sending fails with at the moment, positive, or 0 */
        uint64_t syslog_dropped_bytes, syslog_dropped_lines;
        uint64_t syslog_reported_bytes, syslog_reported_lines;
};

struct Output {
        Outputs *outputs;
        ProcessConfig *config;
        void *owner;
        pid_t pid;
        int stdin_read_fd;    /* until output_started() */
        int stdin_write_fd;   /* held open for the child */
        Channel *channels[2]; /* NULL: nothing is kept of the stream */
};

struct Outputs {
        char *childlogdir;
        char *identifier;
        bool strip_ansi;
        bool echo;
        output_event_fn on_event;
        void *userdata;

        int epoll_fd; /* what the event loop sees: the three below, and targets for EPOLLOUT */
        int pipes_epoll_fd; /* pipes; EPOLLONESHOT in the outer one, so that it can rest */
        int rest_fd;        /* timer: the rest is over */
        int retry_fd;       /* timer: something that failed can be tried again */
        uint64_t retry_usec;
        unsigned n_large_pipes;
        TAILQ_HEAD(BusyPipes, Pipe) busy; /* who was not looked at for longest comes first */
        unsigned n_busy;
        unsigned brisk_turns; /* to come: there was more than a little, so rests are short */
        int null_fd;
        LogSocket syslog;
        unsigned next_compression_id;
        Writers *writers;

        LogBlock *block; /* what was read … */
        bool may_give;   /* … and is nobody's any more once it is written */
        char *formatted; /* FORMATTED_SIZE, once a log has a format */
        size_t formatted_size;

        LIST_HEAD(Targets, Target) targets;
};

/* target.c */
int target_get(Outputs *outputs, const LogTarget *config, const char *path, Target **ret);
Target *target_put(Target *target);

/* After anything was done with the file of @target: watch it, time the next attempt, tell what
 * became of it, compress what was rotated. */
void target_settle(Target *target);
bool target_changed(const Target *target);

/* target-compress.c: compress what was rotated; a tool has ended; the target goes. */
void target_compress(Target *target);
void target_compressed(Target *target, unsigned id, bool succeeded);
void target_stop_compressing(Target *target);

/* Try again what is due; gives when to do so next. */
uint64_t target_retry(Target *target, uint64_t now);

/* channel-write.c: have what the channel's log_format needs. Returns 0 or -ENOMEM. */
int channel_prepare_format(const Channel *channel);

/* channel.c: is there anything to do for @stream of @config? Else it is /dev/null, or stdout. */
bool channel_is_needed(const ProcessConfig *config, OutputStream stream);

int channel_new(Output *output, OutputStream stream, Channel **ret);
Channel *channel_free(Channel *channel);
DEFINE_CLEANUP(Channel, channel_free);
int channel_open(Channel *channel, int *ret_fd);
void channel_close_child_fd(Channel *channel);
void channel_drain(Channel *channel);
const LogTarget *channel_config(const Channel *channel);
bool channel_is_blocked(const Channel *channel);
void channel_emit(Channel *channel, OutputEvent *event);

/* channel-write.c: log @data, which came from a stream with these unfinished @lines; what is
 * unfinished at the end. */
void channel_write(Channel *channel, Lines *lines, const char *data, size_t size);
void channel_end_lines(Channel *channel, Lines *lines);

/* pipe.c */
int pipe_new(Channel *channel, int *ret_child_fd);
Pipe *pipe_free(Pipe *pipe);

/* Nothing will come any more: log what is unfinished, and free @pipe. */
void pipe_finish(Pipe *pipe);
DEFINE_CLEANUP(Pipe, pipe_free);

/* Let the event loop see the pipe, or not. Returns 0 or -errno: then it is as it was. */
int pipe_watch(Pipe *pipe, bool watch);

/* Read and log what @pipe has, at most about @max bytes. *ret_more tells whether there may be more
 * now. Returns how many bytes that was; the pipe may be gone afterwards. */
size_t pipe_copy(Pipe *pipe, size_t max, bool *ret_more);

/* The child is gone: log what it has written, unfinished lines included. The pipe may be gone
 * afterwards; else its descendants still hold it. */
void pipe_drain(Pipe *pipe);

/* outputs.c: call outputs_dispatch() at @when_usec at the latest. */
void outputs_retry_at(Outputs *outputs, uint64_t when_usec);
