/*
 * What every fuzz target has: libFuzzer calls the functions, or replay.c where there is none. A
 * target calls abort() when something does not hold.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/macro.h"

/* May be left out. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The machine, not what is tested, is at fault: nothing can be tested. */
static inline _noreturn_ void target_fail(const char *what) {
        perror(what);
        abort();
}

/* An input as a file that is nowhere; the caller's. */
static inline int target_store(const uint8_t *data, size_t size) {
        int fd = memfd_create("fuzz", MFD_CLOEXEC);

        if (fd < 0 || write(fd, data, size) != (ssize_t)size)
                target_fail("memfd");
        return fd;
}
