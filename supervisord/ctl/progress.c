#include "ctl/progress.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/text-stream.h"
#include "ctl/describe.h"
#include "ctl/namespec.h"

#define NAMED_MAX 3 /* who is named; the others are counted */

void progress_begin(Progress *p, Session *s, char **names) {
        struct winsize size = { 0 };

        *p = (Progress){ .session = s, .names = names, .begin = now_usec() };
        if (!isatty(STDOUT_FILENO))
                return;
        p->width =
                ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void progress_end(Progress *p) {
        if (p->width == 0)
                return;
        fputs("\r\033[K", stdout);
        (void)fflush(stdout); /* a terminal that is gone cannot be told */
}

static bool on_its_way(const ProcessInfo *p) {
        int code = state_code(p->state);

        return code == 10 || code == 30 || code == 40 || strcmp(p->phase, "pausing") == 0 ||
               (strcmp(p->goal, "down") == 0 && !state_is_down(p->state));
}

static int describe_one(FILE *f, const ProcessInfo *p, uint64_t now) {
        char duration[DESCRIBE_DURATION_MAX];
        _cleanup_(freep) char *name = NULL;

        if (namespec_join(p->group, p->name, &name) < 0)
                return -ENOMEM;
        fprintf(f, "%s (%s", name, *p->phase ? p->phase : p->state);
        if (p->deadline > now)
                fprintf(f, ", %s in %s",
                        strcmp(p->state, "STOPPING") == 0 ? "next signal" : "next try",
                        describe_duration(p->deadline - now, duration));
        fputc(')', f);
        return 0;
}

int progress_describe(const ProcessList *list, char **ret) {
        char *text = NULL;
        size_t size, n = 0;
        FILE *f;
        int r = 0;

        f = open_memstream(&text, &size);
        if (!f)
                return -ENOMEM;
        for (size_t i = 0; r == 0 && i < list->n; i++) {
                if (!on_its_way(&list->items[i]) || n++ >= NAMED_MAX)
                        continue;
                fputs(n == 1 ? "waiting for " : ", ", f);
                r = describe_one(f, &list->items[i], list->now);
        }
        if (n > NAMED_MAX)
                fprintf(f, " and %zu more", n - NAMED_MAX);
        if (text_stream_close(f, &text) < 0)
                r = -ENOMEM;
        if (r < 0 || n == 0) {
                free(text);
                text = NULL;
        }
        if (r == 0)
                *ret = text;
        return r;
}

void progress_tick(void *userdata) {
        _cleanup_(process_list_done) ProcessList list = { 0 };
        char duration[DESCRIBE_DURATION_MAX];
        _cleanup_(freep) char *text = NULL;
        Progress *p = userdata;

        if (p->width == 0 || client_list(p->session->client, p->names, &list) < 0 ||
            progress_describe(&list, &text) < 0)
                return; /* the order itself will tell what is wrong */
        describe_duration((now_usec() - p->begin) / USEC_PER_SEC * USEC_PER_SEC, duration);
        printf("\r\033[K%.*s", (int)p->width - 1, duration);
        if (text && strlen(duration) + 2 < p->width)
                printf(": %.*s", (int)(p->width - strlen(duration) - 3), text);
        (void)fflush(stdout); /* as above */
}
