/*
 * The physical lines of a configuration file, checked for being text at all.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"

#define SOURCE_LINE_MAX ((size_t)1 << 20) /* bytes of one line, its end not counted */

typedef struct Source {
        FILE *file;
        Buffer line;        /* the line read last, without its end */
        unsigned number;    /* of that line; the first is 1 */
        bool ended_in_cr;   /* a LF that follows belongs to it */
        const char *damage; /* why the file is no text: nothing more is read */
} Source;

/*
 * Open @path for reading. Only a regular file will do and nothing here blocks: -EISDIR for a
 * directory, -ENXIO for a FIFO, socket or device, else 0 or the error of open(2).
 */
int source_open(Source *s, const char *path);
void source_close(Source *s);

/*
 * Read the next line: up to LF, CR LF or CR, as Python's text mode has it. A byte order mark at the
 * start of the file is skipped. Returns 1; 0 at the end of the file or when damage was found; -EIO,
 * -ENOMEM.
 */
int source_next(Source *s);
