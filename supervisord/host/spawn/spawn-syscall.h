/*
 * System calls for code that shares its memory with another process: no errno, no libc, nothing
 * that a sanitizer or a stack protector adds. Everything here and everything that it calls carries
 * SPAWN_CHILD_CODE.
 */
#pragma once

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_attribute) && __has_attribute(no_stack_protector)
#        define SPAWN_NO_STACK_PROTECTOR __attribute__((no_stack_protector))
#else
#        define SPAWN_NO_STACK_PROTECTOR
#endif
#define SPAWN_CHILD_CODE \
        __attribute__((no_sanitize("address", "undefined"))) SPAWN_NO_STACK_PROTECTOR

/* A clone or clone3 call as the architecture wants its arguments. */
typedef struct SpawnClone {
        long number;
        long arguments[5];
} SpawnClone;

/* SPAWN_PORTABLE is for trying the way of all other architectures. */
#if defined(__x86_64__) && !defined(SPAWN_PORTABLE)
#        define SPAWN_HAVE_CLONE 1

/* The fifth argument is 0: prctl(2) wants it to be. */
SPAWN_CHILD_CODE static inline long spawn_syscall(long nr, long a, long b, long c, long d) {
        register long r10 __asm__("r10") = d;
        register long r8 __asm__("r8") = 0;
        long r;

        __asm__ volatile("syscall"
                         : "=a"(r)
                         : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                         : "rcx", "r11", "memory");
        return r;
}

/*
 * Make a child that calls @entry with @data on its own stack and never returns from it. Gives the
 * pid, or -errno.
 */
SPAWN_CHILD_CODE static inline long
spawn_clone(const SpawnClone *call, void (*entry)(void *), void *data) {
        register long r10 __asm__("r10");
        register long r8 __asm__("r8");
        register void (*r12)(void *) __asm__("r12") = entry;
        register void *r13 __asm__("r13") = data;
        long r;

        r10 = call->arguments[3];
        r8 = call->arguments[4];
        __asm__ volatile("syscall\n\t"
                         "testq %%rax, %%rax\n\t"
                         "jnz 1f\n\t"
                         "movq %%r13, %%rdi\n\t"
                         "callq *%%r12\n\t"
                         "ud2\n"
                         "1:"
                         : "=a"(r)
                         : "a"(call->number), "D"(call->arguments[0]), "S"(call->arguments[1]),
                           "d"(call->arguments[2]), "r"(r10), "r"(r8), "r"(r12), "r"(r13)
                         : "rcx", "r11", "memory", "cc");
        return r;
}

#elif defined(__aarch64__) && !defined(SPAWN_PORTABLE)
#        define SPAWN_HAVE_CLONE 1

SPAWN_CHILD_CODE static inline long spawn_syscall(long nr, long a, long b, long c, long d) {
        register long x8 __asm__("x8") = nr;
        register long x0 __asm__("x0") = a;
        register long x1 __asm__("x1") = b;
        register long x2 __asm__("x2") = c;
        register long x3 __asm__("x3") = d;
        register long x4 __asm__("x4") = 0;

        __asm__ volatile("svc #0"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4)
                         : "memory", "cc");
        return x0;
}

/* As above. */
SPAWN_CHILD_CODE static inline long
spawn_clone(const SpawnClone *call, void (*entry)(void *), void *data) {
        register long x8 __asm__("x8");
        register long x0 __asm__("x0");
        register long x1 __asm__("x1");
        register long x2 __asm__("x2");
        register long x3 __asm__("x3");
        register long x4 __asm__("x4");
        register void (*x9)(void *) __asm__("x9") = entry;
        register void *x10 __asm__("x10") = data;

        x8 = call->number;
        x0 = call->arguments[0];
        x1 = call->arguments[1];
        x2 = call->arguments[2];
        x3 = call->arguments[3];
        x4 = call->arguments[4];
        __asm__ volatile("svc #0\n\t"
                         "cbnz x0, 1f\n\t"
                         "mov x0, x10\n\t"
                         "blr x9\n\t"
                         "brk #1\n"
                         "1:"
                         : "+r"(x0)
                         : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x9), "r"(x10)
                         : "memory", "cc");
        return x0;
}

#else
#        define SPAWN_HAVE_CLONE 0

/* Writes errno, which is harmless here: without spawn_clone() the parent rests in vfork(2). */
static inline long spawn_syscall(long nr, long a, long b, long c, long d) {
        long r = syscall(nr, a, b, c, d, 0L);

        return r < 0 ? -errno : r;
}
#endif
