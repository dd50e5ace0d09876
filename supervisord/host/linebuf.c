#include <string.h>

#include "base/macro.h"
#include "host/linebuf.h"

void linebuf_done(LineBuf *b) {
        free(b->data);
        *b = (LineBuf){};
}

void linebuf_flush(LineBuf *b, line_fn fn, void *userdata) {
        if (b->size > 0)
                fn(b->data, b->size, userdata);
        linebuf_done(b);
}

/* Put @size bytes behind what is unfinished, in pieces if the line grows too long. */
static void append(LineBuf *b, const char *data, size_t size, line_fn fn, void *userdata) {
        while (size > 0) {
                size_t n = MIN(size, LINEBUF_MAX - b->size);

                if (!b->data)
                        b->data = malloc(LINEBUF_MAX);
                if (!b->data) {
                        fn(data, size, userdata);
                        return;
                }

                memcpy(b->data + b->size, data, n);
                b->size += n;
                data += n;
                size -= n;

                if (b->size == LINEBUF_MAX) {
                        fn(b->data, b->size, userdata);
                        b->size = 0;
                }
        }
}

void linebuf_push(LineBuf *b, const char *data, size_t size, line_fn fn, void *userdata) {
        while (size > 0) {
                const char *end = memchr(data, '\n', size);
                size_t n = end ? (size_t)(end - data) : size;

                if (!end) {
                        append(b, data, n, fn, userdata);
                        return;
                }

                if (b->size > 0) {
                        append(b, data, n, fn, userdata);
                        linebuf_flush(b, fn, userdata);
                } else {
                        fn(data, n, userdata);
                }
                data += n + 1;
                size -= n + 1;
        }
}
