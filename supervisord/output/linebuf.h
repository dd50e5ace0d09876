/*
 * Cuts a stream of bytes into lines for what takes only whole lines. Holds at most one unfinished
 * line; one that is longer than LINEBUF_MAX comes in pieces.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LINEBUF_MAX 16384U

typedef struct LineBuf {
        char *data;  /* LINEBUF_MAX + 1 bytes, while a line is unfinished */
        size_t size; /* of what is unfinished */
} LineBuf;

/*
 * @line has at most LINEBUF_MAX bytes, without its newline, and is valid during the call. @whole is
 * false if the next piece belongs to the same line.
 */
typedef void (*line_fn)(const char *line, size_t size, bool whole, void *userdata);

/* Without memory for an unfinished line its parts come at once, as pieces: nothing is lost. */
void linebuf_push(LineBuf *buf, const char *data, size_t size, line_fn fn, void *userdata);

/* The stream has ended: what is unfinished is a line. */
void linebuf_flush(LineBuf *buf, line_fn fn, void *userdata);

void linebuf_done(LineBuf *buf);
