/* events: changes as they happen, until Ctrl-C. */
#include "ctl/commands/command-events.h"

#include <poll.h>

#include "base/macro.h"
#include "ctl/client/event-queue.h"
#include "ctl/session/interrupt.h"
#include "ctl/session/word-list.h"
#include "ctl/text/event-text.h"

typedef struct EventStream {
        bool json;
        uint64_t last; /* sequence number; 0: none yet */
} EventStream;

static void show_event(EventStream *stream, const DaemonEvent *e) {
        JsonWriter w = { .file = stdout, .compact = true };

        if (stream->last > 0 && e->sequence != stream->last + 1 && !stream->json)
                printf("(%llu events were lost)\n",
                       (unsigned long long)(e->sequence - stream->last - 1));
        stream->last = e->sequence;
        if (stream->json)
                event_put_json(&w, e);
        else
                event_print(stdout, e);
}

/* Show what has come. Returns 0, or -errno when the connection is gone. */
static int show_all(Session *s, EventStream *stream) {
        DaemonEvent e;
        int r;

        while ((r = client_next_event(s->client, &e)) > 0) {
                show_event(stream, &e);
                daemon_event_done(&e);
        }
        (void)fflush(stdout); /* a reader sees each change at once */
        return r;
}

static bool reader_is_gone(void) {
        return ferror(stdout) != 0;
}

static void run_events(Session *s, char **words) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        EventStream stream = { .json = words_take_flag(words, "--json") };

        if (!words_expect_none(s, words) || !session_up(s))
                return;
        if (client_subscribe(s->client) < 0) {
                session_report(s);
                return;
        }
        (void)interrupt_begin(&interrupt); /* on failure Ctrl-C ends the program */
        while (!interrupt_seen(&interrupt) && !reader_is_gone()) {
                struct pollfd fds[] = {
                        { .fd = client_get_fd(s->client), .events = POLLIN },
                        { .fd = interrupt.fd, .events = POLLIN },
                };

                if (show_all(s, &stream) < 0)
                        break; /* the daemon has ended, and with it the stream */
                (void)poll(fds, ELEMENTSOF(fds), -1); /* after a failure all is looked at */
        }
        /* events go on coming over this connection: the next command makes a new one */
        s->client = client_free(s->client);
}

const Command command_events = {
        .name = "events",
        .takes = TAKES_WORDS,
        .ours = true,
        .run = run_events,
        .help = "events\t\t\tShow changes as they happen (Ctrl-C to exit)\n"
                "events --json\t\tThe same as JSON, one object per line",
};
