/*
 * Fuzz what processes send to the socket that we serve to them: datagrams, with descriptors, from
 * whoever. The input is a sequence of them, parted by 0xff; the first byte of each says how it is
 * sent (see Manner). Exactly those that may be heard are, and no descriptor gets into our table.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "base/utf8.h"
#include "fuzz/target.h"
#include "manager/notify-socket.h"

#define OWNER 4711
#define N_DATAGRAMS_MAX 64
#define N_FDS 3

typedef enum Manner {
        WITH_FDS = 1 << 0,
        BY_ANOTHER = 1 << 1, /* a user who is a stranger, or the owner */
        BY_OWNER = 1 << 2,
        WITH_END = 1 << 3, /* with a NUL byte behind it */
        FREEING = 1 << 4,  /* what hears it frees the socket */
        LATER = 1 << 5,    /* read together with the next */
} Manner;

typedef struct Listener {
        char folder[32];
        NotifySocket *socket;
        size_t n_heard, n_expected;
        uid_t uids[N_DATAGRAMS_MAX]; /* of those that are expected, from n_heard on */
        bool frees;
} Listener;

static Listener the_listener;

static void check_text(const char *text) {
        if (!text)
                return;
        if (text[utf8_valid_prefix(text)] != '\0')
                abort();
        for (const unsigned char *p = (const unsigned char *)text; *p; p++)
                if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
                        abort();
}

static void on_message(const NotifyMessage *m, void *userdata) {
        Listener *l = userdata;

        if (l->n_heard >= l->n_expected || m->uid != l->uids[l->n_heard] || m->pid != getpid())
                abort();
        if (m->main_pid == 1 || m->main_pid < 0 || m->error < 0 || m->error > 4095)
                abort();
        if (m->extend_usec == USEC_INFINITY || m->monotonic_usec == USEC_INFINITY)
                abort();
        check_text(m->status);
        check_text(m->bus_error);
        l->n_heard++;
        if (l->frees)
                l->socket = notify_socket_free(l->socket);
}

static void renew(Listener *l) {
        const NotifySocketOptions options = {
                .directory = l->folder,
                .name = "x",
                .uid = OWNER,
                .on_message = on_message,
                .userdata = l,
        };

        if (notify_socket_new(&options, &l->socket) < 0)
                target_fail("notify socket");
}

static void remove_folder(void) {
        the_listener.socket = notify_socket_free(the_listener.socket);
        (void)rmdir(the_listener.folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
        (void)strcpy(the_listener.folder, "/tmp/fuzz-notify-XXXXXX");
        if (!mkdtemp(the_listener.folder))
                target_fail("folder");
        renew(&the_listener);
        return atexit(remove_folder);
}

/* Only root may say that it is somebody else. */
static uid_t sender_of(unsigned manner) {
        if (getuid() != 0 || !(manner & BY_ANOTHER))
                return getuid();
        return manner & BY_OWNER ? OWNER : OWNER + 1;
}

static void attach(struct msghdr *m, struct ucred sender, bool with_fds) {
        static const int fds[N_FDS] = { 0, 1, 2 };
        struct cmsghdr *c = m->msg_control;

        *c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(sender)),
                               .cmsg_level = SOL_SOCKET,
                               .cmsg_type = SCM_CREDENTIALS };
        memcpy(CMSG_DATA(c), &sender, sizeof(sender));
        m->msg_controllen = CMSG_SPACE(sizeof(sender));
        if (!with_fds)
                return;
        c = (struct cmsghdr *)((char *)m->msg_control + m->msg_controllen);
        *c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(fds)),
                               .cmsg_level = SOL_SOCKET,
                               .cmsg_type = SCM_RIGHTS };
        memcpy(CMSG_DATA(c), fds, sizeof(fds));
        m->msg_controllen += CMSG_SPACE(sizeof(fds));
}

/* False if there is no room for it in the socket's queue. */
static bool send_datagram(const Listener *l, const uint8_t *text, size_t n, unsigned manner) {
        _Alignas(struct cmsghdr) char
                control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(N_FDS * sizeof(int))] = "";
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        struct iovec pieces[] = { { (void *)text, n }, { (char[1]){ 0 }, 1 } };
        struct msghdr m = {
                .msg_name = &address,
                .msg_namelen = sizeof(address),
                .msg_iov = pieces,
                .msg_iovlen = manner & WITH_END ? 2 : 1,
                .msg_control = control,
        };

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                       notify_socket_get_path(l->socket));
        attach(&m, (struct ucred){ getpid(), sender_of(manner), getgid() }, manner & WITH_FDS);
        if (sendmsg(fd, &m, MSG_NOSIGNAL) >= 0)
                return true;
        if (errno != EAGAIN)
                target_fail("sendmsg");
        return false;
}

static bool is_to_be_heard(const uint8_t *text, size_t n, unsigned manner) {
        const uint8_t *nul = memchr(text, '\0', n);
        bool ends = !nul || (!(manner & WITH_END) && nul == text + n - 1);

        return sender_of(manner) != OWNER + 1 && ends &&
               n + (manner & WITH_END ? 1 : 0) <= NOTIFY_MESSAGE_SIZE;
}

static void hear(Listener *l) {
        while (l->socket && notify_socket_dispatch(l->socket) > 0)
                ;
        if (l->socket ? l->n_heard != l->n_expected : l->n_heard == 0)
                abort();
        if (!l->socket)
                renew(l);
        l->n_heard = l->n_expected = 0;
}

static void take(Listener *l, const uint8_t *data, size_t n) {
        unsigned manner = data[0];

        if (!send_datagram(l, data + 1, n - 1, manner))
                return;
        if (is_to_be_heard(data + 1, n - 1, manner))
                l->uids[l->n_expected++] = sender_of(manner);
        l->frees = manner & FREEING;
        if (!(manner & LATER) || l->n_expected == N_DATAGRAMS_MAX)
                hear(l);
}

static int lowest_free_fd(void) {
        int fd = dup(STDERR_FILENO);

        (void)close(fd);
        return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Listener *l = &the_listener;
        const uint8_t *end = data + size;
        int free_fd = lowest_free_fd();

        for (size_t i = 0; data < end && i < N_DATAGRAMS_MAX; i++) {
                const uint8_t *stop = memchr(data, 0xff, (size_t)(end - data)) ?: end;

                if (stop > data)
                        take(l, data, (size_t)(stop - data));
                data = stop + 1;
        }
        hear(l);
        if (lowest_free_fd() != free_fd)
                abort();
        return 0;
}
