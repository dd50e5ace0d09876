/* rolling-restart: some at a time, each ready before the next. */
#include <string.h>

#include "base/parse.h"
#include "base/strv.h"
#include "ctl/command.h"
#include "ctl/namespec.h"
#include "ctl/order.h"
#include "ctl/result.h"
#include "ctl/status.h"
#include "ctl/words.h"

#define PARALLEL_MAX 10000

static bool take_parallel(Session *s, char **words, size_t *ret) {
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
        *ret = (size_t)n;
        return true;
}

/* The names of those that run and are meant by @words, in order. */
static bool list_running(Session *s, char **words, char ***ret) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        _cleanup_(freep) const ProcessInfo **chosen = NULL;
        _cleanup_(strv_freep) char **names = NULL;
        bool known;

        if (!status_fetch(s, words, &list))
                return false;
        if (status_choose(&list, words, stdout, &chosen, &known) < 0)
                return false;
        if (!known) {
                s->status = EXIT_GENERIC;
                return false; /* a slip of the fingers must not restart the half of it */
        }
        for (const ProcessInfo **p = chosen; *p; p++) {
                char *name = NULL;

                if (strcmp((*p)->goal, "up") != 0)
                        continue;
                if (namespec_join((*p)->group, (*p)->name, &name) < 0 ||
                    strv_push(&names, name) < 0) {
                        free(name);
                        session_complain(s, EXIT_GENERIC, "no memory");
                        return false;
                }
        }
        *ret = TAKE_PTR(names);
        return true;
}

/* Restart @names. Returns whether all are ready again. */
static bool restart_batch(Session *s, char **names, uint64_t timeout_usec) {
        static const ResultStyle style = { FAULT_NONE, EXIT_GENERIC, NULL };
        _cleanup_(results_done) Results results = { 0 };
        Order order = {
                .method = "Restart",
                .names = names,
                .ready = true,
                .timeout_usec = timeout_usec,
        };

        if (!order_give(s, &order, &results)) {
                session_report(s);
                return false;
        }
        results_print(s, &results, NULL, &style);
        (void)fflush(stdout); /* each step is seen when it is done */
        for (size_t i = 0; i < results.n; i++)
                if (results.items[i].error != FAULT_NONE)
                        return false;
        return true;
}

void command_rolling_restart(Session *s, char **words) {
        _cleanup_(strv_freep) char **names = NULL;
        uint64_t timeout_usec;
        size_t parallel, n;

        if (!session_up(s) || !take_parallel(s, words, &parallel) ||
            !words_take_timeout(s, words, &timeout_usec) ||
            !words_expect_names(s, words, "rolling-restart", EXIT_GENERIC) ||
            !words_are_names(s, words) || !list_running(s, words, &names))
                return;
        n = strv_length(names);
        for (size_t i = 0; i < n; i += parallel) {
                size_t end = MIN(i + parallel, n);
                char *next = names[end];
                bool good;

                names[end] = NULL; /* the batch ends here */
                good = restart_batch(s, names + i, timeout_usec);
                names[end] = next;
                if (good)
                        continue;
                if (end < n)
                        printf("ERROR: not restarted, as others failed: %zu of %zu\n", n - end, n);
                if (s->status == EXIT_GOOD)
                        s->status = EXIT_GENERIC;
                return;
        }
}
