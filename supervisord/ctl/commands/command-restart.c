/*
 * restart and rolling-restart: processes stop and start again, all at once or some at a time. The
 * daemon answers a restart with outcomes of stopping and of starting, mixed; Python shows all of
 * the former first.
 */
#include "ctl/commands/command-restart.h"

#include <string.h>

#include "base/parse.h"
#include "ctl/session/give-order.h"
#include "ctl/session/outcomes.h"
#include "ctl/session/word-list.h"

#define PARALLEL_MAX 10000

static bool is_of_stopping(const Outcome *o) {
        return strcmp(o->done, "stopped") == 0 || strcmp(o->done, "stopping") == 0 ||
               o->error == FAULT_NOT_RUNNING;
}

/* A name that means nothing fails to stop, and then fails to start. */
static bool is_of_both(const Outcome *o) {
        return o->error == FAULT_NO_SUCH_PROCESS || o->error == FAULT_NO_SUCH_GROUP;
}

/* Print the half of @outcomes that is about stopping or starting. */
static void print_half(Session *s, const Outcomes *outcomes, char **words, bool stopping) {
        static const OutcomeStyle of_stop = { .ignored = FAULT_NOT_RUNNING };
        static const OutcomeStyle of_start = { .ignored = FAULT_ALREADY_STARTED,
                                               .no_group = EXIT_INVALID_ARGUMENTS };
        Outcomes half = { .items = calloc(outcomes->n + 1, sizeof(Outcome)) };

        for (size_t i = 0; half.items && i < outcomes->n; i++)
                if (is_of_both(&outcomes->items[i]) ||
                    is_of_stopping(&outcomes->items[i]) == stopping)
                        half.items[half.n++] = outcomes->items[i];
        outcomes_print(s, &half, words, stopping ? &of_stop : &of_start);
        free(half.items); /* but not the strings, which belong to @outcomes */
}

static void run_restart(Session *s, char **words) {
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = "Restart", .names = words };

        if (!words_expect_names(s, words, EXIT_GENERIC) || !take_order_options(s, words, &order) ||
            !words_are_names(s, words))
                return;
        if (!give_order(s, &order, &outcomes)) {
                session_report(s);
                return;
        }
        if (order.no_wait)
                outcomes_soften(&outcomes);
        print_half(s, &outcomes, words, true);
        print_half(s, &outcomes, words, false);
}

const Command command_restart = {
        .name = "restart",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .run = run_restart,
        .help = "restart <name>\t\tRestart a process\n"
                "restart <gname>:*\tRestart all processes in a group\n"
                "restart <name> <name>\tRestart multiple processes or groups\n"
                "restart all\t\tRestart all processes\n"
                "Note: restart does not reread config files. For that, see reread and update.",
};

/* ---------------------------------------------------------------- rolling-restart */

static bool take_parallel(Session *s, char **words, uint32_t *ret) {
        const char *text = NULL;
        int64_t n = 1;
        int r;

        r = words_take_value(words, "--parallel", &text);
        if (r > 0)
                r = parse_integer(text, &n);
        if (r < 0 || n < 1 || n > PARALLEL_MAX) {
                session_complain(s, EXIT_GENERIC, "--parallel takes a number from 1 on");
                return false;
        }
        *ret = (uint32_t)n;
        return true;
}

static void run_rolling_restart(Session *s, char **words) {
        static const OutcomeStyle style = { 0 };
        _cleanup_(outcomes_done) Outcomes outcomes = { 0 };
        ProcessOrder order = { .method = "Roll" };

        if (!take_parallel(s, words, &order.parallel) ||
            !words_take_timeout(s, words, &order.timeout_usec) ||
            !words_expect_names(s, words, EXIT_GENERIC) || !words_are_names(s, words))
                return;
        order.names = words;
        order.no_wait = words_take_flag(words, "--no-wait");
        if (!give_order(s, &order, &outcomes))
                session_report(s);
        else
                outcomes_print(s, &outcomes, words, &style);
}

const Command command_rolling_restart = {
        .name = "rolling-restart",
        .takes = TAKES_PROCESSES,
        .needs = NEEDS_UP,
        .ours = true,
        .run = run_rolling_restart,
        .help = "rolling-restart [--parallel <n>] <name> [...]\n"
                "\t\t\tRestart one (or n) at a time, each ready before the next;\n"
                "\t\t\tthe first failure ends it",
};
