#include <criterion/criterion.h>

#include "bus/client/recent.h"

static RecentChanges recent;

static void forget(void) {
        recent_done(&recent);
}

TestSuite(recent, .fini = forget, .timeout = 10);

static void add(uint64_t sequence) {
        StateChange change = { .sequence = sequence };

        cr_assert_eq(recent_add(&recent, &change, NULL)->change.sequence, sequence);
}

Test(recent, gives_changes_with_the_oldest_first) {
        add(3);
        add(4);
        cr_assert_eq(recent.n, 2);
        cr_expect_eq(recent_get(&recent, 0)->change.sequence, 3);
        cr_expect_eq(recent_get(&recent, 1)->change.sequence, 4);
}

Test(recent, forgets_the_oldest_when_it_is_full) {
        for (uint64_t sequence = 1; sequence <= RECENT_MAX + 2; sequence++)
                add(sequence);
        cr_assert_eq(recent.n, RECENT_MAX);
        cr_expect_eq(recent_get(&recent, 0)->change.sequence, 3);
        cr_expect_eq(recent_get(&recent, RECENT_MAX - 1)->change.sequence, RECENT_MAX + 2);
}
