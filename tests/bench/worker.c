/*
 * The program that all contestants supervise. It has no libc, so that its own start costs next to
 * nothing beside that of the supervisor, and tells the file EVENTS what happens to it (events.h).
 *
 *   bench-worker EVENTS INDEX pause                  waits for SIGTERM and ends
 *   bench-worker EVENTS INDEX stubborn               takes no notice of SIGTERM
 *   bench-worker EVENTS INDEX crash                  ends at once with status 1
 *   bench-worker EVENTS INDEX write GATE CHUNK TOTAL     writes lines, CHUNK bytes a time, then
 * waits bench-worker EVENTS INDEX trickle GATE USEC LINES    writes a line every USEC, then waits
 *
 * Those that write begin when the FIFO GATE is opened by the driver: all at once.
 */
#include <fcntl.h>
#include <linux/time_types.h>
#include <signal.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <sys/syscall.h>
#include <time.h>

#include "bench/events.h"

#define LINE_SIZE 128
#define TERM_MASK (1UL << (SIGTERM - 1))

noreturn void begin(const uintptr_t *stack);

#if defined(__x86_64__)
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");

static long call(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d) {
        register uintptr_t r10 __asm__("r10") = d;
        long result;

        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
                         : "rcx", "r11", "memory");
        return result;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start: mov x0, sp\n bl begin\n");

static long call(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d) {
        register long x8 __asm__("x8") = number;
        register uintptr_t x0 __asm__("x0") = a;
        register uintptr_t x1 __asm__("x1") = b;
        register uintptr_t x2 __asm__("x2") = c;
        register uintptr_t x3 __asm__("x3") = d;

        __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
        return (long)x0;
}
#else
#        error "bench-worker knows the system calls of x86-64 and arm64 only"
#endif

typedef struct Worker {
        const char *events;
        uint32_t index;
} Worker;

static noreturn void leave(int status) {
        for (;;)
                (void)call(SYS_exit_group, (uintptr_t)status, 0, 0, 0);
}

static uint64_t now_nsec(void) {
        struct __kernel_timespec now = {};

        (void)call(SYS_clock_gettime, CLOCK_MONOTONIC, (uintptr_t)&now, 0, 0);
        return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A file that cannot be written to shows as a worker that has not started. */
static void tell(const Worker *w, EventKind kind, uint64_t nsec) {
        Event event = { .nsec = nsec, .index = w->index, .kind = kind };
        long fd;

        event.pid = (uint32_t)call(SYS_getpid, 0, 0, 0, 0);
        fd = call(SYS_openat, (uintptr_t)AT_FDCWD, (uintptr_t)w->events, O_WRONLY | O_APPEND, 0);
        if (fd < 0)
                leave(111);
        (void)call(SYS_write, (uintptr_t)fd, (uintptr_t)&event, sizeof(event), 0);
        (void)call(SYS_close, (uintptr_t)fd, 0, 0, 0);
}

static uint64_t number_of(const char *digits) {
        uint64_t value = 0;

        while (digits && *digits >= '0' && *digits <= '9')
                value = value * 10 + (uint64_t)(*digits++ - '0');
        return value;
}

static void block_term(int how) {
        uint64_t mask = TERM_MASK;

        (void)call(SYS_rt_sigprocmask, (uintptr_t)how, (uintptr_t)&mask, 0, sizeof(mask));
}

static void await_term(const Worker *w) {
        uint64_t mask = TERM_MASK;

        while (call(SYS_rt_sigtimedwait, (uintptr_t)&mask, 0, 0, sizeof(mask)) != SIGTERM)
                continue;
        tell(w, EVENT_ASKED, now_nsec());
}

static void pause_for(uint64_t usec) {
        struct __kernel_timespec time = { .tv_sec = (long)(usec / 1000000),
                                          .tv_nsec = (long)(usec % 1000000) * 1000 };

        (void)call(SYS_nanosleep, (uintptr_t)&time, 0, 0, 0);
}

static void write_all(const char *block, size_t size) {
        while (size > 0) {
                long n = call(SYS_write, 1, (uintptr_t)block, size, 0);

                if (n <= 0)
                        leave(112);
                block += n;
                size -= (size_t)n;
        }
}

/* @chunk: at most 64 KiB. */
static void write_lines(size_t chunk, uint64_t total) {
        static char block[65536];

        for (size_t i = 0; i < chunk; i++)
                block[i] = i % LINE_SIZE == LINE_SIZE - 1 ? '\n' : 'x';
        for (uint64_t done = 0; done < total; done += chunk)
                write_all(block, chunk);
}

/* Children begin at different times, as they would: the first pause is a share of the others. */
static void trickle_lines(uint32_t index, uint64_t usec, uint64_t lines) {
        static char line[LINE_SIZE];

        for (size_t i = 0; i < sizeof(line); i++)
                line[i] = i == sizeof(line) - 1 ? '\n' : 'x';
        pause_for(index % 100 * usec / 100);
        for (uint64_t i = 0; i < lines; i++) {
                write_all(line, sizeof(line));
                pause_for(usec);
        }
}

static void await_gate(const char *path) {
        (void)call(SYS_openat, (uintptr_t)AT_FDCWD, (uintptr_t)path, O_RDONLY, 0);
}

/* @stack: the number of arguments, then they. */
void begin(const uintptr_t *stack) {
        uint64_t started = now_nsec();
        const char *const *argv = (const char *const *)(stack + 1);
        Worker w;
        char mode;

        if (stack[0] < 4)
                leave(100);
        w = (Worker){ .events = argv[1], .index = (uint32_t)number_of(argv[2]) };
        mode = argv[3][0];

        block_term(SIG_BLOCK);
        tell(&w, EVENT_STARTED, started);
        if (mode == 'c')
                leave(1);
        if ((mode == 'w' || mode == 't') && stack[0] == 7) {
                await_gate(argv[4]);
                if (mode == 'w')
                        write_lines(number_of(argv[5]), number_of(argv[6]));
                else
                        trickle_lines(w.index, number_of(argv[5]), number_of(argv[6]));
                tell(&w, EVENT_DONE, now_nsec());
        }
        for (;;) {
                await_term(&w);
                if (mode != 's')
                        leave(0);
        }
}
