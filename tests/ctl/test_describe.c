/* What people are told about processes. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/macro.h"
#include "ctl/text/awaited.h"
#include "ctl/text/describe.h"
#include "ctl/text/status-text.h"

TestSuite(describe, .timeout = 20);

#define EMPTY                                                                             \
        .goal = "up", .phase = "", .spawn_error = "", .exit_kind = "", .status_text = "", \
        .log = { "", "" }
#define NOW (UINT64_C(1700000000) * USEC_PER_SEC)

static void expect_description(const ProcessInfo *p, const char *expected) {
        _cleanup_(freep) char *text = NULL;

        cr_assert_eq(describe_process(p, NOW, &text), 0);
        cr_assert_str_eq(text, expected);
}

Test(describe, tells_pid_and_uptime_of_what_runs) {
        ProcessInfo p = { EMPTY, .state = "RUNNING", .pid = 312,
                          .started = NOW - 7 * USEC_PER_SEC };

        expect_description(&p, "pid 312, uptime 0:00:07");
        p.started = NOW - (UINT64_C(26) * 3600 + 3 * 60 + 4) * USEC_PER_SEC;
        expect_description(&p, "pid 312, uptime 1 day, 2:03:04");
        p.started = NOW - UINT64_C(50) * 3600 * USEC_PER_SEC;
        expect_description(&p, "pid 312, uptime 2 days, 2:00:00");
}

Test(describe, has_no_negative_uptime_after_the_clock_was_set_back) {
        ProcessInfo p = { EMPTY, .state = "RUNNING", .pid = 1, .started = NOW + USEC_PER_SEC };

        expect_description(&p, "pid 1, uptime 0:00:00");
}

Test(describe, tells_why_it_failed) {
        ProcessInfo p = { EMPTY, .state = "BACKOFF", .name = "bad" };

        expect_description(&p, "unknown error (try \"tail bad\")");
        p.spawn_error = "can't find command '/no/such/thing'";
        expect_description(&p, "can't find command '/no/such/thing'");
        p.state = "FATAL";
        expect_description(&p, "can't find command '/no/such/thing'");
}

Test(describe, tells_when_it_stopped) {
        ProcessInfo p = { EMPTY, .state = "EXITED", .started = NOW - 1, .stopped = NOW };

        setenv("TZ", "UTC", 1);
        tzset();
        expect_description(&p, "Nov 14 10:13 PM");
        p.state = "STOPPED";
        expect_description(&p, "Nov 14 10:13 PM");
        p.started = 0;
        expect_description(&p, "Not started");
}

Test(describe, says_nothing_about_what_is_on_its_way) {
        ProcessInfo p = { EMPTY, .state = "STARTING" };

        expect_description(&p, "");
        p.state = "STOPPING";
        expect_description(&p, "");
}

Test(describe, names_durations_in_two_units_at_most) {
        static const struct {
                uint64_t usec;
                const char *text;
        } cases[] = {
                { 0, "0 ms" },
                { 350 * USEC_PER_MSEC, "350 ms" },
                { 2500 * USEC_PER_MSEC, "2.5 s" },
                { 3 * USEC_PER_SEC, "3 s" },
                { 12700 * USEC_PER_MSEC, "12 s" },
                { 100 * USEC_PER_SEC, "1 min 40 s" },
                { UINT64_C(7260) * USEC_PER_SEC, "2 h 1 min" },
                { UINT64_MAX, "for ever" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char buffer[DESCRIBE_DURATION_MAX];

                cr_assert_str_eq(describe_duration(cases[i].usec, buffer), cases[i].text);
        }
}

Test(describe, tells_how_the_last_run_ended) {
        ProcessInfo p = { EMPTY };
        char buffer[DESCRIBE_EXIT_MAX];

        cr_assert_null(describe_exit(&p, buffer));
        p.exit_kind = "status";
        p.exit_value = 3;
        cr_assert_str_eq(describe_exit(&p, buffer), "exit status 3");
        p.exit_kind = "signal";
        p.exit_value = 11;
        p.dumped_core = true;
        cr_assert_str_eq(describe_exit(&p, buffer), "SIGSEGV (core dumped)");
        p.exit_value = 40;
        p.dumped_core = false;
        cr_assert_str_eq(describe_exit(&p, buffer), "signal 40");
        p.exit_kind = "spawn-failed";
        p.exit_value = 2;
        cr_assert_str_eq(describe_exit(&p, buffer), "No such file or directory");
}

Test(describe, knows_which_states_are_down) {
        static const char *const down[] = { "STOPPED", "EXITED", "FATAL", "UNKNOWN" };
        static const char *const up[] = { "STARTING", "RUNNING", "BACKOFF", "STOPPING" };

        for (size_t i = 0; i < ELEMENTSOF(down); i++)
                cr_expect(state_is_down(down[i]), "%s", down[i]);
        for (size_t i = 0; i < ELEMENTSOF(up); i++)
                cr_expect_not(state_is_down(up[i]), "%s", up[i]);
}

/* ---------------------------------------------------------------- the lines of status */

static char *print_status(const ProcessInfo *const *list) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert_not_null(f);
        status_print(f, list, NOW);
        cr_assert_eq(fclose(f), 0);
        return text;
}

Test(describe, lays_status_out_in_columns) {
        const ProcessInfo a = { EMPTY,        .group = "cat", .name = "cat", .state = "RUNNING",
                                .pid = 31096, .started = NOW };
        const ProcessInfo b = { EMPTY, .group = "web", .name = "web_00", .state = "STARTING" };
        const ProcessInfo *const list[] = { &a, &b, NULL };
        _cleanup_(freep) char *text = print_status(list);

        cr_assert_str_eq(text,
                         "cat                              RUNNING   pid 31096, uptime 0:00:00\n"
                         "web:web_00                       STARTING  \n");
}

Test(describe, widens_the_column_for_long_names) {
        const ProcessInfo a = { EMPTY, .group = "a", .name = "a", .state = "STOPPED" };
        const ProcessInfo b = { EMPTY, .group = "a-group-with-a-long-name", .name = "and-a-process",
                                .state = "STOPPED" };
        const ProcessInfo *const list[] = { &a, &b, NULL };
        _cleanup_(freep) char *text = print_status(list);

        cr_assert_str_eq(text, "a                                        STOPPED   Not started\n"
                               "a-group-with-a-long-name:and-a-process   STOPPED   Not started\n");
}

/* ---------------------------------------------------------------- progress */

Test(describe, names_three_who_are_awaited_and_counts_the_others) {
        ProcessInfo items[] = {
                { EMPTY, .group = "db", .name = "db", .state = "STOPPING" },
                { EMPTY, .group = "cache", .name = "cache", .state = "RUNNING" },
                { EMPTY, .group = "web", .name = "a", .state = "STARTING" },
                { EMPTY, .group = "web", .name = "b", .state = "BACKOFF" },
                { EMPTY, .group = "web", .name = "c", .state = "STARTING" },
                { EMPTY, .group = "web", .name = "d", .state = "STOPPED" },
                { EMPTY, .group = "web", .name = "e", .state = "STOPPING" },
        };
        const ProcessList list = { .items = items, .n = ELEMENTSOF(items), .now = NOW };
        _cleanup_(freep) char *text = NULL;

        items[0].phase = "stopping";
        items[0].deadline = NOW + 8 * USEC_PER_SEC;
        items[3].deadline = NOW + 2 * USEC_PER_SEC;
        cr_assert_eq(awaited_describe(&list, &text), 0);
        cr_assert_str_eq(text, "waiting for db (stopping, next signal in 8 s), web:a (STARTING), "
                               "web:b (BACKOFF, next try in 2 s) and 2 more");
}

Test(describe, awaits_what_has_exited_and_is_to_start_again) {
        ProcessInfo item = { EMPTY, .group = "db", .name = "db", .state = "EXITED" };
        const ProcessList list = { .items = &item, .n = 1, .now = NOW };
        _cleanup_(freep) char *text = NULL;

        item.phase = "pausing";
        item.deadline = NOW + USEC_PER_SEC;
        cr_assert_eq(awaited_describe(&list, &text), 0);
        cr_assert_str_eq(text, "waiting for db (pausing, next try in 1 s)");
}

Test(describe, awaits_what_runs_but_is_to_go_down) {
        ProcessInfo item = { EMPTY, .group = "db", .name = "db", .state = "RUNNING" };
        const ProcessList list = { .items = &item, .n = 1, .now = NOW };
        _cleanup_(freep) char *text = NULL, *nobody = NULL;

        cr_assert_eq(awaited_describe(&list, &nobody), 0);
        cr_assert_null(nobody);
        item.goal = "down";
        cr_assert_eq(awaited_describe(&list, &text), 0);
        cr_assert_str_eq(text, "waiting for db (RUNNING)");
}
