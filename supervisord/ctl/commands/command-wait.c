/* wait: until processes have got somewhere. */
#include "ctl/commands/command-wait.h"

#include "ctl/session/give-order.h"
#include "ctl/session/outcomes.h"
#include "ctl/session/word-list.h"

static void run_wait(Session *s, char **words) {
        static const OutcomeStyle style = { 0 };
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = "Wait", .word = "ready" };

        if (words_take_flag(words, "--ready"))
                order.word = "ready";
        if (words_take_flag(words, "--running"))
                order.word = "running";
        if (words_take_flag(words, "--stopped"))
                order.word = "stopped";
        if (!words_take_timeout(s, words, &order.timeout_usec) ||
            !words_expect_names(s, words, EXIT_GENERIC) || !words_are_names(s, words))
                return;
        order.names = words;
        if (give_order(s, &order, &outcomes))
                outcomes_print(s, &outcomes, words, &style);
        else
                session_report(s);
}

const Command command_wait = {
        .name = "wait",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_wait,
        .help = "wait <name> [...] [--ready|--running|--stopped] [--timeout <duration>]\n"
                "\t\t\tReturn when all have got there (default: ready)",
};
