#include <criterion/criterion.h>
#include <string.h>

#include "daemon/entry/history.h"
#include "sample-config.h"

TestSuite(history, .timeout = 10);

Test(history, keeps_the_last_changes_the_oldest_first) {
        _cleanup_(history_done) History h = { 0 };

        for (uint64_t i = 1; i <= 100; i++) {
                history_add(&h, &(const StateChange){ .sequence = i });
                cr_assert_eq(h.n, MIN(i, (uint64_t)HISTORY_MAX));
                for (size_t k = 0; k < h.n; k++)
                        cr_assert_eq(history_get(&h, k)->sequence, i - h.n + 1 + k);
        }
}

typedef struct Case {
        ProcessState from, to;
        Process p;
        Origin origin;
        bool shutting_down;
        Cause expected;
} Case;

Test(history, finds_the_cause_of_each_change) {
        static const Case cases[] = {
                { STATE_STOPPED, STATE_STARTING, { 0 }, { 0 }, false, CAUSE_AUTOSTART },
                { STATE_EXITED,
                  STATE_STARTING,
                  { .ended_usec = 1 },
                  { 0 },
                  false,
                  CAUSE_AUTORESTART },
                { STATE_BACKOFF, STATE_STARTING, { .ended_usec = 1 }, { 0 }, false, CAUSE_RETRY },
                { STATE_STOPPED,
                  STATE_STARTING,
                  { 0 },
                  { CAUSE_COMMAND, 1, 2 },
                  false,
                  CAUSE_COMMAND },
                { STATE_STARTING, STATE_RUNNING, { 0 }, { 0 }, false, CAUSE_UP },
                { STATE_RUNNING,
                  STATE_STOPPING,
                  { .asked = true },
                  { CAUSE_COMMAND, 1, 2 },
                  false,
                  CAUSE_COMMAND },
                { STATE_RUNNING, STATE_STOPPING, { .asked = true }, { 0 }, true, CAUSE_SHUTDOWN },
                { STATE_RUNNING,
                  STATE_STOPPING,
                  { .run.leader_gone = true },
                  { 0 },
                  false,
                  CAUSE_LEFTOVERS },
                { STATE_STARTING, STATE_STOPPING, { 0 }, { 0 }, false, CAUSE_NOT_READY },
                { STATE_STOPPING, STATE_STOPPED, { 0 }, { 0 }, false, CAUSE_STOPPED },
                { STATE_RUNNING,
                  STATE_EXITED,
                  { .exit = { .kind = EXIT_STATUS } },
                  { 0 },
                  false,
                  CAUSE_EXITED },
                { STATE_RUNNING,
                  STATE_EXITED,
                  { .exit = { .kind = EXIT_SIGNAL } },
                  { 0 },
                  false,
                  CAUSE_SIGNALLED },
                { STATE_STARTING,
                  STATE_FATAL,
                  { .exit = { .kind = EXIT_SPAWN_FAILED } },
                  { 0 },
                  false,
                  CAUSE_SPAWN_FAILED },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const Case *c = &cases[i];
                Cause cause = cause_of(&c->p, c->from, c->to, &c->origin, c->shutting_down);

                cr_expect_eq(cause, c->expected, "case %zu: %s, expected %s", i,
                             cause_to_string(cause), cause_to_string(c->expected));
        }
}

Test(history, describes_who_asked_and_how_it_ended) {
        static const struct {
                StateChange change;
                const char *expected;
        } cases[] = {
                { { .to = STATE_STOPPING, .cause = CAUSE_COMMAND, .by_uid = 7, .by_pid = 77 },
                  "asked for by uid 7 (pid 77)" },
                { { .to = STATE_EXITED, .exit = { .kind = EXIT_STATUS, .value = 3 } },
                  "exit status 3" },
                { { .to = STATE_RUNNING, .cause = CAUSE_UP }, "" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(freep) char *text = NULL;

                cr_assert_eq(change_describe(&cases[i].change, &text), 0);
                cr_expect_str_eq(text, cases[i].expected);
        }
}
