/*
 * Removes terminal control sequences (ESC [ … letter) from a stream of bytes, wherever it happens
 * to be cut. Unlike Python's supervisord it knows every final letter and never removes past a
 * line's end, so that a broken sequence costs no text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

typedef enum _packed_ AnsiFilter {
        ANSI_TEXT, /* the initial state */
        ANSI_ESCAPE,
        ANSI_SEQUENCE,
} AnsiFilter;

/*
 * Strip @data in place; returns the size that is left. *ret_escape is set if an ESC that ended the
 * data before turns out to be text: it belongs before this data.
 */
size_t ansi_strip(AnsiFilter *state, char *data, size_t size, bool *ret_escape);
