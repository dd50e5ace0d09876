#include "base/pack.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that are taken up, all of whole strings. */
typedef struct Packed {
        char *memory;
        size_t n;
} Packed;

/* Where @text is, or can be found once it is appended. */
static size_t append(Packed *p, const char *text) {
        size_t size = strlen(text) + 1;
        const char *found = p->n > 0 ? memmem(p->memory, p->n, text, size) : NULL;

        if (found)
                return (size_t)(found - p->memory);
        memcpy(p->memory + p->n, text, size);
        p->n += size;
        return p->n - size;
}

char *pack_texts(const char *const *texts, const char **ret, size_t n) {
        Packed p = { 0 };
        size_t size = 1;
        char *memory;

        for (size_t i = 0; i < n; i++)
                if (texts[i])
                        size += strlen(texts[i]) + 1;
        p.memory = malloc(size);
        if (!p.memory)
                return NULL;

        for (size_t i = 0; i < n; i++)
                if (texts[i])
                        (void)append(&p, texts[i]);
        memory = realloc(p.memory, p.n + (p.n == 0));
        if (memory) /* else it stays too large */
                p.memory = memory;

        for (size_t i = 0; i < n; i++)
                ret[i] = texts[i] ? p.memory + append(&p, texts[i]) : NULL;
        return p.memory;
}
