/* The socket on which one process says how it is: who is heard, what is read, what is left. */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-daemon.h>

#include "files.h"
#include "manager/notify-socket.h"

#define NOBODY 65534

TestSuite(readiness, .init = make_folder, .fini = remove_folder, .timeout = 20);

typedef struct Heard {
        NotifyMessage last;
        char status[64];
        int n;
        NotifySocket **free;       /* freed by the next message */
        const NotifySocket *again; /* each message is followed by another one to it */
} Heard;

static void on_message(const NotifyMessage *message, void *userdata);

static NotifySocket *new_socket(const char *name, uid_t uid, Heard *heard) {
        const NotifySocketOptions options = {
                .directory = folder,
                .name = name,
                .uid = uid,
                .on_message = on_message,
                .userdata = heard,
        };
        NotifySocket *s = NULL;

        cr_assert_eq(notify_socket_new(&options, &s), 0);
        return s;
}

/* A socket that sends to @s, not connected yet if that is refused. */
static int connect_to(const NotifySocket *s) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

        cr_assert_geq(fd, 0);
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", notify_socket_get_path(s));
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
                int error = errno;

                safe_close(fd);
                return -error;
        }
        return fd;
}

static void send_bytes(const NotifySocket *s, const char *bytes, size_t n) {
        _cleanup_(closep) int fd = connect_to(s);

        cr_assert_geq(fd, 0);
        cr_assert_eq(send(fd, bytes, n, 0), (ssize_t)n);
}

static void send_text(const NotifySocket *s, const char *text) {
        send_bytes(s, text, strlen(text));
}

static void on_message(const NotifyMessage *message, void *userdata) {
        Heard *h = userdata;

        h->last = *message;
        (void)snprintf(h->status, sizeof(h->status), "%s", message->status ?: "(none)");
        h->n++;
        if (h->free)
                *h->free = notify_socket_free(*h->free);
        if (h->again)
                send_text(h->again, "WATCHDOG=1");
}

/* Let a child of user @uid try to send; what came of it. */
static int send_as(const NotifySocket *s, uid_t uid, const char *text) {
        int status;
        pid_t pid = fork();

        cr_assert_geq(pid, 0);
        if (pid == 0) {
                int fd;

                if (uid != geteuid() && (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
                                         setresuid(uid, uid, uid) < 0))
                        _exit(99);
                fd = connect_to(s);
                if (fd < 0)
                        _exit(-fd);
                _exit(send(fd, text, strlen(text), 0) < 0 ? errno : 0);
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) != 99);
        return WEXITSTATUS(status);
}

static void need_root(void) {
        if (geteuid() != 0)
                cr_skip("needs root");
        /* the folder of mkdtemp() lets nobody else through */
        cr_assert_eq(chmod(folder, 0711), 0);
}

Test(readiness, hears_what_sd_notify_sends) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("g:a", (uid_t)-1, &heard);

        cr_assert_eq(setenv("NOTIFY_SOCKET", notify_socket_get_path(s), 1), 0);
        cr_assert_gt(sd_notify(0, "READY=1\nSTATUS=up"), 0);
        cr_assert_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.ready);
        cr_expect_str_eq(heard.status, "up");
        cr_expect_eq(heard.last.pid, getpid());
        cr_expect_eq(heard.last.uid, geteuid());
        cr_expect_eq(notify_socket_dispatch(s), 0, "nothing is left");
}

Test(readiness, hears_a_sender_that_has_gone) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);

        cr_assert_eq(send_as(s, geteuid(), "STOPPING=1"), 0);
        cr_assert_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.stopping);
}

Test(readiness, hears_the_user_of_the_program) {
        Heard heard = { 0 };

        need_root();
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", NOBODY, &heard);
        cr_assert_eq(send_as(s, NOBODY, "READY=1"), 0);
        cr_assert_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.ready);
        cr_expect_eq(heard.last.uid, NOBODY);
}

Test(readiness, lets_no_other_user_send) {
        Heard heard = { 0 };

        need_root();
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", NOBODY, &heard);
        _cleanup_(notify_socket_freep) NotifySocket *ours = new_socket("b", (uid_t)-1, &heard);
        cr_expect_eq(send_as(s, NOBODY - 1, "READY=1"), EACCES);
        cr_expect_eq(send_as(ours, NOBODY, "READY=1"), EACCES);
        cr_expect_eq(notify_socket_dispatch(s), 0);
}

Test(readiness, believes_no_other_user_who_can_send) {
        Heard heard = { 0 };

        need_root();
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", NOBODY, &heard);
        cr_assert_eq(chmod(notify_socket_get_path(s), 0666), 0);
        cr_assert_eq(send_as(s, NOBODY - 1, "READY=1"), 0);
        cr_assert_eq(notify_socket_dispatch(s), 1, "it was read");
        cr_expect_eq(heard.n, 0, "and not heard");
}

Test(readiness, is_open_to_its_user_alone_whatever_the_umask) {
        Heard heard = { 0 };
        mode_t old = umask(0);
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);
        struct stat st;

        (void)umask(old);
        cr_assert_eq(lstat(notify_socket_get_path(s), &st), 0);
        cr_expect(S_ISSOCK(st.st_mode));
        cr_expect_eq(st.st_mode & 07777, 0600);
}

/* ---------------------------------------------------------------- what is not to harm */

Test(readiness, passes_over_what_is_too_long_or_holds_a_nul) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);
        static char large[NOTIFY_MESSAGE_SIZE + 1];

        memset(large, 'x', sizeof(large));
        (void)stpcpy(large, "READY=1");
        large[7] = '\n';
        send_bytes(s, large, sizeof(large));
        send_bytes(s, "READY=1\0STATUS=x", 16);
        send_bytes(s, "", 0);
        cr_expect_eq(notify_socket_dispatch(s), 3);
        cr_expect(!heard.last.ready);

        send_bytes(s, large, sizeof(large) - 1);
        cr_expect_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.ready, "so much still fits");
        send_bytes(s, "STOPPING=1", 11);
        cr_expect_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.stopping, "a C string with its end");
}

/* One is in the queue at any time, so that the system's limit on its length does not matter. */
Test(readiness, reads_so_many_at_a_time) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);

        heard.again = s;
        send_text(s, "WATCHDOG=1");
        cr_expect_eq(notify_socket_dispatch(s), NOTIFY_MESSAGES_PER_DISPATCH);
        cr_expect_eq(heard.n, NOTIFY_MESSAGES_PER_DISPATCH);
        heard.again = NULL;
        cr_expect_eq(notify_socket_dispatch(s), 1);
}

static int count_fds(void) {
        int n = 0;

        for (int fd = 0; fd < 1024; fd++)
                n += fcntl(fd, F_GETFD) >= 0;
        return n;
}

/* As many copies of @fd as a message can hold. */
static void send_with_fds(const NotifySocket *s, char *text, int fd) {
        enum {
                N = 253
        };
        _cleanup_(closep) int to = connect_to(s);
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(N * sizeof(int))] = { 0 };
        struct iovec piece = { text, strlen(text) };
        struct msghdr message = {
                .msg_iov = &piece,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof(control),
        };
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);

        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(N * sizeof(int));
        for (int i = 0; i < N; i++)
                memcpy(CMSG_DATA(c) + (size_t)i * sizeof(int), &fd, sizeof(fd));
        cr_assert_geq(sendmsg(to, &message, 0), 0);
}

Test(readiness, closes_descriptors_that_come_along) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);
        char message[] = "FDSTORE=1\nFDNAME=x";
        int before, fds[2];
        char c;

        cr_assert_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        send_with_fds(s, message, fds[1]);
        safe_close(fds[1]);
        before = count_fds();
        cr_expect(read(fds[0], &c, 1) < 0 && errno == EAGAIN, "it is still held by the message");

        cr_assert_eq(notify_socket_dispatch(s), 1);
        cr_expect(heard.last.fds_refused);
        cr_expect_eq(heard.last.pid, getpid(), "the sender is known all the same");
        cr_expect_eq(read(fds[0], &c, 1), 0, "nobody has it any more");
        cr_expect_eq(count_fds(), before);
        safe_close(fds[0]);
}

Test(readiness, answers_a_barrier) {
        Heard heard = { 0 };
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);
        struct pollfd p = { .fd = notify_socket_get_fd(s), .events = POLLIN };
        int status;
        pid_t pid = fork();

        cr_assert_geq(pid, 0);
        if (pid == 0) {
                (void)setenv("NOTIFY_SOCKET", notify_socket_get_path(s), 1);
                _exit(sd_notify(0, "READY=1") > 0 && sd_notify_barrier(0, 10000000) > 0 ? 0 : 1);
        }
        for (int n = 0; n < 2;) {
                cr_assert_eq(poll(&p, 1, 10000), 1);
                n += notify_socket_dispatch(s);
        }
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_expect_eq(status, 0);
        cr_expect(!heard.last.fds_refused, "a barrier is no descriptor to be stored");
}

/* ---------------------------------------------------------------- names */

Test(readiness, replaces_what_an_earlier_daemon_left) {
        Heard heard = { 0 };
        NotifySocket *old = new_socket("a", (uid_t)-1, &heard);
        _cleanup_(notify_socket_freep) NotifySocket *s = new_socket("a", (uid_t)-1, &heard);

        notify_socket_free(old);
        send_text(s, "READY=1");
        cr_assert_eq(notify_socket_dispatch(s), 1, "the old one took its own name only");
}

Test(readiness, removes_its_name) {
        Heard heard = { 0 };
        NotifySocket *s = new_socket("a", (uid_t)-1, &heard);
        _cleanup_(freep) char *path = strdup(notify_socket_get_path(s));

        cr_assert_eq(access(path, F_OK), 0);
        cr_expect_null(notify_socket_free(s));
        cr_expect_neq(access(path, F_OK), 0);
        cr_expect_null(notify_socket_free(NULL));
}

Test(readiness, may_be_freed_by_what_it_tells) {
        NotifySocket *s = NULL;
        Heard heard = { .free = &s };

        s = new_socket("a", (uid_t)-1, &heard);
        send_text(s, "READY=1");
        send_text(s, "STOPPING=1");
        cr_expect_eq(notify_socket_dispatch(s), 1);
        cr_expect_null(s);
        cr_expect_eq(heard.n, 1);
}

Test(readiness, tells_long_names_apart) {
        Heard heard = { 0 };
        char name[200];

        memset(name, 'n', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        _cleanup_(notify_socket_freep) NotifySocket *a = new_socket(name, (uid_t)-1, &heard);
        name[sizeof(name) - 2] = 'm';
        _cleanup_(notify_socket_freep) NotifySocket *b = new_socket(name, (uid_t)-1, &heard);
        cr_expect_str_neq(notify_socket_get_path(a), notify_socket_get_path(b));
        send_text(a, "READY=1");
        cr_expect_eq(notify_socket_dispatch(a), 1);
        cr_expect_eq(notify_socket_dispatch(b), 0);
}

Test(readiness, refuses_names_that_lead_elsewhere) {
        char deep[120];
        NotifySocketOptions options = { .directory = folder, .name = "../a", .uid = (uid_t)-1 };
        NotifySocket *s = NULL;

        cr_expect_eq(notify_socket_new(&options, &s), -EINVAL);
        options.name = "";
        cr_expect_eq(notify_socket_new(&options, &s), -EINVAL);
        memset(deep, '/', sizeof(deep) - 1);
        deep[sizeof(deep) - 1] = '\0';
        options = (NotifySocketOptions){ .directory = deep, .name = "a" };
        cr_expect_eq(notify_socket_new(&options, &s), -ENAMETOOLONG);
        options.directory = in_folder("none");
        cr_expect_eq(notify_socket_new(&options, &s), -ENOENT);
}
