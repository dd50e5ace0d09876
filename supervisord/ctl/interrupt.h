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

/* From now on SIGINT ends nothing. Returns 0 or -errno; SIGINT is then as before. */
int interrupt_begin(Interrupt *i);

/* Was there one since? */
bool interrupt_seen(Interrupt *i);

/* As before, with nothing left to be delivered; may be used for `_cleanup_`. */
void interrupt_end(Interrupt *i);
