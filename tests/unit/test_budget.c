#include <criterion/criterion.h>

#include "base/macro.h"
#include "core/budget.h"

#define SEC USEC_PER_SEC

TestSuite(budget, .timeout = 10);

Test(budget, gives_everybody_all_where_it_fits) {
        cr_expect_eq(budget_share(10 * SEC, 4 * SEC, 10 * SEC), 4 * SEC);
        cr_expect_eq(budget_share(10 * SEC, 0, 0), 0);
}

Test(budget, cuts_in_proportion_where_it_does_not_fit) {
        cr_expect_eq(budget_share(10 * SEC, 10 * SEC, 20 * SEC), 5 * SEC);
        cr_expect_eq(budget_share(10 * SEC, 5 * SEC, 50 * SEC), SEC);
}

Test(budget, never_gives_more_than_there_is) {
        cr_expect_eq(budget_share(10 * SEC, USEC_INFINITY, 10 * SEC), 10 * SEC);
        cr_expect_eq(budget_share(10 * SEC, USEC_INFINITY, 20 * SEC), 5 * SEC);
        cr_expect_eq(budget_share(0, SEC, SEC), 0);
        cr_expect_eq(budget_share(USEC_INFINITY, SEC, USEC_INFINITY), SEC);
}

Test(budget, ends_in_time_when_every_wave_uses_up_its_share) {
        const uint64_t graces[] = { 10 * SEC, 3 * SEC, 30 * SEC, SEC, USEC_INFINITY, 7 * SEC };
        uint64_t available = 10 * SEC;

        for (size_t w = 0; w < ELEMENTSOF(graces); w++) {
                uint64_t total = 0, share;

                for (size_t v = w; v < ELEMENTSOF(graces); v++)
                        total += MIN(graces[v], available);
                share = budget_share(available, graces[w], total);
                cr_assert_gt(share, 0);
                cr_assert_leq(share, available);
                available -= share;
        }
        cr_expect_lt(available, USEC_PER_MSEC);
}
