/*
 * Part of the channel (channel.h): where the bytes of a stream go: to syslog, to the last lines, to
 * the listeners of events and to its target, in the log's format.
 */
#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "output/channel.h"
#include "output/lineformat.h"

/* Room for many lines between two writes. */
#define FORMATTED_SIZE (2 * LINEFORMAT_MAX)

typedef struct Formatting {
        Channel *channel;
        LineHead head;
} Formatting;

static void settle(Channel *c) {
        if (target_changed(c->target))
                target_settle(c->target);
}

static void write_plain(Channel *c, const char *data, size_t size, LogBlock **block) {
        if (block)
                logfile_write_block(target_get_file(c->target), &c->tally, block, size);
        else
                logfile_write(target_get_file(c->target), &c->tally, data, size);
        settle(c);
}

static void write_formatted(Channel *c) {
        ChannelShare *share = c->process->share;

        if (share->formatted_size == 0)
                return;

        logfile_write(target_get_file(c->target), &c->tally, share->formatted,
                      share->formatted_size);
        share->formatted_size = 0;
        settle(c);
}

static void on_formatted_line(const char *line, size_t size, bool whole, void *userdata) {
        Formatting *f = userdata;
        ChannelShare *share = f->channel->process->share;

        if (share->formatted_size + LINEFORMAT_MAX > FORMATTED_SIZE)
                write_formatted(f->channel);
        share->formatted_size += lineformat_line(&f->head, line, size, whole,
                                                 share->formatted + share->formatted_size);
}

static void begin_formatting(Channel *c, Formatting *ret) {
        const ProcessConfig *config = c->process->config;
        LineOrigin origin = {
                .process = config->name,
                .group = config->group,
                .stream = channel_stream_name(c),
                .pid = c->process->pid,
        };

        (void)clock_gettime(CLOCK_REALTIME, &origin.when);
        ret->channel = c;
        lineformat_head(config->settings->log_format, &origin, &ret->head);
}

static bool has_format(const Channel *c) {
        return c->process->config->settings->log_format != LOG_FORMAT_PLAIN;
}

int channel_prepare_format(const Channel *c) {
        ChannelShare *share = c->process->share;

        if (has_format(c) && !share->formatted)
                share->formatted = malloc(FORMATTED_SIZE);
        return has_format(c) && !share->formatted ? -ENOMEM : 0;
}

static void report_syslog(Channel *c, int error, size_t size) {
        OutputEvent event = { .target = "syslog", .error = error };

        if (error != 0) {
                c->syslog_dropped_bytes += size;
                c->syslog_dropped_lines++;
        }
        if ((error != 0) == (c->syslog_error != 0))
                return;

        event.kind = OUTPUT_EVENT_FAILING;
        if (error == 0) {
                event.kind = OUTPUT_EVENT_RESUMED;
                event.error = c->syslog_error;
                event.dropped_bytes = c->syslog_dropped_bytes - c->syslog_reported_bytes;
                event.dropped_lines = c->syslog_dropped_lines - c->syslog_reported_lines;
                c->syslog_reported_bytes = c->syslog_dropped_bytes;
                c->syslog_reported_lines = c->syslog_dropped_lines;
        }
        c->syslog_error = error;
        channel_emit(c, &event);
}

/* "%s %s" of name and line under our own name is Python's form. */
static void on_syslog_line(const char *line, size_t size, bool whole, void *userdata) {
        Channel *c = userdata;
        const ProcessConfig *config = c->process->config;
        const SyslogTag tag = {
                .priority = (config->settings->syslog_facility ? config->settings->syslog_facility
                                                               : LOG_USER) |
                            LOG_INFO,
                .identifier =
                        config->settings->syslog_tag ? config->settings->syslog_tag : "supervisord",
                .pid = config->settings->syslog_tag ? c->process->pid : 0,
        };
        char text[LINEBUF_MAX + 300];
        int n = 0, r;

        if (!config->settings->syslog_tag)
                n = snprintf(text, sizeof(text) - LINEBUF_MAX, "%.255s ", config->name);
        memcpy(text + n, line, size);

        r = syslog_send(&c->process->share->syslog, &tag, text, (size_t)n + size);
        report_syslog(c, r < 0 ? -r : 0, size);
}

void channel_write(Channel *c, Lines *lines, const char *data, size_t size, LogBlock **block) {
        const LogTarget *config = channel_config(c);
        OutputEvent event = { .kind = OUTPUT_EVENT_DATA, .data = data, .size = size };
        Formatting formatting;

        if (config->syslog)
                linebuf_push(&lines->syslog, data, size, on_syslog_line, c);
        if (c->process->config->settings->last_output_lines > 0)
                tail_push(&c->tail, data, size);
        if (config->events_enabled || c->process->share->echo)
                channel_emit(c, &event);

        /* Last, as *block may be handed on. */
        if (c->target && has_format(c)) {
                begin_formatting(c, &formatting);
                linebuf_push(&lines->formatted, data, size, on_formatted_line, &formatting);
                write_formatted(c);
        } else if (c->target) {
                write_plain(c, data, size, block);
        }
}

void channel_end_lines(Channel *c, Lines *lines) {
        Formatting formatting;

        if (c->target && lines->formatted.size > 0) {
                begin_formatting(c, &formatting);
                linebuf_flush(&lines->formatted, on_formatted_line, &formatting);
                write_formatted(c);
        }
        linebuf_flush(&lines->syslog, on_syslog_line, c);
}
