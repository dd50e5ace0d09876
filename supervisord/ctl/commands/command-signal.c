/* signal: any signal to processes. */
#include "ctl/commands/command-signal.h"

#include "base/strv.h"
#include "ctl/session/give-order.h"
#include "ctl/session/outcomes.h"

static void run_signal(Session *s, char **words) {
        static const OutcomeStyle style = { 0 };
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = "Signal", .quick = true };

        if (strv_length(words) < 2) {
                session_complain(s, EXIT_GENERIC,
                                 "signal requires a signal name and a process name");
                puts(s->command->help);
                return;
        }
        order.word = words[0];
        order.names = words + 1;
        if (give_order(s, &order, &outcomes))
                outcomes_print(s, &outcomes, words + 1, &style);
        else if (!session_faulted(s, FAULT_BAD_SIGNAL))
                session_report(s);
        else
                for (char **w = words + 1; *w; w++) {
                        printf("%s: ERROR (bad signal name)\n", *w);
                        s->status = EXIT_GENERIC;
                }
}

const Command command_signal = {
        .name = "signal",
        .takes = TAKES_SIGNAL,
        .needs = NEEDS_UP,
        .run = run_signal,
        .help = "signal <signal name> <name>\t\tSignal a process\n"
                "signal <signal name> <gname>:*\t\tSignal all processes in a group\n"
                "signal <signal name> <name> <name>\tSignal multiple processes or groups\n"
                "signal <signal name> all\t\tSignal all processes",
};
