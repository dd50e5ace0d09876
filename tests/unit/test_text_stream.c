/* Texts that are written piece by piece. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/text-stream.h"

TestSuite(text_stream, .timeout = 10);

Test(text_stream, gives_what_was_written) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert(f);
        cr_expect_eq(text_stream_close(f, &text), 0);
        cr_expect_str_eq(text, "");
        free(text);

        f = open_memstream(&text, &size);
        cr_assert(f);
        (void)fputs("one, ", f);
        (void)fputs("two", f);
        cr_expect_eq(text_stream_close(f, &text), 0);
        cr_expect_str_eq(text, "one, two");
        free(text);
}

/* As glibc leaves it when memory is short in the last moment: a stream that closes without error.
 */
Test(text_stream, that_ends_without_a_text_has_failed) {
        FILE *f = fopen("/dev/null", "we");
        char *text = NULL;

        cr_assert(f);
        cr_expect_eq(text_stream_close(f, &text), -ENOMEM);
}

Test(text_stream, that_could_not_take_all_has_failed) {
        FILE *f = fopen("/dev/full", "we");
        char *text = "";

        cr_assert(f);
        (void)fputs("lost", f);
        cr_expect_eq(text_stream_close(f, &text), -ENOMEM);
}
