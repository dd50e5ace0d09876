/* What is done to the bytes on their way: wherever a stream is cut, the result must be the same. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/macro.h"
#include "output/ansi.h"
#include "output/capture.h"
#include "output/linebuf.h"
#include "output/lineformat.h"
#include "output/tail.h"

TestSuite(linebuf, .timeout = 10);
TestSuite(ansi, .timeout = 10);
TestSuite(capture, .timeout = 10);
TestSuite(lineformat, .timeout = 10);
TestSuite(tail, .timeout = 10);

/* Collected results, with marks that show the calls. */
typedef struct Result {
        char text[70000];
        size_t size;
} Result;

static void add(Result *r, const char *data, size_t size) {
        cr_assert_lt(r->size + size, sizeof(r->text));
        memcpy(r->text + r->size, data, size);
        r->size += size;
        r->text[r->size] = '\0';
}

static void on_line(const char *line, size_t size, bool whole, void *userdata) {
        add(userdata, line, size);
        add(userdata, whole ? "|" : "~", 1);
}

Test(linebuf, gives_the_same_lines_however_the_stream_is_cut) {
        const char text[] = "one\n\ntwo three\nfour";

        for (size_t step = 1; step < sizeof(text); step++) {
                static Result result;
                LineBuf buf = {};

                result.size = 0;
                for (size_t i = 0; i < sizeof(text) - 1; i += step)
                        linebuf_push(&buf, text + i, MIN(step, sizeof(text) - 1 - i), on_line,
                                     &result);
                linebuf_flush(&buf, on_line, &result);
                cr_expect_str_eq(result.text, "one||two three|four|", "steps of %zu", step);
        }
}

Test(linebuf, holds_no_memory_between_lines) {
        static Result result;
        LineBuf buf = {};

        linebuf_push(&buf, "half", 4, on_line, &result);
        cr_expect_not_null(buf.data);
        linebuf_push(&buf, "\n", 1, on_line, &result);
        cr_expect_null(buf.data);
}

Test(linebuf, gives_a_long_line_in_pieces) {
        static char text[40000];
        static Result result;
        LineBuf buf = {};

        memset(text, 'x', sizeof(text));
        for (size_t i = 0; i < sizeof(text); i += 1000)
                linebuf_push(&buf, text + i, 1000, on_line, &result);
        linebuf_push(&buf, "\nnext\n", 6, on_line, &result);

        cr_expect_eq(result.size, sizeof(text) + 3 + 5);
        cr_expect_eq(result.text[LINEBUF_MAX], '~');
        cr_expect_eq(result.text[2 * LINEBUF_MAX + 1], '~');
        cr_expect_str_eq(result.text + sizeof(text) + 2, "|next|");
}

Test(linebuf, cuts_a_long_line_that_comes_at_once) {
        static char text[LINEBUF_MAX + 2];
        static Result result;
        LineBuf buf = {};

        memset(text, 'x', sizeof(text));
        text[sizeof(text) - 1] = '\n';
        linebuf_push(&buf, text, sizeof(text), on_line, &result);

        cr_expect_eq(result.text[LINEBUF_MAX], '~');
        cr_expect_str_eq(result.text + LINEBUF_MAX + 1, "x|");
}

static void strip(const char *text, size_t step, Result *ret) {
        AnsiFilter state = ANSI_TEXT;
        char piece[256];
        bool escape;

        ret->size = 0;
        ret->text[0] = '\0';
        for (size_t i = 0; i < strlen(text); i += step) {
                size_t n = MIN(step, strlen(text) - i);

                /* A piece is no string. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
                memcpy(piece, text + i, n);
                n = ansi_strip(&state, piece, n, &escape);
                if (escape)
                        add(ret, "\033", 1);
                add(ret, piece, n);
        }
}

Test(ansi, removes_sequences_however_the_stream_is_cut) {
        const char text[] = "a\033[1;31mred\033[0m b\033[2Jc\033[Kd\033[?25hend\n";

        for (size_t step = 1; step < sizeof(text); step++) {
                static Result result;

                strip(text, step, &result);
                cr_expect_str_eq(result.text, "ared bcdend\n", "steps of %zu", step);
        }
}

Test(ansi, leaves_other_escapes) {
        static Result result;

        for (size_t step = 1; step < 8; step++) {
                strip("a\033(Bb\033\033[mc", step, &result);
                cr_expect_str_eq(result.text, "a\033(Bb\033c", "steps of %zu", step);
        }
}

Test(ansi, removes_nothing_past_the_end_of_a_line) {
        static Result result;

        strip("a\033[12\nb\n", 100, &result);
        cr_expect_str_eq(result.text, "a\nb\n");
}

static void on_log(char *data, size_t size, void *userdata) {
        add(userdata, data, size);
}

static void on_message(const char *data, size_t size, void *userdata) {
        add(userdata, "(", 1);
        add(userdata, data, size);
        add(userdata, ")", 1);
}

static void take(const char *text, size_t step, size_t max, Result *ret) {
        const CaptureCalls calls = { on_log, on_message, ret, max };
        Capture capture = {};
        char piece[512];

        ret->size = 0;
        ret->text[0] = '\0';
        for (size_t i = 0; i < strlen(text); i += step) {
                size_t n = MIN(step, strlen(text) - i);

                /* A piece is no string. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
                memcpy(piece, text + i, n);
                capture_push(&capture, piece, n, &calls);
        }
        capture_flush(&capture, &calls);
}

Test(capture, finds_messages_however_the_stream_is_cut) {
        const char text[] = "log<!--XSUPERVISOR:BEGIN-->one<!--XSUPERVISOR:END-->more<"
                            "<!--XSUPERVISOR:BEGIN--><b><!--XSUPERVISOR:EN<!--XSUPERVISOR:END-->"
                            "<!--XSUPERVISOR:END-->rest<!--";

        for (size_t step = 1; step < sizeof(text); step++) {
                static Result result;

                take(text, step, 1000, &result);
                cr_expect_str_eq(
                        result.text,
                        "log(one)more<(<b><!--XSUPERVISOR:EN)<!--XSUPERVISOR:END-->rest<!--",
                        "steps of %zu: %s", step, result.text);
        }
}

Test(capture, gives_an_empty_message) {
        static Result result;

        take("<!--XSUPERVISOR:BEGIN--><!--XSUPERVISOR:END-->", 7, 10, &result);
        cr_expect_str_eq(result.text, "()");
}

Test(capture, keeps_the_end_of_a_message_that_is_too_long) {
        static Result result;

        for (size_t step = 1; step < 60; step++) {
                take("<!--XSUPERVISOR:BEGIN-->0123456789abcdef<!--XSUPERVISOR:END-->", step, 6,
                     &result);
                cr_expect_str_eq(result.text, "(abcdef)", "steps of %zu: %s", step, result.text);
        }
}

Test(capture, logs_what_a_dying_child_did_not_finish) {
        static Result result;

        take("a<!--XSUPERVISOR:BEGIN-->half<!--X", 5, 1000, &result);
        cr_expect_str_eq(result.text, "a<!--XSUPERVISOR:BEGIN-->half<!--X");
}

static const LineOrigin origin = {
        .process = "web\"1",
        .group = "site",
        .stream = "stdout",
        .pid = 42,
        .when = { .tv_sec = 1767225600, .tv_nsec = 123456789 },
};

static const char *format_line(LogFormat format, const char *line, size_t size, bool whole) {
        static char out[LINEFORMAT_MAX];
        LineHead head;
        size_t n;

        (void)setenv("TZ", "UTC-1", 1);
        tzset();
        lineformat_head(format, &origin, &head);
        n = lineformat_line(&head, line, size, whole, out);
        cr_assert_lt(n, sizeof(out));
        out[n] = '\0';
        return out;
}

Test(lineformat, prefix_is_time_and_name) {
        cr_expect_str_eq(format_line(LOG_FORMAT_PREFIX, "a line", 6, true),
                         "2026-01-01 01:00:00,123 web\"1: a line\n");
}

Test(lineformat, json_is_one_object_with_everything_escaped) {
        const char line[] = "q\" b\\ t\t \001 \xc3\xa9 \xff\xc3";

        cr_expect_str_eq(format_line(LOG_FORMAT_JSON, line, sizeof(line) - 1, true),
                         "{\"time\":\"2026-01-01T01:00:00.123456+01:00\",\"process\":\"web\\\"1\","
                         "\"group\":\"site\",\"stream\":\"stdout\",\"pid\":42,"
                         "\"message\":\"q\\\" b\\\\ t\\t \\u0001 \xc3\xa9 \\ufffd\\ufffd\"}\n");
}

Test(lineformat, json_tells_of_a_piece) {
        const char *line = format_line(LOG_FORMAT_JSON, "x", 1, false);

        cr_expect_not_null(strstr(line, ",\"partial\":true,\"message\":\"x\"}"), "%s", line);
}

Test(lineformat, json_holds_a_nul) {
        const char *line = format_line(LOG_FORMAT_JSON, "a\0b", 3, true);

        cr_expect_not_null(strstr(line, "\"a\\u0000b\""), "%s", line);
}

Test(lineformat, the_worst_line_has_room) {
        static char worst[LINEBUF_MAX];
        const char *line;

        memset(worst, 1, sizeof(worst));
        line = format_line(LOG_FORMAT_JSON, worst, sizeof(worst), false);
        cr_expect_gt(strlen(line), 6 * sizeof(worst));
}

static void expect_tail(const char *text, size_t n_max, int lines, const char *expected) {
        _cleanup_(freep) char *tail = NULL;

        cr_assert_eq(tail_lines(text, strlen(text), n_max, &tail), lines, "'%s' %zu", text, n_max);
        cr_expect_str_eq(tail, expected);
}

Test(tail, gives_the_last_lines) {
        expect_tail("", 3, 0, "");
        expect_tail("a\n", 3, 1, "a");
        expect_tail("a\nb\nc\n", 2, 2, "b\nc");
        expect_tail("a\nb\nc", 2, 2, "b\nc");
        expect_tail("a\n\n", 2, 2, "a\n");
        expect_tail("a\nb\n", 0, 0, "");
}

Test(tail, cuts_long_lines) {
        static char text[3000];
        _cleanup_(freep) char *tail = NULL;

        memset(text, 'x', sizeof(text));
        text[1500] = '\n';
        cr_assert_eq(tail_lines(text, sizeof(text), 2, &tail), 2);
        cr_expect_eq(strlen(tail), 2 * 1024 + 1);
}

Test(tail, remembers_the_end_of_much) {
        Tail tail = {};
        _cleanup_(freep) char *lines = NULL;
        char text[32];

        for (int i = 0; i < 5000; i++) {
                int n = snprintf(text, sizeof(text), "%d\n", i);

                tail_push(&tail, text, (size_t)n);
                cr_assert_leq(tail.size, 2 * TAIL_MAX);
        }

        cr_assert_eq(tail_lines(tail.data, tail.size, 3, &lines), 3);
        cr_expect_str_eq(lines, "4997\n4998\n4999");
        tail_done(&tail);
}

Test(tail, takes_more_at_once_than_it_keeps) {
        static char text[10000];
        Tail tail = {};

        memset(text, 'x', sizeof(text));
        /* It is no string. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
        memcpy(text + sizeof(text) - 5, "\nlast", 5);
        tail_push(&tail, "first", 5);
        tail_push(&tail, text, sizeof(text));
        cr_expect_eq(memcmp(tail.data + tail.size - 5, "\nlast", 5), 0);
        tail_done(&tail);
}
