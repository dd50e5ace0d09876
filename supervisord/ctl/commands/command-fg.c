/* fg: the output of a process here, and what is typed to its input. */
#include "ctl/commands/command-fg.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "ctl/client/event-queue.h"
#include "ctl/client/orders.h"
#include "ctl/client/questions.h"
#include "ctl/session/follower.h"
#include "ctl/session/interrupt.h"

/* The state of the process @name, which belongs to the caller; NULL after saying why not. */
static char *fetch_state(Session *s, char *name) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        char *names[] = { name, NULL };

        if (client_list(s->client, names, &list) < 0) {
                session_report(s);
                return NULL;
        }
        if (list.n != 1) {
                puts("ERROR: bad process name supplied");
                s->status = EXIT_GENERIC;
                return NULL;
        }
        return TAKE_PTR(list.items[0].state);
}

static bool is_running(Session *s, char *name) {
        _cleanup_(freep) char *state = fetch_state(s, name);

        return state && strcmp(state, "RUNNING") == 0;
}

/* Send what was typed. Returns whether to go on. */
static bool send_input(Session *s, char *name) {
        char buffer[4096];
        ssize_t n;

        n = read(STDIN_FILENO, buffer, sizeof(buffer));
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return true;
        if (n <= 0)
                return false;
        if (client_send_input(s->client, name, buffer, (size_t)n) >= 0)
                return true;
        if (session_faulted(s, FAULT_NOT_RUNNING))
                puts("Process got killed");
        else
                printf("ERROR: %s\n", client_fault(s->client)->message);
        return false;
}

/* Has the process left RUNNING? */
static bool has_ended(Session *s, char *name) {
        bool heard = false;
        DaemonEvent e;
        int r;

        while ((r = client_next_event(s->client, &e)) > 0) {
                heard = true;
                daemon_event_done(&e);
        }
        if (r == 0 && (!heard || is_running(s, name)))
                return false;
        puts("Process got killed");
        return true;
}

/* Show what is new in both logs; *ret_timeout is how long to wait for more, in ms, -1: without end.
 * Returns 0, or -errno when nothing can be shown any more. */
static int show_outputs(Follower outputs[static 2], int *ret_timeout) {
        *ret_timeout = -1;
        for (size_t i = 0; i < 2; i++) {
                int r, patience;

                if (outputs[i].file.fd < 0)
                        continue;
                r = follower_step(&outputs[i]);
                if (r < 0)
                        return r;
                patience = follower_patience(&outputs[i]);
                if (patience >= 0 && (*ret_timeout < 0 || patience < *ret_timeout))
                        *ret_timeout = patience;
        }
        return 0;
}

static void connect_both(Session *s, char *name, Follower outputs[static 2]) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        int timeout;

        (void)interrupt_begin(&interrupt); /* on failure Ctrl-C ends the program */
        while (show_outputs(outputs, &timeout) >= 0 && !has_ended(s, name)) {
                struct pollfd fds[] = {
                        { .fd = STDIN_FILENO, .events = POLLIN },
                        { .fd = client_get_fd(s->client), .events = POLLIN },
                        { .fd = interrupt.fd, .events = POLLIN },
                        { .fd = outputs[0].watch_fd, .events = POLLIN },
                        { .fd = outputs[1].watch_fd, .events = POLLIN },
                };

                (void)poll(fds, ELEMENTSOF(fds), timeout); /* after a failure all is looked at */
                if (interrupt_seen(&interrupt) || (fds[0].revents && !send_input(s, name)))
                        return;
        }
}

static void foreground(Session *s, char *name) {
        static const char *const streams[] = { "stdout", "stderr" };
        Follower outputs[2];

        puts("==> Press Ctrl-C to exit <==");
        (void)fflush(stdout); /* what is typed from here on goes to the process */
        for (size_t i = 0; i < 2; i++) {
                outputs[i] = (Follower){ .session = s, .name = name, .stream = streams[i] };
                /* a stream without a log is not shown */
                (void)follower_open(&outputs[i], FOLLOW_BACK);
        }
        if (client_subscribe(s->client) < 0)
                session_report(s);
        else if (!is_running(s, name)) /* it may have ended before events were sent */
                puts("Process got killed");
        else
                connect_both(s, name, outputs);
        puts("Exiting foreground");
        for (size_t i = 0; i < 2; i++)
                follower_done(&outputs[i]);
        s->client = client_free(s->client); /* events go on coming over it */
}

static void run_fg(Session *s, char **words) {
        _cleanup_(freep) char *state = NULL;

        if (!words[0]) {
                puts("ERROR: no process name supplied");
                s->status = EXIT_GENERIC;
                puts(s->command->help);
                return;
        }
        if (words[1]) {
                puts("ERROR: too many process names supplied");
                s->status = EXIT_GENERIC;
                return;
        }
        state = fetch_state(s, words[0]);
        if (!state)
                return;
        if (strcmp(state, "RUNNING") == 0) {
                foreground(s, words[0]);
                return;
        }
        puts("ERROR: process not running");
        s->status = EXIT_GENERIC;
}

const Command command_fg = {
        .name = "fg",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_fg,
        .help = "fg <process>\tConnect to a process in foreground mode\n"
                "\t\tCtrl-C to exit",
};
