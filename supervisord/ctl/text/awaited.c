/* Who is awaited: processes that are on their way to another state. */
#include "ctl/text/awaited.h"

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "base/text-stream.h"
#include "ctl/text/describe.h"
#include "ctl/text/namespec.h"

#define NAMED_MAX 3 /* so many are named; the others are counted */

static bool on_its_way(const ProcessInfo *p) {
        int code = state_code(p->state);

        return code == 10 || code == 30 || code == 40 || strcmp(p->phase, "pausing") == 0 ||
               (strcmp(p->goal, "down") == 0 && !state_is_down(p->state));
}

static int describe_awaited(FILE *f, const ProcessInfo *p, uint64_t now) {
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

int awaited_describe(const ProcessList *list, char **ret) {
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
                r = describe_awaited(f, &list->items[i], list->now);
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
