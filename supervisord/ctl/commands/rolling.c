/* rolling-restart: some at a time, each ready before the next. */
#include <string.h>

#include "base/parse.h"
#include "ctl/command.h"
#include "ctl/commands/order.h"
#include "ctl/result.h"
#include "ctl/words.h"

#define PARALLEL_MAX 10000

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

void command_rolling_restart(Session *s, char **words) {
        static const ResultStyle style = { FAULT_NONE, EXIT_GENERIC, NULL };
        _cleanup_(results_done) Results results = { 0 };
        Order order = { .method = "Roll", .cancel_fd = -1 };

        if (!session_up(s) || !take_parallel(s, words, &order.parallel) ||
            !words_take_timeout(s, words, &order.timeout_usec) ||
            !words_expect_names(s, words, "rolling-restart", EXIT_GENERIC) ||
            !words_are_names(s, words))
                return;
        order.names = words;
        order.no_wait = words_take_flag(words, "--no-wait");
        if (!order_give(s, &order, &results))
                session_report(s);
        else
                results_print(s, &results, words, &style);
}
