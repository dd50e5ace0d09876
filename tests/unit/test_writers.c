/* Threads for what may block: here it blocks on a pipe until the test lets it go. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/clock.h"
#include "log/writers.h"

#define MAX_THREADS 3

/* What was done, in order, with the lock of the writers. */
static char done[64];

typedef struct Line {
        Strand strand; /* first */
        char name;
        bool hangs;
        int gate[2]; /* what it reads while it hangs */
        unsigned queued;
        uint64_t stamps[16];
        bool is_stuck;
        unsigned n_news;
} Line;

static Writers *writers;

/* The next bytes that this thread writes fail, as if the kernel had no memory: write() is ours, see
 * --wrap in tests/rules.mk. */
static _Thread_local bool write_fails;
static _Thread_local unsigned n_failed_writes;

ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);

ssize_t __wrap_write(int fd, const void *data, size_t size) {
        if (!write_fails)
                return __real_write(fd, data, size);
        n_failed_writes++;
        errno = ENOMEM;
        return -1;
}

static StrandResult on_work(Strand *s, uint64_t until) {
        Line *l = (Line *)s;
        bool hangs, more;
        char byte;

        writers_lock(writers);
        hangs = l->hangs;
        writers_unlock(writers);
        if (hangs)
                cr_assert_eq(read(l->gate[0], &byte, 1), 1);

        writers_lock(writers);
        while (l->queued > 0 && (!s->is_ordered || l->stamps[0] < until)) {
                strncat(done, &l->name, 1);
                l->queued--;
                memmove(l->stamps, l->stamps + 1, sizeof(l->stamps) - sizeof(l->stamps[0]));
                strand_progress(s);
        }
        strand_tell(s);
        more = l->queued > 0;
        writers_unlock(writers);
        return more ? STRAND_MORE : STRAND_DONE;
}

static void on_news(Strand *s) {
        Line *l = (Line *)s;

        writers_lock(writers);
        l->is_stuck = s->is_stuck;
        writers_unlock(writers);
        l->n_news++;
}

static Line *line_new(char name, bool hangs) {
        static const StrandCalls calls = { .work = on_work, .on_news = on_news };
        Line *l = calloc(1, sizeof(*l));

        cr_assert(l);
        *l = (Line){ .name = name, .hangs = hangs };
        l->strand.calls = &calls;
        l->strand.writers = writers;
        cr_assert_eq(pipe2(l->gate, O_CLOEXEC), 0);
        return l;
}

static void line_free(Line *l) {
        safe_close(l->gate[0]);
        safe_close(l->gate[1]);
        free(l);
}

static void queue(Line *l) {
        writers_lock(writers);
        l->stamps[l->queued++] = strand_stamp(&l->strand);
        strand_schedule(&l->strand);
        writers_unlock(writers);
}

static void let_go(Line *l) {
        writers_lock(writers);
        l->hangs = false;
        writers_unlock(writers);
        cr_assert_eq(write(l->gate[1], "", 1), 1);
}

static void expect_done(const char *expected) {
        writers_lock(writers);
        cr_expect_str_eq(done, expected);
        writers_unlock(writers);
}

/* Turn as the daemon's loop does until @condition. */
#define TURN_UNTIL(condition)                                                           \
        do {                                                                            \
                struct pollfd p_ = { .fd = writers_get_fd(writers), .events = POLLIN }; \
                                                                                        \
                writers_kick(writers);                                                  \
                if (condition)                                                          \
                        break;                                                          \
                cr_assert_eq(poll(&p_, 1, 10000), 1);                                   \
                writers_dispatch(writers);                                              \
        } while (true)

static void start(void) {
        cr_assert_eq(writers_new(MAX_THREADS, &writers), 0);
}

static void stop(void) {
        writers = writers_free(writers);
}

TestSuite(writers, .init = start, .fini = stop, .timeout = 30);

/* Frees nothing, so that the test sees who touches what has ended; returns when it is let go. */
static StrandResult on_last_work(Strand *s, uint64_t until) {
        Line *l = (Line *)s;
        char byte;

        writers_lock(writers);
        strand_end(s);
        writers_unlock(writers);
        cr_assert_eq(read(l->gate[0], &byte, 1), 1);
        return STRAND_GONE;
}

Test(writers, do_what_is_queued_and_tell) {
        Line *a = line_new('a', false);

        queue(a);
        queue(a);
        TURN_UNTIL(a->n_news > 0);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        expect_done("aa");
        line_free(a);
}

Test(writers, wake_nobody_while_nothing_is_queued) {
        Line *a = line_new('a', false);
        struct pollfd p = { .fd = writers_get_fd(writers), .events = POLLIN };

        queue(a);
        TURN_UNTIL(a->n_news > 0);
        writers_dispatch(writers);
        /* A thread that was not back yet when it was queued is looked at, once. */
        if (poll(&p, 1, 1500) > 0)
                writers_dispatch(writers);
        cr_expect_eq(poll(&p, 1, 1500), 0);
        line_free(a);
}

/* Queue something for a thread that waits for work, and cannot be told. */
static void queue_for_nobody(Line *l) {
        do {
                cr_assert_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
                queue(l);
                write_fails = true;
                writers_kick(writers); /* a thread that is not back from its work yet takes it */
                write_fails = false;
        } while (n_failed_writes == 0);
}

static bool is_all_done(const Line *l) {
        bool result;

        writers_lock(writers);
        result = l->queued == 0;
        writers_unlock(writers);
        return result;
}

Test(writers, that_could_not_be_woken_are_woken_later) {
        Line *a = line_new('a', false);

        queue_for_nobody(a);
        TURN_UNTIL(is_all_done(a));
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        line_free(a);
}

Test(writers, that_could_not_be_woken_are_woken_by_who_waits_for_them) {
        Line *a = line_new('a', false);

        queue_for_nobody(a);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        cr_expect(is_all_done(a));
        line_free(a);
}

Test(writers, leave_signals_to_the_loop) {
        Line *a = line_new('a', true);
        char path[64], text[2048] = {};
        unsigned long long blocked;
        FILE *f;
        int tid = 0;

        queue(a);
        writers_kick(writers);
        for (int i = 1; tid == 0 && i < 100000; i++) /* the thread that follows ours */
                if (syscall(SYS_tgkill, getpid(), getpid() + i, 0) == 0)
                        tid = getpid() + i;
        cr_assert_gt(tid, 0);
        (void)snprintf(path, sizeof(path), "/proc/self/task/%d/status", tid);
        f = fopen(path, "re");
        cr_assert(f);
        cr_assert_gt(fread(text, 1, sizeof(text) - 1, f), 0);
        (void)fclose(f);
        cr_assert(strstr(text, "SigBlk:"));
        blocked = strtoull(strstr(text, "SigBlk:") + strlen("SigBlk:"), NULL, 16);
        cr_expect(blocked & 1ULL << (SIGTERM - 1));
        cr_expect(blocked & 1ULL << (SIGCHLD - 1));

        let_go(a);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        line_free(a);
}

Test(writers, serve_others_while_one_hangs_and_tell_of_it) {
        Line *a = line_new('a', true), *b = line_new('b', false);

        queue(a);
        writers_kick(writers);
        queue(b);
        TURN_UNTIL(b->n_news > 0);
        expect_done("b");
        TURN_UNTIL(a->is_stuck);

        queue(b);
        TURN_UNTIL(b->n_news > 1);
        expect_done("bb");

        let_go(a);
        TURN_UNTIL(!a->is_stuck);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        expect_done("bba");
        line_free(a);
        line_free(b);
}

Test(writers, keep_the_order_of_what_hangs) {
        Line *a = line_new('a', true), *b = line_new('b', false);

        queue(a);
        writers_kick(writers);
        queue(b);
        TURN_UNTIL(b->n_news > 0);
        queue(a); /* a second thread sees it, and must leave it to the first */
        queue(b);
        TURN_UNTIL(b->n_news > 1);
        expect_done("bb");
        let_go(a);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        expect_done("bbaa");
        line_free(a);
        line_free(b);
}

Test(writers, tell_everybody_when_all_threads_hang) {
        Line *hanging[MAX_THREADS], *b = line_new('b', false);

        for (unsigned i = 0; i < MAX_THREADS; i++) {
                hanging[i] = line_new('a', true);
                queue(hanging[i]);
        }
        for (unsigned i = 0; i < MAX_THREADS; i++)
                TURN_UNTIL(hanging[i]->is_stuck);
        queue(b);
        TURN_UNTIL(b->is_stuck);
        expect_done("");

        let_go(hanging[1]);
        TURN_UNTIL(!b->is_stuck);
        cr_assert_eq(hanging[1]->is_stuck, false);

        let_go(hanging[0]);
        let_go(hanging[2]);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        for (unsigned i = 0; i < MAX_THREADS; i++)
                line_free(hanging[i]);
        line_free(b);
}

Test(writers, wait_no_longer_than_told_for_what_hangs) {
        Line *a = line_new('a', true), *b = line_new('b', false);
        uint64_t before = now_usec();

        queue(a);
        queue(b);
        cr_expect_eq(writers_wait(writers, USEC_PER_SEC), -ETIMEDOUT);
        cr_expect_lt(now_usec() - before, 8 * USEC_PER_SEC);
        expect_done("b");
        let_go(a);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        line_free(a);
        line_free(b);
}

Test(writers, leave_alone_what_has_ended_though_its_thread_lags_behind) {
        static const StrandCalls calls = { .work = on_last_work, .on_news = on_news };
        Line *a = line_new('a', true);

        a->strand.calls = &calls;
        queue(a);
        cr_expect_eq(writers_wait(writers, USEC_PER_SEC), 0);
        cr_expect_not(a->strand.is_stuck);
        let_go(a);
        stop();
        line_free(a);
}

Test(writers, let_an_ordered_strand_overtake_nobody) {
        Line *first = line_new('1', true), *a = line_new('a', false), *b = line_new('b', false),
             *log = line_new('L', false);

        log->strand.is_ordered = true;
        queue(first); /* so that the rest is queued before any of it is done */
        writers_kick(writers);
        queue(log);
        queue(a);
        queue(log);
        queue(b);
        queue(log);
        queue(log);
        let_go(first);
        cr_expect_eq(writers_wait(writers, 20 * USEC_PER_SEC), 0);
        expect_done("1LabLLL");
        line_free(first);
        line_free(a);
        line_free(b);
        line_free(log);
}
