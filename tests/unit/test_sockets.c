/* Listening sockets for real: what is opened, shared, changed, closed. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "config-fixture.h"
#include "host/net/listening-sockets.h"

static Sockets *sockets;

static void begin(void) {
        make_folder();
        cr_assert_eq(sockets_new(&sockets), 0);
}

static void end(void) {
        sockets = sockets_free(sockets);
        remove_folder();
}

TestSuite(sockets, .init = begin, .fini = end, .timeout = 60);

/* The section [socket:s] with @keys, where "@" stands for the folder of the test. */
static SocketConfig *configure(const char *keys) {
        _cleanup_(loaded_done) Loaded l = { 0 };
        char text[2048];

        (void)snprintf(text, sizeof(text), "[supervisord]\n[socket:s]\n%s\n", keys);
        for (char *p = text; (p = strstr(p, "DIR")); p += strlen(folder)) {
                memmove(p + strlen(folder), p + 3, strlen(p + 3) + 1);
                memcpy(p, folder, strlen(folder));
        }
        l = load_with(text, NULL);
        if (l.result < 0)
                show_messages(&l);
        cr_assert_eq(l.result, 0);
        return socket_config_ref(l.config->sockets[0]);
}

/* Hold a socket with @keys; *ret_opened may be NULL. */
static SocketHold *hold_opened(const char *keys, bool *ret_opened) {
        _cleanup_(socket_config_unrefp) SocketConfig *config = configure(keys);
        _cleanup_(freep) char *why = NULL;
        SocketHold *hold = NULL;
        int r = sockets_hold(sockets, config, &hold, &why);

        cr_assert_geq(r, 0, "%s: %s", keys, why);
        if (ret_opened)
                *ret_opened = r > 0;
        return hold;
}

static SocketHold *hold(const char *keys) {
        return hold_opened(keys, NULL);
}

static void expect_refusal(const char *keys, int error, const char *part) {
        _cleanup_(socket_config_unrefp) SocketConfig *config = configure(keys);
        _cleanup_(freep) char *why = NULL;
        SocketHold *none = NULL;
        int r = sockets_hold(sockets, config, &none, &why);

        cr_assert_eq(r, error, "%s: %d (%s)", keys, r, why);
        cr_expect(strstr(why, part), "%s: %s", keys, why);
}

/* Refused, as this process itself has what @keys want. */
static void expect_held_by_us(const char *keys) {
        char words[64], name[16];

        cr_assert_eq(prctl(PR_GET_NAME, name), 0);
        (void)snprintf(words, sizeof(words), ", held by %s (pid %d)", name, getpid());
        expect_refusal(keys, -EADDRINUSE, words);
}

static int get_option(int fd, int level, int option) {
        int value = -1;
        socklen_t size = sizeof(value);

        cr_assert_eq(getsockopt(fd, level, option, &value, &size), 0);
        return value;
}

/* A free port, which nobody has yet. */
static int free_port(void) {
        struct sockaddr_in a = { .sin_family = AF_INET };
        _cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        socklen_t size = sizeof(a);

        cr_assert_eq(bind(fd, (struct sockaddr *)&a, size), 0);
        cr_assert_eq(getsockname(fd, (struct sockaddr *)&a, &size), 0);
        return ntohs(a.sin_port);
}

/* 0 if somebody listens there, or -errno. */
static int try_ipv4(int port) {
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        _cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
}

static int try_ipv6(int port) {
        struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port) };
        _cleanup_(closep) int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -errno;
        a.sin6_addr = in6addr_loopback;
        return connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
}

static int try_path(const char *name, int type) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        (void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", in_folder(name));
        return connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
}

/* A socket of somebody else, bound to that name. */
static int bind_path(const char *name, int type) {
        struct sockaddr_un a = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        (void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", in_folder(name));
        cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
        return fd;
}

static struct stat stat_of(const char *name) {
        struct stat st = { 0 };

        cr_assert_eq(lstat(in_folder(name), &st), 0, "%s: %m", name);
        return st;
}

static bool exists(const char *name) {
        struct stat st;

        return lstat(in_folder(name), &st) == 0;
}

/* ---------------------------------------------------------------- ports */

static const char *listen_at(const char *host, int port) {
        static char text[64];

        (void)snprintf(text, sizeof(text), "listen=%s:%d", host, port);
        return text;
}

Test(sockets, one_address_is_open_while_it_is_held) {
        int port = free_port();
        SocketHold *h = hold(listen_at("127.0.0.1", port));

        cr_expect_eq(socket_hold_count(h), 1);
        cr_expect_not(socket_hold_is_passed(h));
        cr_expect_eq(try_ipv4(port), 0);
        cr_expect(fcntl(socket_hold_get_fd(h, 0), F_GETFD) & FD_CLOEXEC);
        cr_expect_not(fcntl(socket_hold_get_fd(h, 0), F_GETFL) & O_NONBLOCK);
        cr_expect(socket_hold_release(h));
        cr_expect_eq(try_ipv4(port), -ECONNREFUSED);
}

Test(sockets, of_a_port_alone_serve_ipv4_and_ipv6) {
        int port = free_port();
        SocketHold *h = hold(listen_at("", port));

        cr_expect_eq(try_ipv4(port), 0);
        if (access("/proc/net/if_inet6", F_OK) == 0)
                cr_expect_eq(try_ipv6(port), 0);
        cr_expect(socket_hold_release(h));
}

Test(sockets, of_ipv6_serve_nothing_else) {
        int port = free_port();
        SocketHold *h;

        if (access("/proc/net/if_inet6", F_OK) < 0)
                cr_skip_test("no IPv6 here");
        h = hold(listen_at("[::]", port));
        cr_expect_eq(try_ipv6(port), 0);
        cr_expect_eq(try_ipv4(port), -ECONNREFUSED);
        cr_expect(socket_hold_release(h));
}

Test(sockets, several_addresses_are_one_descriptor_each_in_their_order) {
        int port = free_port();
        char keys[128];
        _cleanup_(freep) char *where = NULL, *expected = NULL;
        SocketHold *h;

        (void)snprintf(keys, sizeof(keys), "listen=127.0.0.1:%d, DIR/a, @supervisord-test-%d", port,
                       port);
        h = hold(keys);
        cr_assert_eq(socket_hold_count(h), 3);
        cr_expect_eq(get_option(socket_hold_get_fd(h, 0), SOL_SOCKET, SO_DOMAIN), AF_INET);
        cr_expect_eq(get_option(socket_hold_get_fd(h, 1), SOL_SOCKET, SO_DOMAIN), AF_UNIX);
        cr_expect_eq(get_option(socket_hold_get_fd(h, 2), SOL_SOCKET, SO_ACCEPTCONN), 1);
        cr_assert_eq(socket_hold_describe(h, &where), 0);
        cr_assert_geq(asprintf(&expected, "127.0.0.1:%d, %s/a, @supervisord-test-%d", port, folder,
                               port),
                      0);
        cr_expect_str_eq(where, expected);
        cr_expect(socket_hold_release(h));
}

Test(sockets, of_a_port_in_use_are_refused_and_none_of_their_others_stays_open) {
        int port = free_port(), other = free_port();
        char keys[128];
        SocketHold *h = hold(listen_at("127.0.0.1", port));
        Sockets *ours = sockets;

        (void)snprintf(keys, sizeof(keys), "listen=DIR/a, 127.0.0.1:%d, 127.0.0.1:%d", other, port);
        cr_assert_eq(sockets_new(&sockets), 0);
        expect_held_by_us(keys);
        cr_expect_eq(try_ipv4(other), -ECONNREFUSED);
        cr_expect_not(exists("a"));
        sockets_free(sockets);
        sockets = ours;
        cr_expect(socket_hold_release(h));
}

Test(sockets, name_who_has_their_address) {
        int port = free_port();
        bool has_ipv6 = access("/proc/net/if_inet6", F_OK) == 0;
        const struct {
                const char *held, *wanted;
                bool needs_ipv6;
        } cases[] = {
                { "listen=127.0.0.1:", "listen=", false },
                { "listen=", "listen=127.0.0.1:", false },
                { "listen=[::1]:", "listen=[::1]:", true },
                { "listen=[::]:", "listen=[::1]:", true },
                { "type=dgram\nlisten=127.0.0.1:", "type=dgram\nlisten=127.0.0.1:", false },
                { "listen=@supervisord-test-", "listen=@supervisord-test-", false },
        };
        Sockets *ours = sockets;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char held[64], wanted[64];
                SocketHold *h;

                if (cases[i].needs_ipv6 && !has_ipv6)
                        continue;
                (void)snprintf(held, sizeof(held), "%s%d", cases[i].held, port);
                (void)snprintf(wanted, sizeof(wanted), "%s%d", cases[i].wanted, port);
                h = hold(held);
                cr_assert_eq(sockets_new(&sockets), 0);
                expect_held_by_us(wanted);
                sockets_free(sockets);
                sockets = ours;
                cr_expect(socket_hold_release(h));
        }
}

Test(sockets, of_an_address_that_is_not_ours_are_refused) {
        expect_refusal("listen=192.0.2.1:8080", -EADDRNOTAVAIL, "this host has no such address");
}

Test(sockets, for_datagrams_take_them) {
        int port = free_port();
        char keys[64];
        SocketHold *h, *u;

        (void)snprintf(keys, sizeof(keys), "type=dgram\nlisten=127.0.0.1:%d", port);
        h = hold(keys);
        u = hold("type=dgram\nlisten=DIR/a");
        cr_expect_eq(get_option(socket_hold_get_fd(h, 0), SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
        cr_expect_eq(try_path("a", SOCK_DGRAM), 0);
        (void)socket_hold_release(h);
        (void)socket_hold_release(u);
}

Test(sockets, for_packets_take_connections) {
        SocketHold *h = hold("type=seqpacket\nlisten=DIR/a");

        cr_expect_eq(try_path("a", SOCK_SEQPACKET), 0);
        (void)socket_hold_release(h);
}

/* ---------------------------------------------------------------- names */

Test(sockets, in_the_file_system_have_their_mode_and_are_removed_in_the_end) {
        mode_t mask = umask(077);
        SocketHold *h = hold("listen=DIR/a\nsocket_mode=0666");

        cr_expect_eq(stat_of("a").st_mode, S_IFSOCK | 0666);
        cr_expect_eq(umask(mask), 077, "ours is as before");
        (void)socket_hold_release(h);
        cr_expect_not(exists("a"));

        h = hold("listen=DIR/a");
        cr_expect_eq(stat_of("a").st_mode, S_IFSOCK | 0700);
        (void)socket_hold_release(h);
}

Test(sockets, belong_to_whom_they_shall) {
        const struct passwd *nobody = getpwnam("nobody");
        SocketHold *h;

        if (getuid() != 0 || !nobody)
                cr_skip_test("needs root and nobody");
        h = hold("listen=DIR/a\nsocket_owner=nobody\nsocket_mode=0600");
        cr_expect_eq(stat_of("a").st_uid, nobody->pw_uid);
        cr_expect_eq(stat_of("a").st_mode, S_IFSOCK | 0600);
        (void)socket_hold_release(h);
}

Test(sockets, that_a_dead_one_left_behind_are_replaced) {
        static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                int fd = bind_path("a", types[i]);
                SocketHold *h;

                safe_close(fd);
                cr_assert(exists("a"));
                h = hold("listen=DIR/a");
                cr_expect_eq(try_path("a", SOCK_STREAM), 0);
                (void)socket_hold_release(h);
        }
}

Test(sockets, of_the_living_are_left_alone_and_do_not_even_feel_it) {
        static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET };

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                _cleanup_(closep) int fd = bind_path("a", types[i]);
                ino_t ino = stat_of("a").st_ino;

                if (types[i] != SOCK_DGRAM)
                        cr_assert_eq(listen(fd, 5), 0);
                expect_held_by_us("listen=DIR/a");
                cr_expect_eq(stat_of("a").st_ino, ino);
                cr_assert_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
                if (types[i] != SOCK_DGRAM)
                        cr_expect(accept(fd, NULL, NULL) < 0 && errno == EAGAIN);
                (void)unlink(in_folder("a"));
        }
}

Test(sockets, never_replace_what_is_no_socket) {
        write_text("a", "precious");
        expect_refusal("listen=DIR/a", -EEXIST, "it is no socket");
        cr_expect(exists("a"));

        cr_assert_eq(symlink(in_folder("a"), in_folder("l")), 0);
        expect_refusal("listen=DIR/l", -EEXIST, "it is no socket");
        cr_expect(exists("l"));
}

Test(sockets, without_a_directory_are_refused) {
        expect_refusal("listen=DIR/no/a", -ENOENT, "its directory has to be made first");
}

Test(sockets, that_others_have_put_in_our_place_are_not_removed) {
        SocketHold *h = hold("listen=DIR/a");
        int fd;

        cr_assert_eq(unlink(in_folder("a")), 0);
        fd = bind_path("a", SOCK_STREAM);
        (void)socket_hold_release(h);
        cr_expect(exists("a"));
        safe_close(fd);
}

/* ---------------------------------------------------------------- sharing and changing */

Test(sockets, of_one_address_are_shared_until_the_last_lets_go) {
        bool opened;
        SocketHold *a = hold_opened("listen=DIR/a", &opened), *b;

        cr_expect(opened);
        b = hold_opened("listen=DIR/a", &opened);
        cr_expect_not(opened);
        cr_expect_eq(socket_hold_get_fd(a, 0), socket_hold_get_fd(b, 0));
        cr_expect_not(socket_hold_release(a));
        cr_expect_eq(try_path("a", SOCK_STREAM), 0);
        cr_expect(socket_hold_release(b));
}

Test(sockets, with_other_addresses_beside_keep_those_that_stay) {
        SocketHold *a = hold("listen=DIR/a, DIR/b"), *b = hold("listen=DIR/b, DIR/c");
        ino_t ino = stat_of("b").st_ino;

        cr_expect_eq(socket_hold_get_fd(a, 1), socket_hold_get_fd(b, 0));
        cr_expect(socket_hold_release(a));
        cr_expect_not(exists("a"));
        cr_expect_eq(stat_of("b").st_ino, ino);
        cr_expect_eq(try_path("c", SOCK_STREAM), 0);
        cr_expect(socket_hold_release(b));
}

Test(sockets, of_a_changed_section_change_while_they_are_open) {
        SocketHold *a = hold("listen=DIR/a\nsocket_mode=0600\nbacklog=1"), *b;
        ino_t ino = stat_of("a").st_ino;

        b = hold("listen=DIR/a\nsocket_mode=0666\nbacklog=100");
        cr_expect_eq(stat_of("a").st_mode, S_IFSOCK | 0666);
        cr_expect_eq(stat_of("a").st_ino, ino);
        for (int i = 0; i < 50; i++) { /* more than the old backlog holds */
                struct sockaddr_un address = { .sun_family = AF_UNIX };
                int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

                (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_folder("a"));
                cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0, "%m");
        }
        (void)socket_hold_release(a);
        (void)socket_hold_release(b);
}

Test(sockets, can_be_changed_without_holding_them) {
        _cleanup_(socket_config_unrefp) SocketConfig *config =
                configure("listen=DIR/a, DIR/b\nsocket_mode=0666");
        _cleanup_(freep) char *why = NULL;
        SocketHold *a = hold("listen=DIR/a\nsocket_mode=0600");

        cr_expect_eq(sockets_adjust(sockets, config, &why), 0);
        cr_expect_eq(stat_of("a").st_mode, S_IFSOCK | 0666);
        cr_expect_not(exists("b"), "what is not open is not opened");
        (void)socket_hold_release(a);
}

Test(sockets, whose_port_is_to_be_shared_let_others_in_from_then_on) {
        int port = free_port();
        char keys[64];
        SocketHold *a = hold(listen_at("127.0.0.1", port)), *b, *c;
        Sockets *ours = sockets, *theirs = NULL;

        (void)snprintf(keys, sizeof(keys), "reuse_port=true\nlisten=127.0.0.1:%d", port);
        b = hold(keys);
        cr_assert_eq(sockets_new(&theirs), 0);
        sockets = theirs;
        c = hold(keys);
        (void)socket_hold_release(c);
        sockets_free(theirs);
        sockets = ours;
        (void)socket_hold_release(a);
        (void)socket_hold_release(b);
}

/* ---------------------------------------------------------------- passed ones */

static int new_listener(void) {
        struct sockaddr_in a = { .sin_family = AF_INET };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
        cr_assert_eq(listen(fd, 5), 0);
        return fd;
}

Test(sockets, that_are_passed_come_before_what_the_section_says) {
        int one = new_listener(), two = new_listener();
        _cleanup_(freep) char *where = NULL;
        bool opened;
        SocketHold *h;

        cr_assert_eq(sockets_add_passed(sockets, "s", one), 0);
        cr_assert_eq(sockets_add_passed(sockets, "other", new_listener()), 0);
        cr_assert_eq(sockets_add_passed(sockets, "s.socket", two), 0);
        h = hold_opened("listen=DIR/a", &opened);
        cr_expect_not(opened);
        cr_expect(socket_hold_is_passed(h));
        cr_assert_eq(socket_hold_count(h), 2);
        cr_expect_eq(socket_hold_get_fd(h, 0), one);
        cr_expect_eq(socket_hold_get_fd(h, 1), two);
        cr_expect_not(exists("a"));
        cr_assert_eq(socket_hold_describe(h, &where), 0);
        cr_expect_eq(strncmp(where, "127.0.0.1:", 10), 0, "%s", where);
        cr_expect_not(socket_hold_release(h), "they stay open for the next");
        h = hold("");
        cr_expect_eq(socket_hold_get_fd(h, 0), one);
        (void)socket_hold_release(h);
}

Test(sockets, that_had_to_be_passed_and_were_not_are_refused) {
        cr_assert_eq(sockets_add_passed(sockets, "sx", new_listener()), 0);
        expect_refusal("", -ENOENT, "FileDescriptorName=s");
        expect_refusal("listen=systemd", -ENOENT, "FileDescriptorName=s");
}

Test(sockets, that_are_none_are_not_taken_over) {
        _cleanup_(closep) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        cr_expect_eq(sockets_add_passed(sockets, "s", fd), -ENOTSOCK);
        cr_expect_geq(fcntl(fd, F_GETFD), 0);
}

Test(sockets, passed_in_the_file_system_are_named_but_never_removed) {
        int fd = bind_path("a", SOCK_STREAM);
        _cleanup_(freep) char *where = NULL;
        SocketHold *h;

        cr_assert_eq(listen(fd, 5), 0);
        cr_assert_eq(sockets_add_passed(sockets, "s", fd), 0);
        h = hold("");
        cr_assert_eq(socket_hold_describe(h, &where), 0);
        cr_expect_str_eq(where, in_folder("a"));
        (void)socket_hold_release(h);
        sockets = sockets_free(sockets);
        cr_expect(exists("a"));
}
