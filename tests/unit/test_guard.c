/* What of a client's messages is let in: judged by what lies in a socket, before it is read. */
#include <criterion/criterion.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/macro.h"
#include "bus/client/guard.h"

static sd_bus *server; /* which has not authenticated */
static int client = -1;
static Guard guard;

static void connect_link(void) {
        sd_id128_t id;
        int fds[2];

        cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
        client = fds[0];
        cr_assert(sd_id128_randomize(&id) >= 0);
        cr_assert(sd_bus_new(&server) >= 0);
        cr_assert(sd_bus_set_server(server, true, id) >= 0);
        cr_assert(sd_bus_set_fd(server, fds[1], fds[1]) >= 0);
        cr_assert(sd_bus_start(server) >= 0);
}

static void disconnect(void) {
        sd_bus_close_unref(server);
        client = safe_close(client);
}

TestSuite(guard, .init = connect_link, .fini = disconnect, .timeout = 10);

static void put(const void *data, size_t n) {
        cr_assert_eq(send(client, data, n, 0), (ssize_t)n);
}

static void put_begin(void) {
        put("BEGIN\r\n", strlen("BEGIN\r\n"));
}

/* The header of a message whose body and fields have these sizes. */
static void put_header(uint32_t body, uint32_t fields, size_t n) {
        uint8_t header[16] = { 'l', 1, 0, 1 };

        body = htole32(body);
        fields = htole32(fields);
        memcpy(header + 4, &body, sizeof(body));
        memcpy(header + 12, &fields, sizeof(fields));
        put(header, n);
}

Test(guard, lets_in_what_comes_before_authentication_is_over) {
        put("AUTH EXTERNAL", strlen("AUTH EXTERNAL"));
        cr_expect_eq(guard_judge(&guard, server), GUARD_LETS_IN);
}

Test(guard, lets_in_a_small_message_behind_the_end_of_authentication) {
        put_begin();
        put_header(100, 50, 16);
        cr_expect_eq(guard_judge(&guard, server), GUARD_LETS_IN);
}

Test(guard, waits_for_the_rest_of_a_header) {
        put_begin();
        put_header(100, 50, 15);
        cr_expect_eq(guard_judge(&guard, server), GUARD_WAITS);
}

Test(guard, refuses_a_message_that_says_it_is_too_large) {
        put_begin();
        put_header(1024 * 1024, 50, 16);
        cr_expect_eq(guard_judge(&guard, server), GUARD_REFUSES);
}

Test(guard, refuses_sizes_whose_sum_would_not_fit_into_32_bits) {
        put_begin();
        put_header(UINT32_MAX, UINT32_MAX, 16);
        cr_expect_eq(guard_judge(&guard, server), GUARD_REFUSES);
}

Test(guard, counts_what_comes_without_the_end_of_a_message) {
        cr_expect(guard_count(&guard, 2 * 1024 * 1024, /* was_ready= */ true));
        cr_expect_not(guard_count(&guard, 1, /* was_ready= */ true));
        guard.got_message = true;
        cr_expect(guard_count(&guard, 1, /* was_ready= */ true));
        cr_expect(guard.at_start);
}

Test(guard, takes_no_calls_before_our_part_of_authentication) {
        put_begin();
        cr_expect_eq(guard_check_early(&guard, sd_bus_get_fd(server)), 0);
        put_header(10, 10, 16);
        guard = (Guard){ 0 };
        cr_expect_eq(guard_check_early(&guard, sd_bus_get_fd(server)), -EPROTO);
}
