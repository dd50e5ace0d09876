#include "config/keys/ladder.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/utf8.h"
#include "config/keys/suggest.h"
#include "config/keys/value.h"

int store_signal(const char *text, int *field, char **reterr_why) {
        const char *best = NULL, *name = text;

        if (parse_signal(text, field) == 0)
                return 0;
        if (strncasecmp(name, "SIG", 3) == 0)
                name += 3;
        for (unsigned i = 0; signal_name_at(i); i++)
                best = suggest_closer(name, best, signal_name_at(i));
        if (best)
                return explain_value(reterr_why, "'%s' is no signal; did you mean %s?", text, best);
        return explain_value(reterr_why,
                             "'%s' is no signal; write a name such as TERM, INT or QUIT, or its "
                             "number",
                             text);
}

static int store_step(char *text, StopStep *step, char **reterr_why) {
        char *colon = strchr(text, ':');

        step->wait_usec = STOP_WAIT_DEFAULT;
        if (colon) {
                *colon = '\0';
                if (parse_duration(utf8_strip(colon + 1), &step->wait_usec) < 0 ||
                    step->wait_usec < 0)
                        return explain_value(
                                reterr_why,
                                "'%s' is no duration; write a ladder such as QUIT:20s, TERM:10s",
                                colon + 1);
        }
        return store_signal(utf8_strip(text), &step->signal, reterr_why);
}

int store_ladder(const char *text, StopLadder *ladder, char **reterr_why) {
        _cleanup_(freep) char *copy = strdup(text);
        char *rest = copy, *item;
        StopLadder l = { .n = 0 };
        int r;

        if (!copy)
                return -ENOMEM;
        while ((item = strsep(&rest, ","))) {
                if (l.n >= STOP_STEPS_MAX)
                        return explain_value(reterr_why,
                                             "there are more than %d signals; use fewer",
                                             STOP_STEPS_MAX);
                r = store_step(item, &l.steps[l.n++], reterr_why);
                if (r < 0)
                        return r;
        }
        *ladder = l;
        return 0;
}

bool ladder_equal(const StopLadder *a, const StopLadder *b) {
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (a->steps[i].signal != b->steps[i].signal ||
                    a->steps[i].wait_usec != b->steps[i].wait_usec)
                        return false;
        return true;
}

void print_ladder(FILE *f, const StopLadder *ladder) {
        for (size_t i = 0; i < ladder->n; i++) {
                const StopStep *step = &ladder->steps[i];

                (void)fprintf(f, "%s%s", i > 0 ? ", " : "",
                              step->signal ? signal_name(step->signal) : "0");
                if (step->wait_usec == STOP_WAIT_DEFAULT)
                        continue;
                (void)fputc(':', f);
                print_duration(f, step->wait_usec);
        }
}
