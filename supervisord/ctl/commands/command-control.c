/*
 * Commands that are one call of the daemon for the processes that are named. `kill` waits as `stop`
 * does; the quick ones are answered at once.
 */
#include "ctl/commands/command-control.h"

#include "ctl/session/give-order.h"
#include "ctl/session/outcomes.h"
#include "ctl/session/word-list.h"

/* A command that is one call. */
typedef struct ProcessVerb {
        const char *method;
        bool quick; /* it answers at once, and has no options */
        OutcomeStyle style;
        ExitStatus no_arguments;
} ProcessVerb;

static void do_verb(Session *s, char **words, const ProcessVerb *verb) {
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = verb->method, .quick = verb->quick };

        if (!words_expect_names(s, words, verb->no_arguments) ||
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

static void run_start(Session *s, char **words) {
        static const ProcessVerb verb = { "Start",
                                          false,
                                          { FAULT_ALREADY_STARTED, EXIT_INVALID_ARGUMENTS, NULL },
                                          EXIT_INVALID_ARGUMENTS };

        do_verb(s, words, &verb);
}

const Command command_start = {
        .name = "start",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_start,
        .help = "start <name>\t\tStart a process\n"
                "start <gname>:*\t\tStart all processes in a group\n"
                "start <name> <name>\tStart multiple processes or groups\n"
                "start all\t\tStart all processes",
};

static void run_stop(Session *s, char **words) {
        static const ProcessVerb verb = {
                "Stop", false, { FAULT_NOT_RUNNING, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_stop = {
        .name = "stop",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_stop,
        .help = "stop <name>\t\tStop a process\n"
                "stop <gname>:*\t\tStop all processes in a group\n"
                "stop <name> <name>\tStop multiple processes or groups\n"
                "stop all\t\tStop all processes",
};

static void run_kill(Session *s, char **words) {
        static const ProcessVerb verb = {
                "Kill", false, { FAULT_NOT_RUNNING, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_kill = {
        .name = "kill",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_kill,
        .help = "kill <name> [...]\tSIGKILL to the process and all that it has started, at once",
};

static void run_refresh(Session *s, char **words) {
        static const ProcessVerb verb = {
                "Reload", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_refresh = {
        .name = "refresh",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_refresh,
        .help = "refresh <name> [...]\tHave programs read their own configuration again",
};

static void run_clear(Session *s, char **words) {
        static const ProcessVerb verb = {
                "ClearLog", true, { FAULT_NONE, EXIT_GENERIC, "failed" }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_clear = {
        .name = "clear",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_clear,
        .help = "clear <name>\t\tClear a process' log files.\n"
                "clear <name> <name>\tClear multiple process' log files\n"
                "clear all\t\tClear all process' log files",
};

static void run_rotate(Session *s, char **words) {
        static const ProcessVerb verb = {
                "RotateLog", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_rotate = {
        .name = "rotate",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_rotate,
        .help = "rotate <name> [...]\tRotate the log files of processes\n"
                "rotate all\t\tRotate the log files of all processes",
};

static void run_enable(Session *s, char **words) {
        static const ProcessVerb verb = {
                "Enable", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_enable = {
        .name = "enable",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_enable,
        .help = "enable <name> [...]\tLet autostart decide again",
};

static void run_disable(Session *s, char **words) {
        static const ProcessVerb verb = {
                "Disable", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        do_verb(s, words, &verb);
}

const Command command_disable = {
        .name = "disable",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_disable,
        .help = "disable <name> [...]\tDo not start on its own any more; remembered over restarts",
};
