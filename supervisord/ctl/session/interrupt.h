/*
 * Ctrl-C as a descriptor that becomes readable, for as long as a command waits for something.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

typedef struct Interrupt {
        int fd;
        sigset_t before; /* the mask to go back to */
} Interrupt;

/* From now on SIGINT ends nothing but makes @i readable. Returns 0, or -errno with SIGINT as before
 * and @i->fd -1. */
int interrupt_begin(Interrupt *i);

/* Was there a SIGINT since the beginning or the last call? */
bool interrupt_seen(Interrupt *i);

/* SIGINT is as before; one that came in the meantime is forgotten. May be used for `_cleanup_`. */
void interrupt_end(Interrupt *i);
