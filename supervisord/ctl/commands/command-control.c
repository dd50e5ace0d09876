/*
 * Commands that are one call of the daemon for the processes that are named. `kill` waits as `stop`
 * does; the quick ones are answered at once.
 */
#include "ctl/commands/command-control.h"

#include "ctl/session/give-order.h"
#include "ctl/session/outcomes.h"
#include "ctl/session/word-list.h"

/* The call that a command is. */
struct ProcessVerb {
        const char *method;
        bool quick; /* it answers at once, and has no options */
        OutcomeStyle style;
        ExitStatus no_names; /* exit status if no process is named; 0: EXIT_GENERIC */
};

static void run_verb(Session *s, char **words) {
        const ProcessVerb *verb = s->command->verb;
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = verb->method, .quick = verb->quick };

        if (!words_expect_names(s, words, verb->no_names ?: EXIT_GENERIC) ||
            (!verb->quick && !take_order_options(s, words, &order)) || !words_are_names(s, words))
                return;
        order.names = words;
        if (!give_order(s, &order, &outcomes)) {
                session_report(s);
                return;
        }
        if (order.no_wait)
                outcomes_soften(&outcomes);
        outcomes_print(s, &outcomes, words, &verb->style);
}

const Command command_start = {
        .name = "start",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_verb,
        .verb =
                &(const ProcessVerb){
                        .method = "Start",
                        .style = { .ignored = FAULT_ALREADY_STARTED,
                                   .no_group = EXIT_INVALID_ARGUMENTS },
                        .no_names = EXIT_INVALID_ARGUMENTS,
                },
        .help = "start <name>\t\tStart a process\n"
                "start <gname>:*\t\tStart all processes in a group\n"
                "start <name> <name>\tStart multiple processes or groups\n"
                "start all\t\tStart all processes",
};

const Command command_stop = {
        .name = "stop",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "Stop", .style = { .ignored = FAULT_NOT_RUNNING } },
        .help = "stop <name>\t\tStop a process\n"
                "stop <gname>:*\t\tStop all processes in a group\n"
                "stop <name> <name>\tStop multiple processes or groups\n"
                "stop all\t\tStop all processes",
};

const Command command_kill = {
        .name = "kill",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "Kill", .style = { .ignored = FAULT_NOT_RUNNING } },
        .help = "kill <name> [...]\tSIGKILL to the process and all that it has started, at once",
};

const Command command_refresh = {
        .name = "refresh",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "Reload", .quick = true },
        .help = "refresh <name> [...]\tHave programs read their own configuration again",
};

const Command command_clear = {
        .name = "clear",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_verb,
        .verb =
                &(const ProcessVerb){
                        .method = "ClearLog",
                        .quick = true,
                        .style = { .failed_word = "failed" },
                },
        .help = "clear <name>\t\tClear a process' log files.\n"
                "clear <name> <name>\tClear multiple process' log files\n"
                "clear all\t\tClear all process' log files",
};

const Command command_rotate = {
        .name = "rotate",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "RotateLog", .quick = true },
        .help = "rotate <name> [...]\tRotate the log files of processes\n"
                "rotate all\t\tRotate the log files of all processes",
};

const Command command_enable = {
        .name = "enable",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "Enable", .quick = true },
        .help = "enable <name> [...]\tLet autostart decide again",
};

const Command command_disable = {
        .name = "disable",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_verb,
        .verb = &(const ProcessVerb){ "Disable", .quick = true },
        .help = "disable <name> [...]\tDo not start on its own any more; remembered over restarts",
};
