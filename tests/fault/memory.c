/*
 * Preloaded into the daemon: lets allocations fail, whoever makes them, and marks where the daemon
 * begins (see marker.h). What it is to do stands in FAULT_MEMORY:
 *
 *   list:REPORT        none fails. REPORT gets for each way (stack of callers) that leads to an
 *                      allocation, when it is first taken, a line "site N FRAME..."
 *   N:COUNT:REPORT     COUNT allocations from the N-th on fail. REPORT gets "failed memory
 * FRAME..."
 *
 * A frame is FILE+OFFSET, as addr2line(1) likes it, the innermost first, in libc (or where a
 * sanitizer stands before it) with ":FUNCTION".
 * Without the variable only the marker is given. What the daemon starts inherits nothing of this.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "fault/marker.h"

#define FRAMES 12
#define OWN_FRAMES 3    /* those of this file, inlined or not: never the reason for two sites */
#define SITES (1 << 15) /* a power of two, with room to spare */

static struct {
        bool lists;
        unsigned long first, count;
        char report[256];
} plan;

static atomic_bool began;
static atomic_ulong n_allocations;
static uint64_t sites[SITES]; /* hashes of the ways that were taken; 0: free */
static _Thread_local bool inside __attribute__((tls_model("initial-exec")));

static void write_line(const char *event, unsigned long n, void *const *frames, int n_frames) {
        int fd = open(plan.report, O_WRONLY | O_APPEND | O_CLOEXEC);
        char line[2048];
        size_t used = 0;

        if (fd < 0)
                return; /* whoever reads the report misses the line */
        used = (size_t)snprintf(line, sizeof(line), "%s %lu", event, n);
        for (int i = 0; i < n_frames && used < sizeof(line) - 400; i++) {
                Dl_info info;

                if (dladdr(frames[i], &info) == 0 || !info.dli_fname)
                        continue;
                used += (size_t)snprintf(line + used, sizeof(line) - used, " %.200s+%#tx",
                                         info.dli_fname,
                                         (char *)frames[i] - (char *)info.dli_fbase);
                if (info.dli_sname &&
                    (strstr(info.dli_fname, "/libc.so") || strstr(info.dli_fname, "/libasan.so")))
                        used += (size_t)snprintf(line + used, sizeof(line) - used, ":%.80s",
                                                 info.dli_sname);
        }
        line[used++] = '\n';
        (void)!write(fd, line, used); /* the same */
        (void)close(fd);
}

/* Is the way described by @frames taken for the first time? */
static bool is_new_site(void *const *frames, int n_frames) {
        uint64_t hash = 14695981039346656037u;

        for (int i = 0; i < n_frames; i++)
                hash = (hash ^ (uintptr_t)frames[i]) * 1099511628211u;
        hash |= 1;
        for (uint64_t i = hash >> 32;; i++) {
                uint64_t *site = &sites[i % SITES];

                if (*site == hash)
                        return false;
                if (*site == 0) {
                        *site = hash;
                        return true;
                }
        }
}

/* Count an allocation: is it to fail? */
static bool fails(void) {
        void *frames[FRAMES + OWN_FRAMES];
        unsigned long n;
        bool result;
        int n_frames;

        if (!atomic_load(&began) || inside)
                return false;
        n = atomic_fetch_add(&n_allocations, 1) + 1;
        result = !plan.lists && n >= plan.first && n - plan.first < plan.count;
        if (!plan.lists && !result)
                return false;

        inside = true; /* what comes now is not the daemon's */
        n_frames = backtrace(frames, FRAMES + OWN_FRAMES);
        if (result)
                write_line("failed memory", n, frames, n_frames);
        else if (is_new_site(frames, n_frames))
                write_line("site", n, frames, n_frames);
        inside = false;
        if (result)
                errno = ENOMEM;
        return result;
}

#define NEXT(name)                     \
        static __typeof__(&name) next; \
        if (!next)                     \
        next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

void *malloc(size_t size) {
        NEXT(malloc);
        return fails() ? NULL : next(size);
}

/* The names of libc's parameters are its own. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
void *calloc(size_t n, size_t size) {
        NEXT(calloc);
        return fails() ? NULL : next(n, size);
}

void *realloc(void *p, size_t size) {
        NEXT(realloc);
        return fails() ? NULL : next(p, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
        NEXT(aligned_alloc);
        return fails() ? NULL : next(alignment, size);
}

int posix_memalign(void **ret, size_t alignment, size_t size) {
        NEXT(posix_memalign);
        return fails() ? ENOMEM : next(ret, alignment, size);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

__attribute__((constructor)) static void begin(void) {
        const char *text = getenv("FAULT_MEMORY");
        void *frame;
        int used = 0;

        (void)unsetenv("LD_PRELOAD");
        if (text && strncmp(text, "list:", 5) == 0)
                plan.lists = true, used = 5;
        else if (text && sscanf(text, "%lu:%lu:%n", &plan.first, &plan.count, &used) < 2)
                abort();
        if (text) {
                (void)snprintf(plan.report, sizeof(plan.report), "%s", text + used);
                (void)backtrace(&frame, 1); /* loads what it needs, with allocations of its own */
                (void)unsetenv("FAULT_MEMORY");
        }
        (void)prctl(FAULT_MARKER, 0, 0, 0, 0);
        atomic_store(&began, text != NULL);
}

__attribute__((destructor)) static void end(void) {
        atomic_store(&began, false);
        if (plan.lists)
                write_line("allocations", atomic_load(&n_allocations), NULL, 0);
}
