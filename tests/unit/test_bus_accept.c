/*
 * Clients that cannot be accepted, as no descriptors are left, or of whom it cannot be told who
 * they are: accept4() and getsockopt() are ours (see --wrap in tests/rules.mk) and fail when told
 * to.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "bus/bus.h"
#include "bus/control-socket.h"
#include "daemon/entry/supervisor-state.h"
#include "files.h"
#include "log/log.h"

static Supervisor supervisor;
static ControlSocket *control;
static Bus *bus;
static int client = -1;
static bool accept_fails;
static int peer_error;     /* of who a client is, and which groups it is in */
static unsigned n_accepts; /* calls so far */

int __real_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags);

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags) {
        n_accepts++;
        if (!accept_fails)
                return __real_accept4(fd, address, size, flags);
        errno = EMFILE;
        return -1;
}

int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size);

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size) {
        if (option != SO_PEERGROUPS || peer_error == 0)
                return __real_getsockopt(fd, level, option, value, size);
        errno = peer_error;
        return -1;
}

static int on_anything(sd_event_source *source, void *userdata) {
        return 0;
}

/* Something happens in the loop, whatever it is. */
static void let_something_happen(void) {
        cr_assert(sd_event_add_defer(supervisor.event, NULL, on_anything, NULL) >= 0);
}

/* Turn the loop until there is nothing left to do at once, or it does not come to rest. */
static void turn_until_it_rests(void) {
        for (unsigned i = 0; i < 100; i++) {
                int r = sd_event_run(supervisor.event, 0);

                cr_assert_geq(r, 0);
                if (r == 0)
                        return;
        }
        cr_assert_fail("it does not rest: %u calls of accept4()", n_accepts);
}

static void connect_client_while_accepting_fails(void) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        static Config config = { .daemon.control_gid = (gid_t)-1 };
        char *place = NULL;

        make_folder();
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/control", folder);
        config.daemon.control_socket = address.sun_path;
        supervisor.config = &config;
        cr_assert(sd_event_new(&supervisor.event) >= 0);
        cr_assert_eq(control_socket_new("unused", &config.daemon, &control, &place), 0);
        free(place);
        cr_assert_eq(bus_new(&supervisor, control, &bus), 0);

        client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        cr_assert_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
        accept_fails = true;
        turn_until_it_rests();
}

static void end(void) {
        bus_free(bus);
        control_socket_free(control);
        sd_event_unref(supervisor.event);
        (void)close(client);
        log_close();
        remove_folder();
}

TestSuite(bus_accept, .init = connect_client_while_accepting_fails, .fini = end, .timeout = 20);

Test(bus_accept, is_tried_once_while_nothing_happens) {
        cr_expect_eq(n_accepts, 1);
}

Test(bus_accept, is_tried_again_with_the_next_thing_that_happens) {
        accept_fails = false;
        let_something_happen();
        turn_until_it_rests();
        cr_expect_eq(n_accepts, 2);
        let_something_happen();
        turn_until_it_rests();
        cr_expect_eq(n_accepts, 2, "the client is served");
}

Test(bus_accept, is_tried_once_for_each_thing_that_happens) {
        for (unsigned i = 0; i < 3; i++) {
                let_something_happen();
                turn_until_it_rests();
        }
        cr_expect_eq(n_accepts, 4);
}

/* What others have taken comes back without our doing. */
Test(bus_accept, is_tried_again_after_a_while) {
        accept_fails = false;
        while (n_accepts == 1)
                cr_assert_geq(sd_event_run(supervisor.event, UINT64_MAX), 0);
        cr_expect_eq(n_accepts, 2);
}

/* ---------------------------------------------------------------- who they are */

static void log_warnings(void) {
        const LogOptions options = { .level = LOG_LEVEL_WARN, .file = in_folder("log") };

        cr_assert_eq(log_open(&options), 0);
}

/* Let the client in, and others after it. */
static void let_clients_in(unsigned n_others) {
        struct sockaddr_un address;
        socklen_t size = sizeof(address);
        int others[4];

        cr_assert_eq(getpeername(client, (struct sockaddr *)&address, &size), 0);
        for (unsigned i = 0; i < n_others; i++) {
                others[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
                cr_assert_eq(connect(others[i], (struct sockaddr *)&address, size), 0);
        }
        accept_fails = false;
        let_something_happen();
        turn_until_it_rests();
        for (unsigned i = 0; i < n_others; i++)
                (void)close(others[i]);
}

static bool is_turned_away(void) {
        char byte;

        return recv(client, &byte, 1, MSG_DONTWAIT) == 0;
}

Test(bus_accept, client_whose_groups_cannot_be_read_is_turned_away) {
        peer_error = ENOMEM;
        let_clients_in(0);
        cr_expect(is_turned_away());
}

Test(bus_accept, client_is_served_without_groups_where_the_kernel_tells_none) {
        peer_error = ENOPROTOOPT;
        let_clients_in(0);
        cr_expect_not(is_turned_away());
}

Test(bus_accept, clients_that_are_turned_away_for_one_reason_are_told_once) {
        _cleanup_(freep) char *text = NULL;

        log_warnings();
        peer_error = ENOMEM;
        let_clients_in(3);
        text = slurp(in_folder("log"));
        cr_assert(text && strchr(text, '\n'));
        cr_expect(strstr(text, " WARN clients are turned away: Cannot allocate memory\n"), "%s",
                  text);
        cr_expect_str_eq(strchr(text, '\n'), "\n", "told once: %s", text);
}
