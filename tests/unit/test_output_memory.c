/* Memory that runs out: malloc() and calloc() are ours, see --wrap in tests/rules.mk. */
#include "output-fixture.h"

static bool is_short;
static unsigned n_spare; /* allocations that still succeed then */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);

static bool fails(void) {
        if (!is_short || n_spare == 0)
                return is_short;
        n_spare--;
        return false;
}

void *__wrap_malloc(size_t size) {
        return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
        return fails() ? NULL : __real_calloc(n, size);
}

TestSuite(output_memory, .init = make_outputs, .fini = free_outputs, .timeout = 20);

/* Lines of another format than what reads them expects would be worse. */
Test(output_memory, a_format_that_cannot_be_had_is_told_before_the_program_starts) {
        int stdio[3];
        char *text;

        config->settings->log_format = LOG_FORMAT_JSON;
        cr_assert_eq(output_new(outputs, config, &output, &output), 0);
        is_short = true;
        cr_expect_eq(output_open(output, stdio), -ENOMEM);
        is_short = false;

        start();
        is_short = true;
        say(OUTPUT_STDOUT, "hello\n");
        output_drain(output);
        is_short = false;
        text = slurp(in_folder("out"));
        cr_expect(text[0] == '{', "%s", text);
        free(text);
}

static void expect_told_once(void) {
        cr_expect_eq(n_events[OUTPUT_EVENT_ROTATION_FAILED], 1);
        cr_expect_eq(last_event.error, ENOMEM);
}

Test(output_memory, a_backup_that_stays_uncompressed_is_told) {
        config->log[OUTPUT_STDOUT].backups = 2;
        config->log[OUTPUT_STDOUT].compress = LOG_COMPRESS_GZIP;
        start();
        n_spare = 1; /* the rotation itself */
        is_short = true;
        cr_expect_eq(output_rotate(output, OUTPUT_STDOUT), 0);
        is_short = false;
        expect_told_once();

        cr_expect_eq(output_rotate(output, OUTPUT_STDOUT), 0);
        cr_expect_eq(n_events[OUTPUT_EVENT_COMPRESS], 1, "tried again");
        cr_expect_eq(n_events[OUTPUT_EVENT_ROTATION_FAILED], 1);
}

Test(output_memory, a_compressed_backup_that_is_thrown_away_is_told) {
        config->log[OUTPUT_STDOUT].backups = 2;
        config->log[OUTPUT_STDOUT].compress = LOG_COMPRESS_GZIP;
        start();
        cr_expect_eq(output_rotate(output, OUTPUT_STDOUT), 0);
        is_short = true;
        outputs_compressed(outputs, compress_job.id, true);
        is_short = false;
        expect_told_once();
}
