#include "config/keys/value-choice.h"

#include <errno.h>
#include <strings.h>

#include "base/macro.h"
#include "base/text-stream.h"
#include "config/text/refuse.h"
#include "config/text/suggest.h"

int choice_store(const Key *key,
                 const char *text,
                 void *field,
                 const ValueRules *rules,
                 char **reterr_why) {
        const char *best = NULL, *separator = "";
        _cleanup_(freep) char *names = NULL;
        size_t size;
        FILE *f;

        for (const Choice *c = key->choices; c->name; c++) {
                if (strcasecmp(text, c->name) == 0) {
                        *(int *)field = c->value;
                        return 0;
                }
                best = suggest_closer(text, best, c->name);
        }
        if (best)
                return refuse(reterr_why, "'%s' is not known; did you mean %s?", text, best);

        f = open_memstream(&names, &size);
        if (!f)
                return -ENOMEM;
        for (const Choice *c = key->choices; c->name; c++, separator = ", ")
                (void)fprintf(f, "%s%s", separator, c->name);
        if (text_stream_close(f, &names) < 0)
                return -ENOMEM;
        return refuse(reterr_why, "'%s' is not known; write one of %s", text, names);
}

/* The first word of @key that means @value; NULL if there is none. */
static const char *word_of(const Key *key, int value) {
        const Choice *c = key->choices;

        while (c->name && c->value != value)
                c++;
        return c->name;
}

void choice_print(FILE *f, const Key *key, const void *field) {
        (void)fputs(word_of(key, *(const int *)field) ?: "", f);
}

void choice_json(JsonWriter *w, const char *name, const Key *key, const void *field) {
        const char *word = word_of(key, *(const int *)field);

        if (word)
                json_string(w, name, word);
}
