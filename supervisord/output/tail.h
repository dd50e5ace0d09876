/*
 * The end of what a child wrote, for the message about its crash.
 */
#pragma once

#include <stddef.h>

#define TAIL_MAX 4096U

typedef struct Tail {
        char *data; /* 2 * TAIL_MAX bytes once something was pushed */
        size_t size;
} Tail;

/* Remember the last bytes. Without memory nothing is remembered. */
void tail_push(Tail *tail, const char *data, size_t size);
void tail_done(Tail *tail);

/*
 * Give a copy of the last @n_max lines of @data, each cut at 1 KiB, without the last newline. *ret
 * is the caller's. Returns how many lines that is, or -ENOMEM.
 */
int tail_lines(const char *data, size_t size, size_t n_max, char **ret);
