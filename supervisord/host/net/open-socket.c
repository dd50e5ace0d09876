/*
 * Opening one listening socket, for a port or for a name in the file system. The work with names is
 * the larger part: a name that a dead daemon left is replaced, one that is in use never, and what
 * is removed at the end is the file that was made here, not one that has its name by then.
 */
#include "host/net/open-socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "host/net/socket-holder.h"

static const int types[] = {
        [SOCKET_TYPE_STREAM] = SOCK_STREAM,
        [SOCKET_TYPE_DGRAM] = SOCK_DGRAM,
        [SOCKET_TYPE_SEQPACKET] = SOCK_SEQPACKET,
};

static int new_socket(int domain, SocketType type) {
        int fd = socket(domain, types[type] | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

static int set_flag(int fd, int level, int option, int value) {
        return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int begin_to_listen(int fd, const SocketConfig *config) {
        int backlog = config->backlog > 0 ? (int)config->backlog : INT_MAX; /* the kernel cuts it */

        if (config->type == SOCKET_TYPE_DGRAM)
                return 0;
        return listen(fd, backlog) < 0 ? -errno : 0;
}

/* ---------------------------------------------------------------- ports */

static int bind_to(int fd, const void *address, socklen_t size) {
        return bind(fd, address, size) < 0 ? -errno : 0;
}

/*
 * With SO_REUSEADDR the connections of an earlier run do not hold the port; among datagram sockets
 * it would let others take our port over, though.
 */
static int prepare(int fd, const SocketConfig *config) {
        int r = 0;

        if (config->type == SOCKET_TYPE_STREAM)
                r = set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
        if (r >= 0 && config->reuse_port)
                r = set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1);
        return r;
}

static int bind_ipv4(const SocketConfig *config, const char *host, int port) {
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
        _cleanup_(closep) int fd = -1;
        int r;

        if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
                return -EINVAL;
        fd = new_socket(AF_INET, config->type);
        if (fd < 0)
                return fd;
        r = prepare(fd, config);
        if (r >= 0)
                r = bind_to(fd, &address, sizeof(address));
        return r < 0 ? r : TAKE_FD(fd);
}

static int bind_ipv6(const SocketConfig *config, const char *host, int port, bool only) {
        struct sockaddr_in6 address = { .sin6_family = AF_INET6,
                                        .sin6_port = htons((uint16_t)port) };
        _cleanup_(closep) int fd = -1;
        int r;

        if (inet_pton(AF_INET6, host, &address.sin6_addr) != 1)
                return -EINVAL;
        fd = new_socket(AF_INET6, config->type);
        if (fd < 0)
                return fd;
        r = prepare(fd, config);
        if (r >= 0)
                r = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, only);
        if (r >= 0)
                r = bind_to(fd, &address, sizeof(address));
        return r < 0 ? r : TAKE_FD(fd);
}

static int bind_any(const SocketConfig *config, int port) {
        int r = bind_ipv6(config, "::", port, false);

        if (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL) /* there is no IPv6 here */
                return bind_ipv4(config, "0.0.0.0", port);
        return r;
}

/* ---------------------------------------------------------------- names in the file system */

/*
 * Is there somebody behind the socket @path? A datagram socket finds out without disturbing one
 * that serves connections: only a socket that nobody has open refuses it.
 */
static int check_unused(const struct sockaddr_un *address) {
        _cleanup_(closep) int fd = new_socket(AF_UNIX, SOCKET_TYPE_DGRAM);

        if (fd < 0)
                return fd;
        if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
                return -EADDRINUSE;
        if (errno == ECONNREFUSED)
                return 0;
        return errno == EACCES || errno == ENOENT ? -errno : -EADDRINUSE;
}

/* Make way for a new socket if what is there is one that was left behind. */
static int remove_stale(const struct sockaddr_un *address) {
        struct stat st;
        int r;

        if (lstat(address->sun_path, &st) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (!S_ISSOCK(st.st_mode))
                return -EEXIST;
        r = check_unused(address);
        if (r == -ENOENT)
                return 0;
        if (r < 0)
                return r;
        return unlink(address->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The socket that lies at @path, for chmod and chown: never what a symbolic link leads to. */
static int open_name(const char *path, struct stat *ret) {
        _cleanup_(closep) int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || fstat(fd, ret) < 0)
                return -errno;
        return S_ISSOCK(ret->st_mode) ? TAKE_FD(fd) : -EEXIST;
}

static int change_owner(int name_fd, const SocketConfig *config) {
        if (config->uid == (uid_t)-1 && config->gid == (gid_t)-1)
                return 0;
        return fchownat(name_fd, "", config->uid, config->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int change_mode(int name_fd, mode_t mode) {
        char link[sizeof("/proc/self/fd/2147483647")];

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", name_fd);
        return chmod(link, mode) < 0 ? -errno : 0; /* fchmod(2) refuses O_PATH */
}

/*
 * The mode of the open socket becomes that of its name, so that at no time more may connect than
 * shall.
 */
static int bind_name(int fd, const SocketConfig *config, const struct sockaddr_un *address) {
        mode_t mask;
        int r;

        if (fchmod(fd, (mode_t)config->mode & 0777) < 0)
                return -errno;
        mask = umask(0);
        r = bind_to(fd, address, sizeof(*address));
        (void)umask(mask); /* cannot fail */
        return r;
}

static int settle_name(const SocketConfig *config, OpenSocket *s) {
        _cleanup_(closep) int name_fd = -1;
        struct stat st = { 0 };

        name_fd = open_name(s->path, &st);
        if (name_fd < 0)
                return name_fd;
        s->dev = st.st_dev;
        s->ino = st.st_ino;
        return change_owner(name_fd, config);
}

static int open_path(const SocketConfig *config, const char *path, OpenSocket *ret) {
        _cleanup_(open_socket_done) OpenSocket s = { .fd = -1 };
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path) + 1);
        r = remove_stale(&address);
        if (r < 0)
                return r;
        s.fd = new_socket(AF_UNIX, config->type);
        if (s.fd < 0)
                return s.fd;
        r = bind_name(s.fd, config, &address);
        if (r < 0)
                return r;
        s.path = strdup(path);
        if (!s.path) {
                (void)unlink(path); /* without memory nobody would do so later */
                return -ENOMEM;
        }
        r = settle_name(config, &s);
        if (r < 0)
                return r;
        *ret = s;
        s = (OpenSocket){ .fd = -1 };
        return 0;
}

static int open_abstract(const SocketConfig *config, const char *name, OpenSocket *ret) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = -1;
        size_t n = strlen(name);
        int r;

        if (n >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, name, n);
        address.sun_path[0] = '\0';
        fd = new_socket(AF_UNIX, config->type);
        if (fd < 0)
                return fd;
        r = bind_to(fd, &address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
        if (r < 0)
                return r;
        *ret = (OpenSocket){ .fd = TAKE_FD(fd) };
        return 0;
}

/* ---------------------------------------------------------------- all together */

void open_socket_done(OpenSocket *s) {
        struct stat st;

        s->fd = safe_close(s->fd);
        if (s->path && lstat(s->path, &st) == 0 && st.st_dev == s->dev && st.st_ino == s->ino)
                (void)unlink(s->path); /* not allowed any more: the next start replaces it */
        free(s->path);
        *s = (OpenSocket){ .fd = -1 };
}

static int bind_socket(const SocketConfig *config, const SocketAddress *a, OpenSocket *ret) {
        int fd;

        switch (a->kind) {
        case ADDRESS_ANY:
                fd = bind_any(config, a->port);
                break;
        case ADDRESS_IPV4:
                fd = bind_ipv4(config, a->host, a->port);
                break;
        case ADDRESS_IPV6:
                fd = bind_ipv6(config, a->host, a->port, true);
                break;
        case ADDRESS_UNIX:
                return a->path[0] == '@' ? open_abstract(config, a->path, ret)
                                         : open_path(config, a->path, ret);
        default:
                return -EINVAL;
        }
        if (fd < 0)
                return fd;
        *ret = (OpenSocket){ .fd = fd };
        return 0;
}

int open_socket(const SocketConfig *config, const SocketAddress *address, OpenSocket *ret) {
        _cleanup_(open_socket_done) OpenSocket s = { .fd = -1 };
        int r;

        r = bind_socket(config, address, &s);
        if (r >= 0)
                r = begin_to_listen(s.fd, config);
        if (r < 0)
                return r;
        *ret = s;
        s = (OpenSocket){ .fd = -1 };
        return 0;
}

static int adjust_name(const OpenSocket *s, const SocketConfig *after) {
        _cleanup_(closep) int name_fd = -1;
        struct stat st = { 0 };
        int r;

        name_fd = open_name(s->path, &st);
        if (name_fd < 0)
                return name_fd;
        if (st.st_dev != s->dev || st.st_ino != s->ino)
                return -EEXIST;
        r = change_owner(name_fd, after);
        return r < 0 ? r : change_mode(name_fd, (mode_t)after->mode & 0777);
}

int open_socket_adjust(const OpenSocket *s, const SocketConfig *before, const SocketConfig *after) {
        int r = 0;

        if (before->backlog != after->backlog)
                r = begin_to_listen(s->fd, after);
        if (r >= 0 && before->reuse_port != after->reuse_port)
                r = set_flag(s->fd, SOL_SOCKET, SO_REUSEPORT, after->reuse_port);
        if (r >= 0 && s->path &&
            (before->mode != after->mode || before->uid != after->uid || before->gid != after->gid))
                r = adjust_name(s, after);
        return r;
}

static int explain_in_use(const SocketConfig *config, const SocketAddress *address, char **ret) {
        SocketHolder h;
        int n;

        if (socket_holder_find(config->type, address, &h))
                n = asprintf(ret, "cannot listen at %s: %s, held by %s (pid %d)", address->text,
                             strerror(EADDRINUSE), h.name, h.pid);
        else
                n = asprintf(ret, "cannot listen at %s: %s, somebody else listens there",
                             address->text, strerror(EADDRINUSE));
        return n < 0 ? -ENOMEM : 0;
}

int open_socket_explain(const SocketConfig *config,
                        const SocketAddress *address,
                        int error,
                        char **ret) {
        bool has_path = address->kind == ADDRESS_UNIX && address->path[0] == '/';
        const char *advice = "";

        if (error == EADDRINUSE)
                return explain_in_use(config, address, ret);
        if (error == EADDRNOTAVAIL)
                advice = ", this host has no such address";
        else if (error == EEXIST)
                advice = ", and it is no socket: remove it or choose another path";
        else if (error == ENOENT && has_path)
                advice = ", its directory has to be made first";
        else if (error == EPERM && has_path)
                advice = ", only root can give a socket to another user";
        else if (error == EACCES && address->kind != ADDRESS_UNIX)
                advice = ", supervisord must be started as root for this port; it may have a user= "
                         "to become afterwards";
        if (asprintf(ret, "cannot listen at %s: %s%s", address->text, strerror(error), advice) >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}
