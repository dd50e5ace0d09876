#include <criterion/criterion.h>

#include "bus/client/access.h"

TestSuite(access, .timeout = 10);

#define OWN 100
#define GROUP 200
#define NO_GROUP ((gid_t)-1)

static Access of(uid_t uid, gid_t gid, gid_t other, ControlMode mode) {
        gid_t groups[] = { 1, other };
        Peer peer = { .uid = uid, .gid = gid, .groups = groups, .n_groups = 2 };

        return access_of(&peer, OWN, GROUP, mode);
}

Test(access, root_and_the_daemons_user_may_everything_in_any_mode) {
        for (ControlMode mode = CONTROL_MODE_READ; mode <= CONTROL_MODE_ALL; mode++) {
                cr_expect_eq(of(0, 0, 1, mode), ACCESS_ALL);
                cr_expect_eq(of(OWN, 5, 1, mode), ACCESS_ALL);
        }
}

Test(access, a_member_may_what_the_mode_says_whichever_way_it_is_one) {
        cr_expect_eq(of(7, GROUP, 1, CONTROL_MODE_READ), ACCESS_READ);
        cr_expect_eq(of(7, 7, GROUP, CONTROL_MODE_OPERATE), ACCESS_OPERATE);
        cr_expect_eq(of(7, 7, GROUP, CONTROL_MODE_ALL), ACCESS_ALL);
}

Test(access, anybody_else_may_nothing) {
        gid_t none[] = { NO_GROUP };
        Peer peer = { .uid = 7, .gid = NO_GROUP, .groups = none, .n_groups = 1 };

        cr_expect_eq(of(7, 7, 8, CONTROL_MODE_ALL), ACCESS_NONE);
        cr_expect_eq(access_of(&peer, OWN, NO_GROUP, CONTROL_MODE_ALL), ACCESS_NONE);
}
