/* shutdown, reload, version and open: the daemon as a whole. */
#include <poll.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/interrupt.h"
#include "ctl/progress.h"
#include "ctl/prompt.h"
#include "ctl/words.h"

/* Stay until the daemon has closed the connection, which it does at its end. */
static void await_end(Session *s) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        Progress progress;

        if (s->interactive)
                (void)interrupt_begin(&interrupt); /* else Ctrl-C ends the program */
        progress_begin(&progress, s, NULL);
        while (client_is_open(s->client)) {
                struct pollfd fds[] = {
                        { .fd = client_get_fd(s->client), .events = POLLIN },
                        { .fd = interrupt.fd, .events = POLLIN },
                };

                if (poll(fds, ELEMENTSOF(fds), 1000) == 0)
                        progress_tick(&progress);
                if (interrupt_seen(&interrupt))
                        break;
        }
        progress_end(&progress);
}

/* How hard: --fast or --now; NULL after saying that both are no answer. */
static const char *take_how(Session *s, char **words) {
        bool fast = words_take_flag(words, "--fast"), now = words_take_flag(words, "--now");

        if (!words_expect_none(s, words, "shutdown"))
                return NULL;
        return now ? "now" : fast ? "fast" : "graceful";
}

void command_shutdown(Session *s, char **words) {
        bool wait = words_take_flag(words, "--wait");
        _cleanup_(freep) char *text = NULL;
        const char *how = take_how(s, words);

        if (!how || (s->interactive &&
                     !prompt_confirm("Really shut the remote supervisord process down y/N? ")))
                return;
        if (session_connect(s, &text) < 0) {
                printf("ERROR: %s (already shut down?)\n", text ?: "no memory");
                s->status = EXIT_GENERIC;
                return;
        }
        if (client_call(s->client, "Shutdown", how) >= 0)
                puts("Shut down");
        else if (session_faulted(s, FAULT_SHUTTING_DOWN))
                puts("ERROR: already shutting down");
        else {
                session_report(s);
                return;
        }
        (void)fflush(stdout); /* before it takes its time */
        if (wait)
                await_end(s);
}

void command_reload(Session *s, char **words) {
        if (!words_expect_none(s, words, "reload") ||
            (s->interactive &&
             !prompt_confirm("Really restart the remote supervisord process y/N? ")) ||
            !session_open(s))
                return;
        if (client_call(s->client, "RestartDaemon", NULL) >= 0)
                puts("Restarted supervisord");
        else if (session_faulted(s, FAULT_SHUTTING_DOWN)) {
                puts("ERROR: already shutting down");
                s->status = EXIT_GENERIC;
        } else
                session_report(s);
}

void command_version(Session *s, char **words) {
        _cleanup_(freep) char *version = NULL;

        if (!words_expect_none(s, words, "version") || !session_up(s))
                return;
        if (client_property(s->client, "Version", &version) < 0)
                session_report(s);
        else
                puts(version);
}

void command_open(Session *s, char **words) {
        ExitStatus before = s->status;
        char *none[] = { NULL };

        if (!words[0] || words[1] ||
            (strncmp(words[0], "unix://", 7) != 0 && strncmp(words[0], "http://", 7) != 0)) {
                puts("ERROR: url must be http:// or unix://");
                s->status = EXIT_GENERIC;
                return;
        }
        s->client = client_free(s->client);
        if (settings_set_server(s->settings, words[0]) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        command_status(s, none);
        s->status = before; /* that of showing it does not count */
}
