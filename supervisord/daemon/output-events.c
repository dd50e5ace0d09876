/*
 * Output of the programs as the loop sees it: their pipes are read when they are readable, the
 * threads that write logs are served, and what goes wrong on the way to a log is told.
 */
#include "daemon/output-events.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "daemon/entry/entry.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/event-source.h"
#include "log/log.h"

static int on_outputs(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;
        int r;

        r = outputs_dispatch(s->host->outputs);
        if (r < 0)
                log_error("cannot read the programs' output: %s", strerror(-r));
        return 0;
}

static const char *words_output_error(int error) {
        return error == ETIMEDOUT ? "the disk does not answer" : strerror(error);
}

static void start_compressor(const Entry *entry, const OutputEvent *event) {
        const OutputCompress *tool = &event->compress;
        Host *h = entry->supervisor->host;
        int r;

        r = tools_start(h->tools, tool->argv, tool->stdin_fd, tool->stdout_fd, tool->id);
        if (r >= 0)
                return;
        log_warn("cannot compress the old log of %s with %s, it stays as it is: %s", event->target,
                 tool->argv[0], strerror(-r));
        outputs_compressed(h->outputs, tool->id, /* succeeded= */ false);
}

void supervisor_on_output(void *owner, const OutputEvent *event, void *userdata) {
        const Entry *entry = owner;
        const char *stream = event->stream == OUTPUT_STDOUT ? "stdout" : "stderr";
        const char *name = entry_get_process(entry)->config->name;

        switch (event->kind) {
        case OUTPUT_EVENT_FALLBACK:
                log_warn("%s of '%s' cannot go to %s: %s", stream, name, event->target,
                         strerror(event->error));
                return;
        case OUTPUT_EVENT_FAILING:
                log_event(LOG_LEVEL_ERROR, ENTRY_FIELDS(entry, LOG_MESSAGE_OUTPUT_LOST),
                          "cannot write %s of '%s' to %s, trying again: %s", stream, name,
                          event->target, words_output_error(event->error));
                return;
        case OUTPUT_EVENT_RESUMED:
                log_event(event->dropped_bytes > 0 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
                          ENTRY_FIELDS(entry, LOG_MESSAGE_OUTPUT_RESUMED),
                          "%s of '%s' is written to %s again, %llu lines (%llu bytes) were lost",
                          stream, name, event->target, (unsigned long long)event->dropped_lines,
                          (unsigned long long)event->dropped_bytes);
                return;
        case OUTPUT_EVENT_ROTATION_FAILED:
                log_error("cannot rotate %s: %s", event->target, strerror(event->error));
                return;
        case OUTPUT_EVENT_DATA:
                log_debug("'%s' %s output:\n%.*s", name, stream, (int)event->size, event->data);
                return;
        case OUTPUT_EVENT_COMPRESS:
                start_compressor(entry, event);
                return;
        case OUTPUT_EVENT_CAPTURED:
                return; /* for listeners */
        }
}

static int on_writers(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Supervisor *s = userdata;

        writers_dispatch(s->options->writers);
        return 0;
}

/* The loop is about to sleep: what it has queued in this turn is written now. */
static int on_before_sleep(sd_event_source *source, void *userdata) {
        Supervisor *s = userdata;

        writers_kick(s->options->writers);
        return 0;
}

static int watch_writers(Supervisor *s) {
        sd_event_source *source = NULL;
        int r;

        if (!s->options->writers)
                return 0;

        r = sd_event_add_io(s->event, &source, writers_get_fd(s->options->writers), EPOLLIN,
                            on_writers, s);
        if (r >= 0)
                r = sd_event_source_set_priority(source, PRIORITY_OUTPUT);
        if (r >= 0)
                r = sd_event_source_set_prepare(source, on_before_sleep);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        if (r < 0)
                log_critical("cannot watch the logs being written: %s", strerror(-r));
        return r;
}

static int on_log(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        log_dispatch();
        return 0;
}

int supervisor_watch_output(Supervisor *s) {
        int r;

        r = supervisor_watch_fd(s, outputs_get_fd(s->host->outputs), on_outputs, PRIORITY_OUTPUT);
        if (r >= 0)
                r = watch_writers(s);
        if (r >= 0)
                r = supervisor_watch_fd(s, log_get_fd(), on_log, PRIORITY_IDLE);
        return r;
}
