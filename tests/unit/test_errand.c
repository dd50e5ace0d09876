/* Errands: what hangs here is a pipe until the test writes to it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "log/errand.h"

typedef struct Work {
        int gate; /* what it reads first, or -1 */
        pthread_t thread;
        unsigned n_run, *n_done;
} Work;

static void run(void *data) {
        Work *w = data;
        char byte;

        if (w->gate >= 0)
                cr_assert_eq(read(w->gate, &byte, 1), 1);
        w->thread = pthread_self();
        w->n_run++;
}

static void done(void *data) {
        Work *w = data;

        cr_expect_eq(w->n_run, 1);
        (*w->n_done)++;
        free(w);
}

static const ErrandCalls calls = { .run = run, .done = done };

static void begin(Writers *writers, int gate, unsigned *n_done) {
        Work *w = calloc(1, sizeof(*w));

        cr_assert(w);
        w->gate = gate;
        w->n_done = n_done;
        cr_assert_eq(errand_begin(writers, &calls, w), 0);
}

/* The loop, until *@n is @expected. */
static void dispatch_until(Writers *writers, const unsigned *n, unsigned expected) {
        struct pollfd p = { .fd = writers_get_fd(writers), .events = POLLIN };

        writers_kick(writers);
        while (*n < expected) {
                cr_assert_eq(poll(&p, 1, -1), 1);
                writers_dispatch(writers);
                writers_kick(writers);
        }
        cr_expect_eq(*n, expected);
}

TestSuite(errand, .timeout = 60);

Test(errand, without_threads_is_done_at_once) {
        unsigned n = 0;

        begin(NULL, -1, &n);
        cr_expect_eq(n, 1);
}

Test(errand, is_told_to_be_done_in_the_loop) {
        _cleanup_(writers_freep) Writers *writers = NULL;
        unsigned n = 0;

        cr_assert_eq(writers_new(1, &writers), 0);
        begin(writers, -1, &n);
        begin(writers, -1, &n);
        cr_expect_eq(n, 0);
        cr_expect_eq(writers_wait(writers, USEC_PER_SEC), 0);
        cr_expect_eq(n, 0, "nobody has dispatched it");
        writers_dispatch(writers);
        cr_expect_eq(n, 2);
}

Test(errand, that_hangs_holds_up_no_other) {
        _cleanup_(writers_freep) Writers *writers = NULL;
        unsigned n_hung = 0, n = 0;
        int gate[2];

        cr_assert_eq(pipe2(gate, O_CLOEXEC), 0);
        cr_assert_eq(writers_new(2, &writers), 0);
        begin(writers, gate[0], &n_hung);
        for (unsigned i = 0; i < 20; i++)
                begin(writers, -1, &n);
        dispatch_until(writers, &n, 20);
        cr_expect_eq(n_hung, 0);
        cr_assert_eq(write(gate[1], "", 1), 1);
        dispatch_until(writers, &n_hung, 1);
}
