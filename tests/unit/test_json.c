#include <criterion/criterion.h>
#include <string.h>

#include "base/json.h"
#include "base/macro.h"

TestSuite(json, .timeout = 10);

/* What @write makes of a document. */
static char *written(void (*write)(JsonWriter *)) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        JsonWriter w = { .file = f };

        cr_assert(f);
        write(&w);
        cr_assert_eq(fclose(f), 0);
        return text;
}

static void write_nested(JsonWriter *w) {
        json_object_begin(w, NULL);
        json_integer(w, "i", INT64_MIN);
        json_array_begin(w, "empty");
        json_array_end(w);
        json_array_begin(w, "list");
        json_null(w, NULL);
        json_boolean(w, NULL, true);
        json_number(w, NULL, 1.5);
        json_string(w, NULL, NULL);
        json_array_end(w);
        json_object_end(w);
}

Test(json, nests_with_commas_where_they_belong) {
        _cleanup_(freep) char *text = written(write_nested);

        cr_expect_str_eq(text, "{\n"
                               " \"i\": -9223372036854775808,\n"
                               " \"empty\": [],\n"
                               " \"list\": [\n"
                               "  null,\n"
                               "  true,\n"
                               "  1.5,\n"
                               "  null\n"
                               " ]\n"
                               "}\n");
}

static void write_strings(JsonWriter *w) {
        json_array_begin(w, NULL);
        json_string(w, NULL, "a\"b\\c\n\t\x01\x7f");
        json_string(w, NULL, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
        json_string(w, NULL, "\xff-\xc3-\xed\xa0\x80-\xc0\x80");
        json_array_end(w);
}

Test(json, escapes_what_must_be_and_repairs_what_is_no_utf8) {
        _cleanup_(freep) char *text = written(write_strings);

        cr_expect(strstr(text, "\"a\\\"b\\\\c\\n\\u0009\\u0001\\u007f\""), "%s", text);
        cr_expect(strstr(text, "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""), "%s", text);
        cr_expect(strstr(text, "\"\\ufffd-\\ufffd-\\ufffd\\ufffd\\ufffd-\\ufffd\\ufffd\""), "%s",
                  text);
}

Test(json, compact_is_one_line) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);
        JsonWriter w = { .file = f, .compact = true };

        cr_assert(f);
        write_nested(&w);
        cr_assert_eq(fclose(f), 0);
        cr_expect_str_eq(text, "{\"i\": -9223372036854775808, \"empty\": [], "
                               "\"list\": [null, true, 1.5, null]}\n");
        free(text);
}
