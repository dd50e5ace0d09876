/*
 * Writing without blocking to what is not a regular file: see sink.h. It keeps nothing and retries
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/macro.h"
#include "log/sink.h"

/* A pipe that polls writable takes this much without blocking (PIPE_BUF is 4096). A terminal has
 * room for less only if it is being stopped at this very moment. */
#define SHARED_PIECE 512

int sink_open_fd(int fd, Sink *ret) {
        char name[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        struct stat st;
        int own;

        if (fstat(fd, &st) < 0)
                return -errno;

        if (S_ISSOCK(st.st_mode) || S_ISREG(st.st_mode)) {
                /* A regular file's position is shared on purpose: whoever else writes there goes on
                 * behind us. */
                own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
                if (own < 0)
                        return -errno;
                *ret = (Sink){ .kind = S_ISSOCK(st.st_mode) ? SINK_SOCKET : SINK_OWN, .fd = own };
                return 0;
        }

        (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
        own = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND | O_CLOEXEC);
        if (own >= 0) {
                *ret = (Sink){ .kind = SINK_OWN, .fd = own };
                return 0;
        }

        /* Another user's terminal, or no /proc. */
        own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        if (own < 0)
                return -errno;

        *ret = (Sink){ .kind = SINK_SHARED, .fd = own };
        return 0;
}

Sink sink_take(int fd) {
        return (Sink){ .kind = SINK_OWN, .fd = fd };
}

void sink_close(Sink *sink) {
        sink->fd = safe_close(sink->fd);
        sink->kind = SINK_CLOSED;
}

static ssize_t write_shared(int fd, const void *data, size_t size) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        int r;

        r = poll(&p, 1, 0);
        if (r < 0)
                return -1;
        if (r == 0) {
                errno = EAGAIN;
                return -1;
        }

        return write(fd, data, MIN(size, (size_t)SHARED_PIECE));
}

static ssize_t write_once(const Sink *sink, const void *data, size_t size) {
        switch (sink->kind) {
        case SINK_OWN:
                return write(sink->fd, data, size);

        case SINK_SOCKET:
                return send(sink->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

        case SINK_SHARED:
                return write_shared(sink->fd, data, size);

        case SINK_CLOSED:
                break;
        }

        errno = EBADF;
        return -1;
}

ssize_t sink_write(const Sink *sink, const void *data, size_t size) {
        ssize_t n;

        do
                n = write_once(sink, data, size);
        while (n < 0 && errno == EINTR);

        if (n == 0)
                return -EIO; /* no device does that; taking it as progress would spin */
        return n < 0 ? -errno : n;
}
