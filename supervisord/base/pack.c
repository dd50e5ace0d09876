#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

/* The first of @texts[0..i] that ends in @texts[i], or is it. */
static size_t holder_of(const char *const *texts, size_t i) {
        size_t size = strlen(texts[i]);

        for (size_t k = 0; k < i; k++) {
                size_t longer = texts[k] ? strlen(texts[k]) : 0;

                if (texts[k] && longer >= size && strcmp(texts[k] + longer - size, texts[i]) == 0)
                        return k;
        }
        return i;
}

char *pack_texts(const char *const *texts, const char **ret, size_t n) {
        size_t size = 0;
        char *memory, *end;

        for (size_t i = 0; i < n; i++)
                if (texts[i] && holder_of(texts, i) == i)
                        size += strlen(texts[i]) + 1;
        memory = end = malloc(size ? size : 1);
        if (!memory)
                return NULL;

        for (size_t i = 0; i < n; i++) {
                size_t k = texts[i] ? holder_of(texts, i) : i;

                ret[i] = texts[i] ? end : NULL;
                if (k != i)
                        ret[i] = ret[k] + strlen(texts[k]) - strlen(texts[i]);
                else if (texts[i])
                        end = stpcpy(end, texts[i]) + 1;
        }
        return memory;
}
