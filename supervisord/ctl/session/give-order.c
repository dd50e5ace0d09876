#include "ctl/session/give-order.h"

#include "ctl/session/interrupt.h"
#include "ctl/session/progress.h"
#include "ctl/session/word-list.h"

bool take_order_options(Session *s, char **words, ProcessOrder *order) {
        order->no_wait = words_take_flag(words, "--no-wait");
        order->ready = words_take_flag(words, "--ready");
        return words_take_timeout(s, words, &order->timeout_usec);
}

bool give_order(Session *s, ProcessOrder *order, Outcomes *ret) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        ProgressLine progress;
        int r;

        /* Outside of the prompt Ctrl-C ends the program, and the waiting with it. */
        if (s->interactive)
                (void)interrupt_begin(&interrupt);
        (void)fflush(stdout); /* what was printed before is seen before the progress */
        progress_begin(&progress, s, order->names);
        order->cancel_fd = interrupt.fd;
        order->tick = progress.width > 0 ? progress_tick : NULL;
        order->userdata = &progress;
        r = client_order(s->client, order, ret);
        progress_end(&progress);
        return r >= 0;
}
