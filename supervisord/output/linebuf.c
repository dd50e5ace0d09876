#include <string.h>

#include "base/macro.h"
#include "output/linebuf.h"

void linebuf_done(LineBuf *b) {
        free(b->data);
        *b = (LineBuf){};
}

static void give_kept(LineBuf *b, bool whole, line_fn fn, void *userdata) {
        b->data[b->size] = '\0';
        fn(b->data, b->size, whole, userdata);
        b->size = 0;
}

void linebuf_flush(LineBuf *b, line_fn fn, void *userdata) {
        if (b->size > 0)
                give_kept(b, true, fn, userdata);
        linebuf_done(b);
}

/* Put @data, which is within one line, behind what is kept; full pieces are given. */
static void keep(LineBuf *b, const char *data, size_t size, line_fn fn, void *userdata) {
        while (size > 0) {
                size_t n = MIN(size, LINEBUF_MAX - b->size);

                if (n == 0) {
                        give_kept(b, false, fn, userdata);
                        continue;
                }

                if (!b->data)
                        b->data = malloc(LINEBUF_MAX + 1);
                if (!b->data) {
                        fn(data, n, false, userdata);
                } else {
                        memcpy(b->data + b->size, data, n);
                        b->size += n;
                }
                data += n;
                size -= n;
        }
}

void linebuf_push(LineBuf *b, const char *data, size_t size, line_fn fn, void *userdata) {
        while (size > 0) {
                const char *end = memchr(data, '\n', size);
                size_t n = end ? (size_t)(end - data) : size;

                if (!end) {
                        keep(b, data, n, fn, userdata);
                        return;
                }

                if (b->size == 0 && n <= LINEBUF_MAX) {
                        fn(data, n, true, userdata); /* the usual case needs no copy */
                } else {
                        keep(b, data, n, fn, userdata);
                        if (b->size > 0)
                                give_kept(b, true, fn, userdata);
                        linebuf_done(b);
                }
                data += n + 1;
                size -= n + 1;
        }
}
