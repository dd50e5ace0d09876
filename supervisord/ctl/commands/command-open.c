/* open, version, exit and quit: the connection that the prompt has, its other end and its own end.
 */
#include "ctl/commands/command-open.h"

#include <string.h>

#include "ctl/client/questions.h"
#include "ctl/commands/command-status.h"

static void run_open(Session *s, char **words) {
        ExitStatus before = s->status;
        char *none[] = { NULL };

        if (!words[0] || words[1] ||
            (strncmp(words[0], "unix://", 7) != 0 && strncmp(words[0], "http://", 7) != 0)) {
                puts("ERROR: url must be http:// or unix://");
                s->status = EXIT_GENERIC;
                return;
        }
        s->client = client_free(s->client);
        if (setup_set_server(s->setup, words[0]) < 0) {
                session_complain(s, EXIT_GENERIC, "no memory");
                return;
        }
        command_status.run(s, none);
        s->status = before; /* what the status is like is no failure of open */
}

const Command command_open = {
        .name = "open",
        .takes = TAKES_WORDS,
        .run = run_open,
        .help = "open <url>\tConnect to a remote supervisord process.\n"
                "\t\t(for UNIX domain socket, use unix:///socket/path)",
};

static void run_version(Session *s, char **words) {
        _cleanup_(freep) char *version = NULL;

        if (client_property(s->client, "Version", &version) < 0)
                session_report(s);
        else
                puts(version);
}

const Command command_version = {
        .name = "version",
        .takes = TAKES_NOTHING,
        .needs = NEEDS_UP,
        .run = run_version,
        .help = "version\t\t\tShow the version of the remote supervisord process",
};

static void run_leave(Session *s, char **words) {
        putchar('\n');
        s->leave = true;
}

const Command command_exit = {
        .name = "exit",
        .takes = TAKES_WORDS,
        .run = run_leave,
        .help = "exit\tExit the supervisor shell.",
};

const Command command_quit = {
        .name = "quit",
        .takes = TAKES_WORDS,
        .run = run_leave,
        .help = "quit\tExit the supervisor shell.",
};
