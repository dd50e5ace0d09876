#include "base/buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void buffer_done(Buffer *b) {
        free(b->data);
        *b = (Buffer){ 0 };
}

int buffer_reserve(Buffer *b, size_t size) {
        size_t wanted = b->size ? b->size : 64;
        char *grown;

        if (size <= b->size)
                return 0;
        while (wanted < size)
                wanted *= 2;
        grown = realloc(b->data, wanted);
        if (!grown)
                return -ENOMEM;
        b->data = grown;
        b->size = wanted;
        return 0;
}

int buffer_append(Buffer *b, const char *data, size_t n) {
        int r;

        r = buffer_reserve(b, b->n + n + 1);
        if (r < 0)
                return r;
        if (n > 0)
                memcpy(b->data + b->n, data, n);
        b->n += n;
        b->data[b->n] = '\0';
        return 0;
}
