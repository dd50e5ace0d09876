#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "output/tail.h"

#define LINE_MAX_SHOWN 1024U

void tail_done(Tail *t) {
        free(t->data);
        *t = (Tail){};
}

void tail_push(Tail *t, const char *data, size_t size) {
        if (size > TAIL_MAX) {
                data += size - TAIL_MAX;
                size = TAIL_MAX;
        }

        if (!t->data)
                t->data = malloc((size_t)2 * TAIL_MAX);
        if (!t->data)
                return;

        /* The buffer is twice as large as what is kept, so that short lines seldom move it. */
        if (t->size + size > (size_t)2 * TAIL_MAX) {
                memmove(t->data, t->data + t->size - TAIL_MAX, TAIL_MAX);
                t->size = TAIL_MAX;
        }
        memcpy(t->data + t->size, data, size);
        t->size += size;
}

/* Where the last @n_max lines of @data begin. */
static size_t tail_start(const char *data, size_t size, size_t n_max) {
        size_t start = size;

        for (size_t n = 0; n < n_max && start > 0; n++) {
                const char *newline = memrchr(data, '\n', start - 1);

                start = newline ? (size_t)(newline + 1 - data) : 0;
        }

        return start;
}

int tail_lines(const char *data, size_t size, size_t n_max, char **ret) {
        size_t start, out = 0;
        char *text;
        int n = 0;

        start = tail_start(data, size, n_max);
        text = malloc(size - start + 1);
        if (!text)
                return -ENOMEM;

        while (start < size) {
                const char *newline = memchr(data + start, '\n', size - start);
                size_t length = newline ? (size_t)(newline - data) - start : size - start;
                size_t shown = MIN(length, (size_t)LINE_MAX_SHOWN);

                if (n > 0)
                        text[out++] = '\n';
                memcpy(text + out, data + start, shown);
                out += shown;
                start += length + 1;
                n++;
        }

        text[out] = '\0';
        *ret = text;
        return n;
}
