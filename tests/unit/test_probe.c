/*
 * Probes against real pipes, sockets and commands. Time is given to them, so that what takes
 * seconds is tried at once; where the kernel is to tell, it is waited for.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "files.h"
#include "host/net/probe.h"
#include "host/spawn/tool.h"

TestSuite(probe, .init = make_folder, .fini = remove_folder, .timeout = 30);

#define MSEC USEC_PER_MSEC
#define START (1000 * USEC_PER_SEC) /* any time will do */

static char text[256];

static Probe *new_probe(Readiness readiness, const ProbeRunner *runner) {
        Probe *p = NULL;

        readiness.text = text;
        cr_assert_eq(probe_new(&readiness, runner, &p), 0);
        return p;
}

static void expect_words(const Probe *p, const char *expected) {
        _cleanup_(freep) char *words = NULL;

        cr_assert_eq(probe_describe(p, &words), 0);
        cr_expect_str_eq(words, expected);
}

static bool is_readable(const Probe *p) {
        struct pollfd poll_fd = { .fd = probe_get_fd(p), .events = POLLIN };

        return poll(&poll_fd, 1, 0) > 0;
}

/* Do as the daemon's loop does, in real time, until there is a result. */
static ProbeResult follow(Probe *p, ProbeResult result) {
        while (result == PROBE_PENDING) {
                struct pollfd poll_fd = { .fd = probe_get_fd(p), .events = POLLIN };
                uint64_t now = now_usec(), deadline = probe_get_deadline(p);
                int wait = deadline == USEC_INFINITY ? -1
                           : deadline <= now         ? 0
                                                     : (int)((deadline - now) / MSEC) + 1;

                cr_assert_geq(poll(&poll_fd, 1, wait), 0);
                result = probe_dispatch(p, now_usec());
        }
        return result;
}

/* ---------------------------------------------------------------- descriptors */

static Probe *new_fd_probe(void) {
        (void)snprintf(text, sizeof(text), "fd:5");
        return new_probe((Readiness){ .kind = READINESS_FD, .fd = 5 }, NULL);
}

/* The end that the process would have. */
static int take_child_fd(Probe *p) {
        int fd = fcntl(probe_get_child_fd(p), F_DUPFD_CLOEXEC, 3);

        cr_assert_geq(fd, 0);
        cr_expect_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0, "programs expect one that waits");
        return fd;
}

Test(probe, newline_on_the_descriptor_is_ready) {
        _cleanup_(probe_freep) Probe *p = new_fd_probe();
        _cleanup_(closep) int fd = take_child_fd(p);

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_expect_eq(probe_get_child_fd(p), -1);
        cr_expect_eq(probe_get_deadline(p), USEC_INFINITY, "the kernel tells");
        cr_expect(!is_readable(p));
        cr_expect_eq(probe_dispatch(p, START), PROBE_PENDING);

        cr_assert_eq(write(fd, "soon", 4), 4);
        cr_expect_eq(probe_dispatch(p, START), PROBE_PENDING);
        expect_words(p, "there is no newline on descriptor 5 yet");
        cr_assert_eq(write(fd, "!\n", 2), 2);
        cr_expect(is_readable(p));
        cr_expect_eq(probe_dispatch(p, START), PROBE_READY);
        cr_expect_eq(probe_dispatch(p, START), PROBE_READY, "and stays so");
}

Test(probe, descriptor_closed_without_a_newline_has_failed) {
        _cleanup_(probe_freep) Probe *p = new_fd_probe();
        int fd = take_child_fd(p);

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_assert_eq(write(fd, "x", 1), 1);
        safe_close(fd);
        cr_expect(is_readable(p));
        cr_expect_eq(probe_dispatch(p, START), PROBE_FAILED);
        expect_words(p, "descriptor 5 was closed without a newline");
}

Test(probe, newline_before_the_close_counts) {
        _cleanup_(probe_freep) Probe *p = new_fd_probe();
        int fd = take_child_fd(p);

        cr_assert_eq(write(fd, "\n", 1), 1);
        safe_close(fd);
        cr_expect_eq(probe_begin(p, START), PROBE_READY);
}

Test(probe, endless_writer_is_read_a_bounded_amount) {
        _cleanup_(probe_freep) Probe *p = new_fd_probe();
        _cleanup_(closep) int fd = take_child_fd(p);
        static char zeros[60000];

        cr_assert_eq(write(fd, zeros, sizeof(zeros)), (ssize_t)sizeof(zeros));
        cr_expect_eq(probe_begin(p, START), PROBE_PENDING);
        cr_expect(is_readable(p), "more is left for the next turn");
}

/* ---------------------------------------------------------------- connections */

static Probe *new_tcp_probe(const char *host, uint16_t port) {
        char copy[64];

        (void)snprintf(copy, sizeof(copy), "%s", host);
        (void)snprintf(text, sizeof(text), "tcp:%s:%u", host, (unsigned)port);
        return new_probe((Readiness){ .kind = READINESS_TCP, .host = copy, .port = port }, NULL);
}

/* A socket bound to a free port of the loopback address, not listening yet. */
static int bind_tcp(int family, uint16_t *ret_port) {
        union {
                struct sockaddr any;
                struct sockaddr_in in;
                struct sockaddr_in6 in6;
        } address = { 0 };
        socklen_t size = family == AF_INET ? sizeof(address.in) : sizeof(address.in6);
        int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

        address.any.sa_family = (sa_family_t)family;
        if (family == AF_INET)
                address.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        else
                address.in6.sin6_addr = in6addr_loopback;
        if (fd < 0 || bind(fd, &address.any, size) < 0)
                cr_skip("no such addresses here: %s", strerror(errno));
        cr_assert_eq(getsockname(fd, &address.any, &size), 0);
        *ret_port = ntohs(family == AF_INET ? address.in.sin_port : address.in6.sin6_port);
        return fd;
}

Test(probe, port_that_is_listened_at_is_ready) {
        uint16_t port;
        _cleanup_(closep) int fd = bind_tcp(AF_INET, &port);
        _cleanup_(probe_freep) Probe *p = new_tcp_probe("127.0.0.1", port);

        cr_assert_eq(listen(fd, 1), 0);
        cr_expect_eq(follow(p, probe_begin(p, now_usec())), PROBE_READY);
}

Test(probe, port_is_tried_again_until_somebody_listens) {
        uint16_t port;
        _cleanup_(closep) int fd = bind_tcp(AF_INET, &port);
        _cleanup_(probe_freep) Probe *p = new_tcp_probe("127.0.0.1", port);
        char expected[64];

        cr_assert_eq(probe_begin(p, now_usec()), PROBE_PENDING);
        while (probe_get_deadline(p) > now_usec() + USEC_PER_SEC) /* till the refusal is in */
                cr_assert_eq(probe_dispatch(p, now_usec()), PROBE_PENDING);
        (void)snprintf(expected, sizeof(expected), "127.0.0.1:%u: Connection refused",
                       (unsigned)port);
        expect_words(p, expected);

        cr_assert_eq(listen(fd, 1), 0);
        cr_expect_eq(follow(p, PROBE_PENDING), PROBE_READY);
}

Test(probe, localhost_means_both_families) {
        uint16_t port;
        _cleanup_(closep) int fd = bind_tcp(AF_INET6, &port);
        _cleanup_(probe_freep) Probe *p = new_tcp_probe("localhost", port);

        cr_assert_eq(listen(fd, 1), 0);
        cr_expect_eq(follow(p, probe_begin(p, now_usec())), PROBE_READY);
}

Test(probe, address_of_ipv6_is_known) {
        uint16_t port;
        _cleanup_(closep) int fd = bind_tcp(AF_INET6, &port);
        _cleanup_(probe_freep) Probe *p = new_tcp_probe("::1", port);

        cr_assert_eq(listen(fd, 1), 0);
        cr_expect_eq(follow(p, probe_begin(p, now_usec())), PROBE_READY);
}

/* A network of our own in which every connection goes out from @port. */
static void enter_network(uint16_t port) {
        struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
        _cleanup_(closep) int fd = -1;
        char range[32];

        if (unshare(CLONE_NEWNET) < 0)
                cr_skip("needs the right to make a network: %s", strerror(errno));
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
        safe_close(fd);
        fd = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC);
        (void)snprintf(range, sizeof(range), "%u %u", (unsigned)port, (unsigned)port);
        if (fd < 0 || write(fd, range, strlen(range)) < 0)
                cr_skip("needs the right to set it up: %s", strerror(errno));
}

Test(probe, connection_to_itself_is_no_answer) {
        _cleanup_(probe_freep) Probe *p = NULL;

        enter_network(40000);
        p = new_tcp_probe("127.0.0.1", 40000);
        cr_assert_eq(probe_begin(p, now_usec()), PROBE_PENDING);
        for (int i = 0; i < 3; i++) {
                struct pollfd poll_fd = { .fd = probe_get_fd(p), .events = POLLIN };

                (void)poll(&poll_fd, 1, 100);
                cr_assert_eq(probe_dispatch(p, probe_get_deadline(p)), PROBE_PENDING);
        }
        expect_words(p, "127.0.0.1:40000: Connection refused");
}

/* ---------------------------------------------------------------- sockets in the file system */

static Probe *new_unix_probe(const char *path) {
        char copy[128];

        (void)snprintf(copy, sizeof(copy), "%s", path);
        (void)snprintf(text, sizeof(text), "unix:%s", path);
        return new_probe((Readiness){ .kind = READINESS_UNIX, .path = copy }, NULL);
}

static int bind_unix(const char *path, int type) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
        int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

        cr_assert_geq(fd, 0);
        memcpy(address.sun_path, path, strlen(path));
        if (path[0] == '@')
                address.sun_path[0] = '\0';
        cr_assert_eq(bind(fd, (const struct sockaddr *)&address, size), 0, "%s", strerror(errno));
        return fd;
}

Test(probe, socket_of_any_type_is_ready) {
        static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

        for (size_t i = 0; i < ELEMENTSOF(types); i++) {
                _cleanup_(closep) int fd = bind_unix(in_folder("socket"), types[i]);
                _cleanup_(probe_freep) Probe *p = new_unix_probe(in_folder("socket"));

                if (types[i] != SOCK_DGRAM) {
                        cr_expect_eq(probe_begin(p, START), PROBE_PENDING);
                        cr_assert_eq(listen(fd, 1), 0);
                        cr_expect_eq(probe_dispatch(p, probe_get_deadline(p)), PROBE_READY);
                } else {
                        cr_expect_eq(probe_begin(p, START), PROBE_READY);
                }
                cr_assert_eq(unlink(in_folder("socket")), 0);
        }
}

Test(probe, abstract_socket_is_ready) {
        char name[sizeof(folder) + 1];
        _cleanup_(closep) int fd = -1;

        (void)snprintf(name, sizeof(name), "@%s", folder);
        fd = bind_unix(name, SOCK_SEQPACKET);
        cr_assert_eq(listen(fd, 1), 0);
        _cleanup_(probe_freep) Probe *p = new_unix_probe(name);
        cr_expect_eq(probe_begin(p, START), PROBE_READY);
}

Test(probe, socket_that_appears_is_seen_before_the_next_try) {
        _cleanup_(probe_freep) Probe *p = new_unix_probe(in_folder("socket"));
        _cleanup_(closep) int fd = -1;
        _cleanup_(freep) char *expected = NULL;

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_assert_geq(asprintf(&expected, "%s: No such file or directory", in_folder("socket")), 0);
        expect_words(p, expected);
        cr_expect(!is_readable(p));

        write_file(in_folder("other"), "x");
        cr_expect_eq(probe_dispatch(p, START), PROBE_PENDING);
        cr_expect_eq(probe_get_deadline(p), START + 100 * MSEC, "others do not matter");

        fd = bind_unix(in_folder("socket"), SOCK_STREAM);
        cr_expect(is_readable(p));
        cr_expect_eq(probe_dispatch(p, START + 1), PROBE_PENDING, "nobody listens yet");
        cr_expect_eq(probe_get_deadline(p), START + 1 + 10 * MSEC, "but will soon");
        cr_assert_eq(listen(fd, 1), 0);
        cr_expect_eq(probe_dispatch(p, START + 1 + 10 * MSEC), PROBE_READY);
}

Test(probe, socket_moved_to_its_place_is_seen) {
        _cleanup_(probe_freep) Probe *p = new_unix_probe(in_folder("socket"));
        _cleanup_(closep) int fd = bind_unix(in_folder("new"), SOCK_STREAM);

        cr_assert_eq(listen(fd, 1), 0);
        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_assert_eq(rename(in_folder("new"), in_folder("socket")), 0);
        cr_expect(is_readable(p));
        cr_expect_eq(probe_dispatch(p, START), PROBE_READY);
}

Test(probe, directory_may_appear_later_and_be_replaced) {
        _cleanup_(probe_freep) Probe *p = new_unix_probe(in_folder("run/socket"));
        _cleanup_(closep) int fd = -1;

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_assert_eq(mkdir(in_folder("run"), 0700), 0);
        cr_assert_eq(probe_dispatch(p, START + 100 * MSEC), PROBE_PENDING);
        cr_assert_eq(rmdir(in_folder("run")), 0);
        cr_expect(is_readable(p), "it was watched");
        cr_assert_eq(probe_dispatch(p, START + 100 * MSEC), PROBE_PENDING);
        cr_assert_eq(mkdir(in_folder("run"), 0700), 0);
        cr_assert_eq(probe_dispatch(p, START + 300 * MSEC), PROBE_PENDING);

        fd = bind_unix(in_folder("run/socket"), SOCK_STREAM);
        cr_assert_eq(listen(fd, 1), 0);
        cr_expect(is_readable(p), "it is watched again");
        cr_expect_eq(probe_dispatch(p, START + 300 * MSEC), PROBE_READY);
}

Test(probe, tries_are_further_and_further_apart_up_to_a_second) {
        static const uint64_t expected[] = { 100, 200, 400, 800, 1000, 1000, 1000 };
        _cleanup_(probe_freep) Probe *p = new_unix_probe(in_folder("none/socket"));
        uint64_t now = START;

        cr_assert_eq(probe_begin(p, now), PROBE_PENDING);
        for (size_t i = 0; i < ELEMENTSOF(expected); i++) {
                cr_expect_eq(probe_get_deadline(p) - now, expected[i] * MSEC);
                cr_expect_eq(probe_dispatch(p, now), PROBE_PENDING, "nothing before it is time");
                now = probe_get_deadline(p);
                cr_assert_eq(probe_dispatch(p, now), PROBE_PENDING);
        }
}

/* ---------------------------------------------------------------- commands */

typedef struct Runs {
        pid_t pid;
        int n;
        int error;
        bool hangs;
} Runs;

static int start_run(void *userdata, pid_t *ret_pid) {
        Runs *runs = userdata;

        runs->n++;
        if (runs->error != 0)
                return runs->error;
        runs->pid = fork();
        cr_assert_geq(runs->pid, 0);
        if (runs->pid == 0) {
                (void)setpgid(0, 0);
                if (runs->hangs)
                        (void)pause();
                _exit(0);
        }
        (void)setpgid(runs->pid, runs->pid); /* whoever comes first */
        *ret_pid = runs->pid;
        return 0;
}

static Probe *new_exec_probe(Runs *runs) {
        const ProbeRunner runner = { start_run, runs };

        (void)snprintf(text, sizeof(text), "exec:/bin/check -q");
        return new_probe((Readiness){ .kind = READINESS_EXEC }, &runner);
}

static int reap(const Runs *runs) {
        int status;

        cr_assert_eq(waitpid(runs->pid, &status, 0), runs->pid);
        return status;
}

Test(probe, command_is_run_until_it_succeeds) {
        Runs runs = { 0 };
        _cleanup_(probe_freep) Probe *p = new_exec_probe(&runs);

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_expect_eq(probe_get_deadline(p), START + PROBE_EXEC_USEC);
        (void)reap(&runs);
        cr_expect_eq(probe_exited(p, /* succeeded= */ false, START + 5), PROBE_PENDING);
        cr_expect_eq(probe_get_deadline(p), START + 5 + 100 * MSEC);
        expect_words(p, "'/bin/check -q' has not exited with status 0 yet");

        cr_expect_eq(probe_dispatch(p, START + 5), PROBE_PENDING);
        cr_expect_eq(runs.n, 1, "not before it is time");
        cr_expect_eq(probe_dispatch(p, START + 5 + 100 * MSEC), PROBE_PENDING);
        cr_expect_eq(runs.n, 2);
        (void)reap(&runs);
        cr_expect_eq(probe_exited(p, /* succeeded= */ true, START + USEC_PER_SEC), PROBE_READY);
        cr_expect_eq(probe_get_deadline(p), USEC_INFINITY);
}

Test(probe, command_that_takes_too_long_is_killed_and_run_again) {
        Runs runs = { .hangs = true };
        _cleanup_(probe_freep) Probe *p = new_exec_probe(&runs);
        int status;

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_expect_eq(probe_dispatch(p, START + PROBE_EXEC_USEC), PROBE_PENDING);
        cr_expect_eq(probe_get_deadline(p), USEC_INFINITY);
        status = reap(&runs);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        cr_expect_eq(runs.n, 1, "no second one beside it");
        cr_expect_eq(probe_exited(p, false, START + PROBE_EXEC_USEC), PROBE_PENDING);
        expect_words(p, "'/bin/check -q' took longer than 10 s");
        cr_expect_eq(probe_dispatch(p, START + PROBE_EXEC_USEC + 100 * MSEC), PROBE_PENDING);
        cr_expect_eq(runs.n, 2);
        probe_free(TAKE_PTR(p));
        status = reap(&runs);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "it dies with the probe");
}

Test(probe, command_that_cannot_be_started_is_tried_again) {
        Runs runs = { .error = -ENOENT };
        _cleanup_(probe_freep) Probe *p = new_exec_probe(&runs);

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        expect_words(p, "'/bin/check -q' cannot be run: No such file or directory");
        runs.error = 0;
        cr_assert_eq(probe_dispatch(p, START + 100 * MSEC), PROBE_PENDING);
        (void)reap(&runs);
        cr_expect_eq(probe_exited(p, true, START + 100 * MSEC), PROBE_READY);
}

Test(probe, end_of_a_command_that_does_not_run_means_nothing) {
        Runs runs = { .error = -ENOENT };
        _cleanup_(probe_freep) Probe *p = new_exec_probe(&runs);

        cr_assert_eq(probe_begin(p, START), PROBE_PENDING);
        cr_expect_eq(probe_exited(p, true, START), PROBE_PENDING);
}

/* The pieces together: spawner, tools and probe. */
typedef struct Shop {
        Spawner *spawner;
        Tools *tools;
        Probe *probe;
        ProbeResult result;
} Shop;

static int run_in_shop(void *userdata, pid_t *ret_pid) {
        const Shop *shop = userdata;
        _cleanup_(spawn_request_freep) SpawnRequest *q = NULL;

        cr_assert_eq(spawn_request_new(&q), 0);
        q->path = strdup("/bin/test");
        q->argv = calloc(4, sizeof(char *));
        q->envp = calloc(1, sizeof(char *));
        q->argv[0] = strdup("test");
        q->argv[1] = strdup("-e");
        q->argv[2] = strdup(in_folder("ready"));
        return tools_run(shop->tools, &q, 7, ret_pid);
}

static void on_tool_ended(void *userdata, unsigned id, const ProcessExit *exit) {
        Shop *shop = userdata;

        cr_expect_eq(id, 7);
        shop->result = probe_exited(shop->probe, exit_is_success(exit), START);
}

/* As the daemon's reaper does. */
static void reap_in_shop(Shop *shop) {
        ProcessExit exit = { .kind = EXIT_STATUS };
        SpawnFailure failure;
        int status;
        pid_t pid = waitpid(-1, &status, 0);

        cr_assert(pid > 0 && WIFEXITED(status));
        exit.value = WEXITSTATUS(status);
        cr_expect_eq(spawner_collect(shop->spawner, pid, &failure), 0);
        cr_expect(tools_reaped(shop->tools, pid, &exit));
}

Test(probe, works_with_real_commands) {
        Shop shop = { .result = PROBE_PENDING };
        const ProbeRunner runner = { run_in_shop, &shop };
        sigset_t mask;

        (void)sigemptyset(&mask);
        cr_assert_eq(spawner_new(&mask, &shop.spawner), 0);
        cr_assert_eq(tools_new(shop.spawner, environ, on_tool_ended, &shop, &shop.tools), 0);
        (void)snprintf(text, sizeof(text), "exec:test -e ready");
        shop.probe = new_probe((Readiness){ .kind = READINESS_EXEC }, &runner);

        cr_assert_eq(probe_begin(shop.probe, START), PROBE_PENDING);
        reap_in_shop(&shop);
        cr_expect_eq(shop.result, PROBE_PENDING);
        write_file(in_folder("ready"), "");
        cr_assert_eq(probe_dispatch(shop.probe, probe_get_deadline(shop.probe)), PROBE_PENDING);
        reap_in_shop(&shop);
        cr_expect_eq(shop.result, PROBE_READY);

        probe_free(shop.probe);
        tools_free(shop.tools);
        spawner_free(shop.spawner);
}

/* ---------------------------------------------------------------- all kinds */

Test(probe, none_is_made_where_none_is_needed) {
        static const ReadinessKind kinds[] = { READINESS_STARTSECS, READINESS_NOTIFY };
        Probe *p = NULL;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                cr_expect_eq(probe_new(&(Readiness){ .kind = kinds[i] }, NULL, &p), -EINVAL);
        (void)snprintf(text, sizeof(text), "exec:x");
        cr_expect_eq(probe_new(&(Readiness){ .kind = READINESS_EXEC, .text = text }, NULL, &p),
                     -EINVAL, "nobody to run it");
        cr_expect_null(probe_free(NULL));
}

Test(probe, leaves_no_descriptor_behind) {
        int before = dup(0), after;

        safe_close(before);
        for (int i = 0; i < 3; i++) {
                _cleanup_(probe_freep) Probe *fd = new_fd_probe();
                _cleanup_(probe_freep) Probe *tcp = new_tcp_probe("127.0.0.1", 1);
                _cleanup_(probe_freep) Probe *path = new_unix_probe(in_folder("x"));

                (void)probe_begin(fd, START);
                (void)probe_begin(tcp, START);
                (void)probe_begin(path, START);
        }
        after = dup(0);
        cr_expect_eq(after, before);
        safe_close(after);
}
