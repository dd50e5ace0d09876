#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>

#include "base/macro.h"
#include "base/parse.h"

TestSuite(parse, .timeout = 10);

Test(parse, takes_the_booleans_of_python) {
        static const char *const yes[] = { "true", "TRUE", "yes", "on", "1" };
        static const char *const no[] = { "false", "No", "off", "0" };
        static const char *const neither[] = { "", "t", "y", "enabled", "2", " true" };
        bool b = false;

        for (size_t i = 0; i < ELEMENTSOF(yes); i++)
                cr_expect(parse_boolean(yes[i], &b) == 0 && b, "%s", yes[i]);
        for (size_t i = 0; i < ELEMENTSOF(no); i++)
                cr_expect(parse_boolean(no[i], &b) == 0 && !b, "%s", no[i]);
        for (size_t i = 0; i < ELEMENTSOF(neither); i++)
                cr_expect_eq(parse_boolean(neither[i], &b), -EINVAL, "%s", neither[i]);
}

Test(parse, takes_the_integers_of_python) {
        static const struct {
                const char *text;
                int64_t value;
        } good[] = {
                { "5", 5 },
                { "-1", -1 },
                { "+7", 7 },
                { "05", 5 },
                { "1_000", 1000 },
                { " 12\n", 12 },
                { "9223372036854775807", INT64_MAX },
        };
        static const char *const bad[] = { "",     "-",  "1.5", "0x10", "5s",
                                           "1__0", "_1", "1_",  "1e3",  "1 2" };
        int64_t value = 0;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                cr_expect_eq(parse_integer(good[i].text, &value), 0, "%s", good[i].text);
                cr_expect_eq(value, good[i].value, "%s", good[i].text);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                cr_expect_eq(parse_integer(bad[i], &value), -EINVAL, "%s", bad[i]);
        cr_expect_eq(parse_integer("9223372036854775808", &value), -ERANGE);
        cr_expect_eq(parse_integer("99999999999999999999999", &value), -ERANGE);
}

Test(parse, leaves_the_result_alone_on_failure) {
        int64_t value = 42;
        int number = 42;

        cr_expect_lt(parse_integer("99999999999999999999999", &value), 0);
        cr_expect_lt(parse_size("1TB", &value), 0);
        cr_expect_lt(parse_duration("1 fortnight", &value), 0);
        cr_expect_lt(parse_octal("99", &number), 0);
        cr_expect_lt(parse_signal("NOPE", &number), 0);
        cr_expect_eq(value, 42);
        cr_expect_eq(number, 42);
}

Test(parse, reads_octal_numbers) {
        int value = 0;

        cr_expect(parse_octal("022", &value) == 0 && value == 022);
        cr_expect(parse_octal("0o22", &value) == 0 && value == 022);
        cr_expect(parse_octal("0_2", &value) == 0 && value == 02);
        cr_expect(parse_octal("1777", &value) == 0 && value == 01777);
        cr_expect_eq(parse_octal("088", &value), -EINVAL);
        cr_expect_eq(parse_octal("u=rwx", &value), -EINVAL);
        cr_expect_eq(parse_octal("", &value), -EINVAL);
        cr_expect_eq(parse_octal("-1", &value), -ERANGE);
        cr_expect_eq(parse_octal("77777777777777", &value), -ERANGE);
}

Test(parse, reads_sizes_with_pythons_units_and_ours) {
        static const struct {
                const char *text;
                int64_t value;
        } good[] = {
                { "0", 0 },         { "-1", -1 },          { "1KB", 1024 },
                { "1kb", 1024 },    { "50 MB", 52428800 }, { "1_0MB", 10485760 },
                { "1GB", 1 << 30 }, { "10M", 10485760 },   { "2k", 2048 },
        };
        static const char *const bad[] = { "", "MB", "1.5MB", "1TB", "10B", "1KBB" };
        int64_t value = 0;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                cr_expect_eq(parse_size(good[i].text, &value), 0, "%s", good[i].text);
                cr_expect_eq(value, good[i].value, "%s", good[i].text);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                cr_expect_eq(parse_size(bad[i], &value), -EINVAL, "%s", bad[i]);
        cr_expect_eq(parse_size("9999999999999GB", &value), -ERANGE);
}

Test(parse, reads_durations) {
        static const struct {
                const char *text;
                int64_t usec;
        } good[] = {
                { "10", 10000000 },        { "-1", -1000000 },
                { "1.5", 1500000 },        { ".5", 500000 },
                { "250ms", 250000 },       { "90s", 90000000 },
                { "5min", 300000000 },     { "1.5 h", 5400000000 },
                { "1d", 86400000000 },     { "7us", 7 },
                { "1_0", 10000000 },       { "0.0000019", 1 },
                { "infinity", INT64_MAX }, { "Infinity", INT64_MAX },
        };
        static const char *const bad[] = { "",          "s",   "1.",       "1..5", "1.5.5",
                                           "5 parsecs", "1e3", "infinite", "--1" };
        int64_t usec = 0;

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                cr_expect_eq(parse_duration(good[i].text, &usec), 0, "%s", good[i].text);
                cr_expect_eq(usec, good[i].usec, "%s: %ld", good[i].text, (long)usec);
        }
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                cr_expect_eq(parse_duration(bad[i], &usec), -EINVAL, "%s", bad[i]);
        cr_expect_eq(parse_duration("9223372036854775807", &usec), -ERANGE);
        cr_expect_eq(parse_duration("999999999d", &usec), -ERANGE);
}

Test(parse, reads_decimal_numbers) {
        double value = 0;

        cr_expect_eq(parse_number("0.25", &value), 0);
        cr_expect_float_eq(value, 0.25, 1e-9);
        cr_expect_eq(parse_number("2", &value), 0);
        cr_expect_float_eq(value, 2, 1e-9);
        cr_expect_eq(parse_number("nan", &value), -EINVAL);
        cr_expect_eq(parse_number("1e9", &value), -EINVAL);
}

Test(parse, knows_signals_by_name_and_number) {
        int value = -1;

        cr_expect(parse_signal("TERM", &value) == 0 && value == SIGTERM);
        cr_expect(parse_signal("sigusr1", &value) == 0 && value == SIGUSR1);
        cr_expect(parse_signal("9", &value) == 0 && value == SIGKILL);
        cr_expect(parse_signal("CLD", &value) == 0 && value == SIGCHLD);
        cr_expect(parse_signal("POLL", &value) == 0 && value == SIGIO);
        cr_expect(parse_signal("0", &value) == 0 && value == 0);
        cr_expect(parse_signal("RTMIN", &value) == 0 && value == SIGRTMIN);
        cr_expect(parse_signal("64", &value) == 0 && value == SIGRTMAX);
        cr_expect_lt(parse_signal("35", &value), 0);
        cr_expect_lt(parse_signal("RTMIN+1", &value), 0);
        cr_expect_lt(parse_signal("65", &value), 0);
        cr_expect_lt(parse_signal("-15", &value), 0);
        cr_expect_lt(parse_signal("", &value), 0);
        cr_expect_lt(parse_signal("SIG", &value), 0);
}

Test(parse, names_every_signal_that_it_takes) {
        for (int i = 1; i <= SIGRTMAX; i++) {
                int value = 0;

                if (signal_name(i))
                        cr_expect(parse_signal(signal_name(i), &value) == 0 && value == i);
        }
        cr_expect_str_eq(signal_name(SIGCHLD), "SIGCHLD");
        cr_expect_null(signal_name(0));
}
