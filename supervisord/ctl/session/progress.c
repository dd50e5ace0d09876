/* The line of progress: how long an order has lasted, and who is awaited. */
#include "ctl/session/progress.h"

#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "ctl/client/questions.h"
#include "ctl/text/awaited.h"
#include "ctl/text/describe.h"

void progress_begin(ProgressLine *p, Session *s, char **names) {
        struct winsize size = { 0 };

        *p = (ProgressLine){ .session = s, .names = names, .begin = now_usec() };
        if (!isatty(STDOUT_FILENO))
                return;
        p->width =
                ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void progress_end(ProgressLine *p) {
        if (p->width == 0)
                return;
        fputs("\r\033[K", stdout);
        (void)fflush(stdout); /* a terminal that is gone cannot be told */
}

void progress_tick(void *userdata) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        char duration[DESCRIBE_DURATION_MAX];
        _cleanup_(freep) char *text = NULL;
        ProgressLine *p = userdata;

        if (p->width == 0 || client_list(p->session->client, p->names, &list) < 0 ||
            awaited_describe(&list, &text) < 0)
                return; /* what is wrong is told when the order ends */
        describe_duration((now_usec() - p->begin) / USEC_PER_SEC * USEC_PER_SEC, duration);
        printf("\r\033[K%.*s", (int)p->width - 1, duration);
        if (text && strlen(duration) + 2 < p->width)
                printf(": %.*s", (int)(p->width - strlen(duration) - 3), text);
        (void)fflush(stdout); /* as above */
}
