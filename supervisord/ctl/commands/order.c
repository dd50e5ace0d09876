#include "ctl/commands/order.h"

#include "ctl/interrupt.h"
#include "ctl/progress.h"

bool order_give(Session *s, Order *order, Results *ret) {
        _cleanup_(interrupt_end) Interrupt interrupt = { .fd = -1 };
        Progress progress;
        int r;

        /* Outside of the prompt Ctrl-C ends the program, which ends the waiting as well. */
        if (s->interactive)
                (void)interrupt_begin(&interrupt);
        (void)fflush(stdout); /* what was said before comes before the progress */
        progress_begin(&progress, s, order->names);
        order->cancel_fd = interrupt.fd;
        order->tick = progress.width > 0 ? progress_tick : NULL;
        order->userdata = &progress;
        r = client_order(s->client, order, ret);
        progress_end(&progress);
        return r >= 0;
}
