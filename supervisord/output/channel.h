/*
 * One stream of one process over all its restarts, and the only place that knows both ends of it:
 *
 *         child ──► Pipe ──► Channel ──► Target ──► file, FIFO, terminal …
 *                               └─────► syslog, events, last lines
 *
 * It decides what the child is given as this stream: the destination itself where nothing has to be
 * done with the bytes on their way, else a pipe. Pipes (of the child, and of earlier ones that left
 * descendants) and the Target lie below it and tell it what happens by their calls.
 */
#pragma once

#include "log/syslog.h"
#include "output/output-event.h"
#include "output/pipe-turns.h"
#include "output/tail.h"
#include "output/target.h"

typedef struct Channel Channel;

/* What all channels have in common; Outputs owns it. */
typedef struct ChannelShare {
        PipeTurns turns;
        TargetSet targets;
        char *childlogdir; /* for AUTO files, as is … */
        char *identifier;
        bool echo;                /* OUTPUT_EVENT_DATA for every stream that comes through a pipe */
        output_event_fn on_event; /* or NULL */
        void *userdata;
        int null_fd;
        LogSocket syslog;
        char *formatted; /* of lines that are to be written, once a log has a format */
        size_t formatted_size;
} ChannelShare;

/* The process whose streams they are; Output owns it. */
typedef struct ChannelProcess {
        ChannelShare *share;
        ProcessConfig *config;
        void *owner; /* for on_event */
        pid_t pid;
} ChannelProcess;

struct Channel {
        ChannelProcess *process;
        OutputStream stream;
        char *path;      /* the log file, or NULL */
        Target *target;  /* once something had to be written to @path, or NULL */
        TargetUser user; /* of target */

        struct Pipes pipes;
        int child_fd;       /* the end for the child between channel_open() and its start */
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

/* What the channels want to be told by pipes and targets. */
extern const PipeCalls channel_pipe_calls;
extern const TargetCalls channel_target_calls;

/* Is there anything to do for @stream of @config? Else the child gets /dev/null, or its stdout. */
bool channel_is_needed(const ProcessConfig *config, OutputStream stream);

/* Has anything to be done with the bytes but to store them? */
bool channel_wants_bytes(const ProcessConfig *config, OutputStream stream);

/* An AUTO file is made here. Returns 0 or -errno. */
int channel_new(ChannelProcess *process, OutputStream stream, Channel **ret);
Channel *channel_free(Channel *channel); /* what the pipes still hold is written first */
DEFINE_CLEANUP(Channel, channel_free);

/*
 * Give what a new child is to have as this stream. *ret_fd stays the channel's, until
 * channel_close_child_fd(). A log that cannot be opened is told, and is no error. Returns 0 or
 * -errno: there are no descriptors or memory left.
 */
int channel_open(Channel *channel, int *ret_fd);
void channel_close_child_fd(Channel *channel);

/* Log what is in the pipes now; unfinished lines included. */
void channel_drain(Channel *channel);

const LogTarget *channel_config(const Channel *channel);

/* "stdout", "stderr". */
const char *channel_stream_name(const Channel *channel);

/* Tell @event; its stream, and its target if that is NULL, are filled in. */
void channel_emit(Channel *channel, OutputEvent *event);

/* Have what the channel's log_format needs. Returns 0 or -ENOMEM. */
int channel_prepare_format(const Channel *channel);

/*
 * Log @data, which came from where these unfinished @lines did, to all destinations. With @block
 * (else NULL) @data lies at its beginning, and the block may be handed on, see
 * logfile_write_block(). channel_end_lines() logs what is unfinished.
 */
void channel_write(Channel *channel, Lines *lines, const char *data, size_t size, LogBlock **block);
void channel_end_lines(Channel *channel, Lines *lines);
