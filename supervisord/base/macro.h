/*
 * The few macros that every file of the daemon may rely on: scope-bound cleanup, ownership transfer
 * and units. Nothing here depends on anything but the compiler and libc.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(fmt, first) __attribute__((format(printf, fmt, first)))
#define _pure_ __attribute__((pure))
/* As small as it can be: an enum takes one byte. For what there is once per process. */
#define _packed_ __attribute__((packed))
#define _noreturn_ __attribute__((noreturn))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)
#define NSEC_PER_USEC UINT64_C(1000)
#define USEC_INFINITY UINT64_MAX

/* Hand the value of an owned variable to its next owner; the variable is left empty. */
#define TAKE_PTR(p)                          \
        ({                                   \
                __typeof__(p) _taken_ = (p); \
                (p) = NULL;                  \
                _taken_;                     \
        })
#define TAKE_FD(fd)                 \
        ({                          \
                int _taken_ = (fd); \
                (fd) = -1;          \
                _taken_;            \
        })

/* The same for a struct by value, whose empty form is all zero. */
#define TAKE_STRUCT(s)                      \
        ({                                  \
                __typeof__(s) _all_ = (s);  \
                (s) = (__typeof__(s)){ 0 }; \
                _all_;                      \
        })

/* For `_cleanup_(TYPE_freep)`: FREE takes NULL and returns NULL. */
#define DEFINE_CLEANUP(type, func)             \
        static inline void func##p(type **p) { \
                if (*p)                        \
                        *p = func(*p);         \
        }

static inline void freep(void *p) {
        free(*(void **)p);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): a cleanup function gets the variable itself */
static inline void closep(int *fd) {
        if (*fd >= 0)
                (void)close(*fd); /* a failing close has released the descriptor all the same */
}

static inline void fclosep(FILE **f) {
        if (*f)
                (void)fclose(*f);
}

/* Close @fd if it is open; always gives -1, so that `x = safe_close(x)` leaves no stale number. */
static inline int safe_close(int fd) {
        if (fd >= 0)
                (void)close(fd);
        return -1;
}
