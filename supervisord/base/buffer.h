/*
 * Bytes that grow at the end. There is always a NUL behind them once something was appended.
 */
#pragma once

#include <stddef.h>

/* Start with one that is all zero. */
typedef struct Buffer {
        char *data;
        size_t n;    /* bytes that count; may be set back to reuse the memory */
        size_t size; /* bytes allocated */
} Buffer;

/* Free the memory and zero the buffer; may be used for `_cleanup_`. */
void buffer_done(Buffer *b);

/* Make @size bytes of memory available in all. Returns 0 or -ENOMEM. */
int buffer_reserve(Buffer *b, size_t size);

/* Append @n bytes. Returns 0 or -ENOMEM. */
int buffer_append(Buffer *b, const char *data, size_t n);
