/* start, stop, restart, signal and what else is told to processes by name. */
#include <string.h>

#include "base/parse.h"
#include "ctl/command.h"
#include "ctl/commands/order.h"
#include "ctl/namespec.h"
#include "ctl/result.h"
#include "ctl/words.h"

/* A command that is one call. */
typedef struct Verb {
        const char *command;
        const char *method;
        bool quick; /* answers at once */
        ResultStyle style;
        ExitStatus no_arguments;
} Verb;

/* "--no-wait", "--ready" and "--timeout" of commands that wait. */
static bool take_options(Session *s, char **words, Order *order) {
        order->no_wait = words_take_flag(words, "--no-wait");
        order->ready = words_take_flag(words, "--ready");
        return words_take_timeout(s, words, &order->timeout_usec);
}

static void act(Session *s, const Verb *verb, char **words) {
        _cleanup_(results_done) Results results = { 0 };
        Order order = { .method = verb->method, .quick = verb->quick };

        if (!session_up(s) || !words_expect_names(s, words, verb->command, verb->no_arguments) ||
            (!verb->quick && !take_options(s, words, &order)) || !words_are_names(s, words))
                return;
        order.names = words;
        if (!order_give(s, &order, &results)) {
                session_report(s);
                return;
        }
        if (order.no_wait)
                results_soften(&results);
        results_print(s, &results, words, &verb->style);
}

void command_start(Session *s, char **words) {
        static const Verb verb = { "start",
                                   "Start",
                                   false,
                                   { FAULT_ALREADY_STARTED, EXIT_INVALID_ARGUMENTS, NULL },
                                   EXIT_INVALID_ARGUMENTS };

        act(s, &verb, words);
}

void command_refresh(Session *s, char **words) {
        static const Verb verb = {
                "refresh", "Reload", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_stop(Session *s, char **words) {
        static const Verb verb = {
                "stop", "Stop", false, { FAULT_NOT_RUNNING, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_kill(Session *s, char **words) {
        static const Verb verb = {
                "kill", "Kill", false, { FAULT_NOT_RUNNING, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_clear(Session *s, char **words) {
        static const Verb verb = {
                "clear", "ClearLog", true, { FAULT_NONE, EXIT_GENERIC, "failed" }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_rotate(Session *s, char **words) {
        static const Verb verb = {
                "rotate", "RotateLog", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_enable(Session *s, char **words) {
        static const Verb verb = {
                "enable", "Enable", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

void command_disable(Session *s, char **words) {
        static const Verb verb = {
                "disable", "Disable", true, { FAULT_NONE, EXIT_GENERIC, NULL }, EXIT_GENERIC
        };

        act(s, &verb, words);
}

/* ---------------------------------------------------------------- restart */

static bool is_of_stopping(const Result *r) {
        return strcmp(r->done, "stopped") == 0 || strcmp(r->done, "stopping") == 0 ||
               r->error == FAULT_NOT_RUNNING;
}

/* A name that means nothing fails to stop, and then fails to start. */
static bool is_of_both(const Result *r) {
        return r->error == FAULT_NO_SUCH_PROCESS || r->error == FAULT_NO_SUCH_GROUP;
}

/* Print the half of @results that is about stopping or starting. */
static void print_half(Session *s, const Results *results, char **words, bool stopping) {
        static const ResultStyle of_stop = { FAULT_NOT_RUNNING, EXIT_GENERIC, NULL };
        static const ResultStyle of_start = { FAULT_ALREADY_STARTED, EXIT_INVALID_ARGUMENTS, NULL };
        Results half = { .items = calloc(results->n + 1, sizeof(Result)) };

        for (size_t i = 0; half.items && i < results->n; i++)
                if (is_of_both(&results->items[i]) ||
                    is_of_stopping(&results->items[i]) == stopping)
                        half.items[half.n++] = results->items[i];
        results_print(s, &half, words, stopping ? &of_stop : &of_start);
        free(half.items); /* the strings are those of the whole */
}

void command_restart(Session *s, char **words) {
        _cleanup_(results_done) Results results = { 0 };
        Order order = { .method = "Restart", .names = words };

        if (!session_up(s) || !words_expect_names(s, words, "restart", EXIT_GENERIC) ||
            !take_options(s, words, &order) || !words_are_names(s, words))
                return;
        if (!order_give(s, &order, &results)) {
                session_report(s);
                return;
        }
        if (order.no_wait)
                results_soften(&results);
        print_half(s, &results, words, true);
        print_half(s, &results, words, false);
}

/* ---------------------------------------------------------------- signal */

void command_signal(Session *s, char **words) {
        static const ResultStyle style = { FAULT_NONE, EXIT_GENERIC, NULL };
        _cleanup_(results_done) Results results = { 0 };
        Order order = { .method = "Signal", .quick = true };

        if (!session_up(s))
                return;
        if (words_count(words) < 2) {
                session_complain(s, EXIT_GENERIC,
                                 "signal requires a signal name and a process name");
                command_print_help("signal");
                return;
        }
        order.word = words[0];
        order.names = words + 1;
        if (order_give(s, &order, &results))
                results_print(s, &results, words + 1, &style);
        else if (!session_faulted(s, FAULT_BAD_SIGNAL))
                session_report(s);
        else
                for (char **w = words + 1; *w; w++) {
                        printf("%s: ERROR (bad signal name)\n", *w);
                        s->status = EXIT_GENERIC;
                }
}

/* ---------------------------------------------------------------- wait */

void command_wait(Session *s, char **words) {
        static const ResultStyle style = { FAULT_NONE, EXIT_GENERIC, NULL };
        _cleanup_(results_done) Results results = { 0 };
        Order order = { .method = "Wait", .word = "ready" };

        if (words_take_flag(words, "--ready"))
                order.word = "ready";
        if (words_take_flag(words, "--running"))
                order.word = "running";
        if (words_take_flag(words, "--stopped"))
                order.word = "stopped";
        if (!session_up(s) || !words_take_timeout(s, words, &order.timeout_usec) ||
            !words_expect_names(s, words, "wait", EXIT_GENERIC) || !words_are_names(s, words))
                return;
        order.names = words;
        if (order_give(s, &order, &results))
                results_print(s, &results, words, &style);
        else
                session_report(s);
}
