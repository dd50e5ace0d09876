/*
 * Loaded before libc into one process, this moves its wall clock, and nobody else's: by the seconds
 * that stand as an int64_t in the file CHAOS_CLOCK names, at any time. The monotonic clocks go on
 * as they are, as when somebody sets the clock of the machine. What the process starts has its own
 * clock again.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_gettime_fn)(clockid_t clock, struct timespec *ret);

static const volatile int64_t *offset_sec;
static clock_gettime_fn real_clock_gettime;

__attribute__((constructor)) static void attach(void) {
        const char *path = getenv("CHAOS_CLOCK");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        void *page =
                fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);

        if (fd >= 0)
                (void)close(fd);
        if (page == MAP_FAILED)
                abort();
        offset_sec = page;
        (void)unsetenv("LD_PRELOAD");
        (void)unsetenv("CHAOS_CLOCK");
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): its are reserved */
int clock_gettime(clockid_t clock, struct timespec *ret) {
        int r;

        if (!real_clock_gettime)
                *(void **)&real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
        r = real_clock_gettime(clock, ret);
        if (r == 0 && offset_sec && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                ret->tv_sec += *offset_sec;
        return r;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): its are reserved */
int gettimeofday(struct timeval *restrict ret, void *restrict zone) {
        struct timespec t;

        (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
        *ret = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
        return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): its are reserved */
time_t time(time_t *ret) {
        struct timespec t;

        (void)clock_gettime(CLOCK_REALTIME, &t); /* likewise */
        if (ret)
                *ret = t.tv_sec;
        return t.tv_sec;
}
