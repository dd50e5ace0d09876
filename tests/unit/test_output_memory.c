/* Memory that runs out: malloc() is ours, see --wrap in tests/rules.mk. */
#include "output-fixture.h"

static bool is_short;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size) {
        return is_short ? NULL : __real_malloc(size);
}

TestSuite(output_memory, .init = make_outputs, .fini = free_outputs, .timeout = 20);

/* Lines of another format than what reads them expects would be worse. */
Test(output_memory, a_format_that_cannot_be_had_is_told_before_the_program_starts) {
        int stdio[3];
        char *text;

        config->log_format = LOG_FORMAT_JSON;
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
