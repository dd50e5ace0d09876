/*
 * A hash of a text, FNV-1a in 64 bits. It spreads names and paths well; it does not withstand
 * somebody who looks for collisions, so it is only for texts of which nobody gains by one.
 */
#pragma once

#include <stdint.h>

static inline uint64_t hash_text(const char *text) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);

        for (const char *p = text; *p; p++)
                h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
        return h;
}
