/* What the reader makes of lines that inih, as it is packaged, cannot carry or would take for its
 * own. */
#include "config-fixture.h"

#include "config/load/report.h"
#include "config/text/reader.h"

TestSuite(reader, .init = make_folder, .fini = remove_folder, .timeout = 20);

/* Reads one option after "[s]", and expects this of it. */
static void expect_option(const char *lines, const char *key, const char *value) {
        ConfigReport report = { 0 };
        ConfigText *text = calloc(1, sizeof(*text));
        const TextSection *section;
        const TextOption *option;
        FILE *f = fopen(in_folder("reader.conf"), "we");

        cr_assert(f && text);
        (void)fprintf(f, "[s]\n%s\n", lines);
        (void)fclose(f);
        cr_assert_eq(config_read_file(text, in_folder("reader.conf"), &report), 0);
        cr_expect_eq(report.n, 0, "%s", lines);
        section = config_text_find(text, "s");
        cr_assert_not_null(section);
        option = text_section_find(section, key);
        cr_assert_not_null(option, "%s", lines);
        cr_expect_str_eq(option->value, value, "%s", lines);
        config_text_free(text);
        config_report_done(&report);
}

Test(reader, takes_names_that_look_like_something_else) {
        expect_option("[a = b", "[a", "b");
        expect_option("a;b ;c = d #e", "a;b ;c", "d");
        expect_option("A\xc2\xa0: b=c", "a", "b=c");
        expect_option("\xef\xbb\xbfx = y", "\xef\xbb\xbfx", "y");
}

Test(reader, takes_values_that_look_like_something_else) {
        expect_option("a=x;b ;c #d", "a", "x;b ;c");
        expect_option("a = \xc2\xa0 b", "a", "b");
        expect_option("a = [b]", "a", "[b]");
        expect_option("a =\n  b = c\n\n  [d]", "a", "\nb = c\n\n[d]");
        expect_option("a = b\n ;c\n  d", "a", "b\nd");
}

Test(reader, keeps_blanks_where_a_line_is_too_long_for_inih) {
        char blanks[301], lines[1000], expected[1000];

        (void)snprintf(blanks, sizeof(blanks), "%300s", "");
        (void)snprintf(lines, sizeof(lines), "a = b%sc", blanks);
        (void)snprintf(expected, sizeof(expected), "b%sc", blanks);
        expect_option(lines, "a", expected);
        (void)snprintf(lines, sizeof(lines), "a =%sc", blanks);
        expect_option(lines, "a", "c");
        (void)snprintf(lines, sizeof(lines), "a%s= c", blanks);
        expect_option(lines, "a", "c");
        memset(blanks, 'n', 300);
        (void)snprintf(lines, sizeof(lines), "%s = c", blanks);
        expect_option(lines, blanks, "c");
}
