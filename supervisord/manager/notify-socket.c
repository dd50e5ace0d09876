/*
 * One datagram socket with a name in the file system. The kernel attaches the sender's credentials
 * to each message; these decide who is heard. A callback may free the socket in the middle of a
 * dispatch, which then ends with it.
 */
#include "manager/notify-socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/hash.h"
#include "log/log.h"

struct NotifySocket {
        char *path;
        int fd;
        uid_t uid;
        dev_t device; /* of the name in the file system, once it is bound */
        ino_t inode;
        notify_message_fn on_message;
        void *userdata;
        bool dispatching;
        bool freed; /* by the callback: the memory goes when the dispatch is over */
};

/* Another daemon, or a later socket of ours, may have taken the name. */
static void remove_name(const NotifySocket *s) {
        struct stat st;

        if (s->inode != 0 && lstat(s->path, &st) == 0 && st.st_dev == s->device &&
            st.st_ino == s->inode)
                (void)unlink(s->path); /* one that stays is replaced by the next */
}

NotifySocket *notify_socket_free(NotifySocket *s) {
        if (!s)
                return NULL;
        if (s->path)
                remove_name(s);
        s->inode = 0;
        s->fd = safe_close(s->fd);
        s->freed = true;
        if (s->dispatching)
                return NULL;
        free(s->path);
        free(s);
        return NULL;
}

int notify_socket_get_fd(const NotifySocket *s) {
        return s->fd;
}

const char *notify_socket_get_path(const NotifySocket *s) {
        return s->path;
}

/* A name too long for a socket is cut, and what is lost stands behind it in short. */
static int make_path(const char *directory, const char *name, struct sockaddr_un *ret) {
        size_t room = sizeof(ret->sun_path);
        int n, kept;

        if (!*name || strchr(name, '/'))
                return -EINVAL;
        *ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
        n = snprintf(ret->sun_path, room, "%s/%s.sock", directory, name);
        if (n >= 0 && (size_t)n < room)
                return 0;

        kept = (int)room - 1 - (int)strlen("/~0123456789abcdef.sock") - (int)strlen(directory);
        if (kept < 0)
                return -ENAMETOOLONG;
        (void)snprintf(ret->sun_path, room, "%s/%.*s~%016llx.sock", directory, kept, name,
                       (unsigned long long)hash_text(name));
        return 0;
}

/* From the first moment on nobody but its owner may send. */
static int bind_name(NotifySocket *s, const struct sockaddr_un *address) {
        static const int yes = 1;
        struct stat st;

        if (setsockopt(s->fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes)) < 0)
                return -errno;
        if (fchmod(s->fd, 0600) < 0) /* the name that bind() makes has this mode, less the umask */
                return -errno;
        if (unlink(address->sun_path) < 0 && errno != ENOENT)
                return -errno;
        if (bind(s->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
                return -errno;
        if (lstat(s->path, &st) < 0)
                return -errno;
        s->device = st.st_dev;
        s->inode = st.st_ino;
        if (s->uid != (uid_t)-1 && s->uid != st.st_uid && lchown(s->path, s->uid, (gid_t)-1) < 0)
                return -errno;
        return 0;
}

int notify_socket_new(const NotifySocketOptions *options, NotifySocket **ret) {
        _cleanup_(notify_socket_freep) NotifySocket *s = NULL;
        struct sockaddr_un address;
        int r;

        r = make_path(options->directory, options->name, &address);
        if (r < 0)
                return r;
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        *s = (NotifySocket){
                .fd = -1,
                .uid = options->uid,
                .on_message = options->on_message,
                .userdata = options->userdata,
        };
        s->path = strdup(address.sun_path);
        if (!s->path)
                return -ENOMEM;
        s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s->fd < 0)
                return -errno;
        r = bind_name(s, &address);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(s);
        return 0;
}

/* ---------------------------------------------------------------- receiving */

typedef struct Datagram {
        char text[NOTIFY_MESSAGE_SIZE + 1];
        size_t n;
        bool cut;     /* it was longer */
        bool had_fds; /* descriptors came with it; they are closed */
        struct ucred sender;
} Datagram;

/*
 * The control buffer has room for the sender's credentials, which the kernel puts first, and for
 * nothing else: descriptors are then closed by the kernel and never get into our table, however
 * many are sent.
 */
static int receive(const NotifySocket *s, Datagram *ret) {
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred))];
        struct iovec piece = { ret->text, sizeof(ret->text) - 1 };
        struct msghdr message = {
                .msg_iov = &piece,
                .msg_iovlen = 1,
                .msg_control = control,
                .msg_controllen = sizeof(control),
        };
        const struct cmsghdr *c;
        ssize_t n;

        do
                n = recvmsg(s->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return errno == EAGAIN ? 0 : -errno;

        ret->n = (size_t)n;
        ret->text[n] = '\0';
        ret->cut = message.msg_flags & MSG_TRUNC;
        ret->had_fds = message.msg_flags & MSG_CTRUNC;
        ret->sender = (struct ucred){ .uid = (uid_t)-1, .gid = (gid_t)-1 };
        c = CMSG_FIRSTHDR(&message);
        if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
                memcpy(&ret->sender, CMSG_DATA(c), sizeof(ret->sender));
        return 1;
}

static bool may_speak(const NotifySocket *s, uid_t uid) {
        return uid != (uid_t)-1 && (uid == 0 || uid == s->uid || uid == geteuid());
}

/* NULL if @d is to be heard, or why not. */
static const char *objection(const NotifySocket *s, Datagram *d) {
        if (!may_speak(s, d->sender.uid))
                return "its sender may not speak for the process";
        if (d->cut)
                return "it is too long";
        if (d->n > 0 && d->text[d->n - 1] == '\0')
                d->n--; /* a C string with its end is common */
        if (strlen(d->text) != d->n)
                return "it holds a NUL byte";
        return NULL;
}

/* Tell what @d says, if it is to be heard. */
static void handle(const NotifySocket *s, Datagram *d) {
        const char *why = objection(s, d);
        NotifyMessage message;

        if (why) {
                log_debug("a message to %s from pid %d of user %u is ignored: %s", s->path,
                          (int)d->sender.pid, (unsigned)d->sender.uid, why);
                return;
        }
        notify_message_parse(d->text, &message);
        message.pid = d->sender.pid;
        message.uid = d->sender.uid;
        message.fds_refused &= d->had_fds;
        s->on_message(&message, s->userdata);
}

int notify_socket_dispatch(NotifySocket *s) {
        Datagram d;
        int n = 0, r = 0;

        s->dispatching = true;
        while (n < NOTIFY_MESSAGES_PER_DISPATCH && !s->freed) {
                r = receive(s, &d);
                if (r <= 0)
                        break;
                n++;
                handle(s, &d);
        }
        s->dispatching = false;
        if (s->freed)
                notify_socket_free(s);
        return n > 0 ? n : r;
}
