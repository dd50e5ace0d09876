#include "config/keys/value-signal.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/utf8.h"
#include "config/keys/value-number.h"
#include "config/model/config.h"
#include "config/text/refuse.h"
#include "config/text/suggest.h"

static int read_signal(const char *text, int *ret, char **reterr_why) {
        const char *best = NULL, *name = text;

        if (parse_signal(text, ret) == 0)
                return 0;
        if (strncasecmp(name, "SIG", 3) == 0)
                name += 3;
        for (unsigned i = 0; signal_name_at(i); i++)
                best = suggest_closer(name, best, signal_name_at(i));
        if (best)
                return refuse(reterr_why, "'%s' is no signal; did you mean %s?", text, best);
        return refuse(reterr_why,
                      "'%s' is no signal; write a name such as TERM, INT or QUIT, or its "
                      "number",
                      text);
}

int signal_store(const Key *key,
                 const char *text,
                 void *field,
                 const ValueRules *rules,
                 char **reterr_why) {
        if (*text)
                return read_signal(text, field, reterr_why);
        *(int *)field = 0;
        return 0;
}

void signal_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(signal_name(*(const int *)field) ?: "", f);
}

void signal_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_string(w, name, signal_name(*(const int *)field));
}

/* ---------------------------------------------------------------- ladders */

static int read_step(char *text, StopStep *step, char **reterr_why) {
        char *colon = strchr(text, ':');

        step->wait_usec = STOP_WAIT_DEFAULT;
        if (colon) {
                *colon = '\0';
                if (parse_duration(utf8_strip(colon + 1), &step->wait_usec) < 0 ||
                    step->wait_usec < 0)
                        return refuse(
                                reterr_why,
                                "'%s' is no duration; write a ladder such as QUIT:20s, TERM:10s",
                                colon + 1);
        }
        return read_signal(utf8_strip(text), &step->signal, reterr_why);
}

int ladder_store(const Key *key,
                 const char *text,
                 void *field,
                 const ValueRules *rules,
                 char **reterr_why) {
        _cleanup_(freep) char *copy = strdup(text);
        char *rest = copy, *item;
        StopLadder l = { .n = 0 };
        int r;

        if (!copy)
                return -ENOMEM;
        while ((item = strsep(&rest, ","))) {
                if (l.n >= STOP_STEPS_MAX)
                        return refuse(reterr_why, "there are more than %d signals; use fewer",
                                      STOP_STEPS_MAX);
                r = read_step(item, &l.steps[l.n++], reterr_why);
                if (r < 0)
                        return r;
        }
        *(StopLadder *)field = l;
        return 0;
}

bool ladder_equal(const void *a, const void *b) {
        const StopLadder *x = a, *y = b;

        if (x->n != y->n)
                return false;
        for (size_t i = 0; i < x->n; i++)
                if (x->steps[i].signal != y->steps[i].signal ||
                    x->steps[i].wait_usec != y->steps[i].wait_usec)
                        return false;
        return true;
}

void ladder_print(FILE *f, const Key *key, const void *field) {
        const StopLadder *ladder = field;

        for (size_t i = 0; i < ladder->n; i++) {
                const StopStep *step = &ladder->steps[i];

                (void)fprintf(f, "%s%s", i > 0 ? ", " : "",
                              step->signal ? signal_name(step->signal) : "0");
                if (step->wait_usec == STOP_WAIT_DEFAULT)
                        continue;
                (void)fputc(':', f);
                print_seconds(f, step->wait_usec);
        }
}

void ladder_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        json_integer(w, name, ((const StopLadder *)field)->steps[0].signal);
}
