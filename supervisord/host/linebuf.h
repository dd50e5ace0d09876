/*
 * Cuts a stream of bytes into lines for what takes only whole lines. Holds at most one unfinished
 * line; one that is longer than the bound comes in pieces.
 */
#pragma once

#include <stddef.h>

#define LINEBUF_MAX 16384U

typedef struct LineBuf {
        char *data; /* LINEBUF_MAX bytes, while a line is unfinished */
        size_t size;
} LineBuf;

/* @line has no newline at its end and is valid during the call. */
typedef void (*line_fn)(const char *line, size_t size, void *userdata);

/* Without memory for an unfinished line its parts come as lines of their own: nothing is lost. */
void linebuf_push(LineBuf *buf, const char *data, size_t size, line_fn fn, void *userdata);

/* The stream has ended: what is unfinished is a line. */
void linebuf_flush(LineBuf *buf, line_fn fn, void *userdata);

void linebuf_done(LineBuf *buf);
