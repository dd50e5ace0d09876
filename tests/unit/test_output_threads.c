/*
 * The tests of test_output.c once more, with threads that write the files: whatever may have queued
 * something waits until that is done.
 */
#include <errno.h>

#include "output/output.h"

static Writers *writers;

/* Tells what the threads have told, too, and waits for what follows from that. */
static int settled(int r) {
        for (int i = 0; i < 4; i++) {
                if (writers_wait(writers, 10 * USEC_PER_SEC) < 0)
                        return -ETIMEDOUT;
                writers_dispatch(writers);
        }
        return r;
}

static int settle(void) {
        return settled(0);
}

static int outputs_new_with_writers(const OutputsOptions *options, Outputs **ret) {
        OutputsOptions with_writers = *options;
        int r;

        r = writers_new(8, &writers);
        if (r < 0)
                return r;
        with_writers.writers = writers;
        return outputs_new(&with_writers, ret);
}

static Outputs *outputs_free_with_writers(Outputs *outputs) {
        outputs_free(outputs);
        (void)settle();
        writers = writers_free(writers);
        return NULL;
}

#define outputs_new(options, ret) outputs_new_with_writers(options, ret)
#define outputs_free(outputs) outputs_free_with_writers(outputs)
#define output_open(output, stdio) settled(output_open(output, stdio))
#define outputs_dispatch(outputs) settled(outputs_dispatch(outputs))
#define output_clear(output, stream) settled(output_clear(output, stream))
#define output_rotate(output, stream) settled(output_rotate(output, stream))
#define output_drain(output) ((void)((output_drain)(output), settle()))
#define output_write(output, stream, text) ((void)((output_write)(output, stream, text), settle()))
#define outputs_reopen(outputs) ((void)((outputs_reopen)(outputs), settle()))
#define outputs_compressed(outputs, id, succeeded) \
        ((void)((outputs_compressed)(outputs, id, succeeded), settle()))

#include "test_output.c"          /* NOLINT(bugprone-suspicious-include) */
#include "test_output_pressure.c" /* NOLINT(bugprone-suspicious-include) */
