/* Why a start failed, as it is kept and as it is put in words. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "base/macro.h"
#include "host/spawn/start-failure.h"

TestSuite(start_failure, .timeout = 10);

Test(start_failure, each_reason_has_its_words) {
        static const struct {
                StartFailure failure;
                const char *words;
        } cases[] = {
                { { .reason = START_REASON_NO_COMMAND }, "command is empty" },
                { { .reason = START_REASON_BAD_COMMAND, .subject = "a '", .detail = "why" },
                  "can't parse command 'a '': why" },
                { { .reason = START_REASON_NOT_FOUND, .subject = "X" }, "can't find command 'X'" },
                { { .reason = START_REASON_ENVIRONMENT, .detail = "all of it" }, "all of it" },
                { { .reason = START_REASON_READINESS, .subject = "x", .error = EPERM },
                  "cannot watch for the readiness of 'x': Operation not permitted" },
                { { .reason = START_REASON_SOCKET, .subject = "s", .detail = "in use" },
                  "socket 's': in use" },
                { { .reason = START_REASON_SOCKET, .subject = "s", .error = EPERM },
                  "socket 's': Operation not permitted" },
                { { .reason = START_REASON_DESCRIPTORS, .detail = "too many" }, "too many" },
                { { .reason = START_REASON_LIMITS, .detail = "no cgroup" }, "no cgroup" },
                { { .reason = START_REASON_HOOK, .subject = "key", .detail = "timed out" },
                  "key timed out" },
                { { .reason = START_REASON_SYSTEM, .subject = "x", .error = ENFILE },
                  "too many open files to spawn 'x'" },
                { { .reason = START_REASON_SYSTEM, .subject = "x", .error = EAGAIN },
                  "Too many processes in process table to spawn 'x'" },
                { { .reason = START_REASON_SYSTEM,
                    .during = "during fork",
                    .subject = "x",
                    .error = ENOMEM },
                  "unknown error during fork for 'x': ENOMEM" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(freep) char *words = start_failure_describe(&cases[i].failure);

                cr_expect_str_eq(words, cases[i].words);
        }
        cr_expect_null(start_failure_describe(NULL));
}

Test(start_failure, copy_has_texts_of_its_own) {
        char subject[] = "/srv/x", detail[] = "why";
        const StartFailure failure = { .reason = START_REASON_BAD_COMMAND,
                                       .subject = subject,
                                       .detail = detail };
        _cleanup_(freep) StartFailure *copy = start_failure_new(&failure);

        cr_assert_not_null(copy);
        subject[0] = detail[0] = '-';
        cr_expect_eq(copy->reason, START_REASON_BAD_COMMAND);
        cr_expect_str_eq(copy->subject, "/srv/x");
        cr_expect_str_eq(copy->detail, "why");
}

Test(start_failure, copy_without_texts_has_none) {
        const StartFailure failure = { .reason = START_REASON_NO_COMMAND };
        _cleanup_(freep) StartFailure *copy = start_failure_new(&failure);

        cr_assert_not_null(copy);
        cr_expect_null(copy->subject);
        cr_expect_null(copy->detail);
}
