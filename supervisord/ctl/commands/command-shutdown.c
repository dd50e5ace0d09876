/* shutdown and reload: the end of the daemon, for good or to begin anew. */
#include "ctl/commands/command-shutdown.h"

#include <poll.h>
#include <string.h>

#include "ctl/client/orders.h"
#include "ctl/session/interrupt.h"
#include "ctl/session/progress.h"
#include "ctl/session/terminal.h"
#include "ctl/session/word-list.h"

/* Stay until the daemon has closed the connection, which it does at its end. */
static void await_end(Session *s) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        ProgressLine progress;

        if (s->interactive)
                (void)interrupt_begin(&interrupt); /* elsewhere Ctrl-C ends the program */
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

/* How hard, by --fast and --now; NULL after saying that there are other words. */
static const char *take_how(Session *s, char **words) {
        bool fast = words_take_flag(words, "--fast"), now = words_take_flag(words, "--now");

        if (!words_expect_none(s, words))
                return NULL;
        return now ? "now" : fast ? "fast" : "graceful";
}

static void run_shutdown(Session *s, char **words) {
        bool wait = words_take_flag(words, "--wait");
        _cleanup_(freep) char *text = NULL;
        const char *how = take_how(s, words);

        if (!how || (s->interactive &&
                     !terminal_confirm("Really shut the remote supervisord process down y/N? ")))
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
        (void)fflush(stdout); /* seen before the wait */
        if (wait)
                await_end(s);
}

const Command command_shutdown = {
        .name = "shutdown",
        .takes = TAKES_WORDS,
        .run = run_shutdown,
        .help = "shutdown \tShut the remote supervisord down.\n"
                "shutdown --fast\tShorten every grace that is left\n"
                "shutdown --now\tKill what is left at once\n"
                "shutdown --wait\tReturn when it is gone",
};

static void run_reload(Session *s, char **words) {
        if ((s->interactive &&
             !terminal_confirm("Really restart the remote supervisord process y/N? ")) ||
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

const Command command_reload = {
        .name = "reload",
        .takes = TAKES_NOTHING,
        .run = run_reload,
        .help = "reload \t\tRestart the remote supervisord.",
};
