/*
 * Datagrams to the system's log: see syslog.h. What is sent is whole or not at all; nothing is kept
 * for later.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "log/syslog.h"

#define FIELDS_MAX 16

void log_socket_close(LogSocket *s) {
        s->fd = safe_close(s->fd);
}

static struct iovec part(const void *data, size_t size) {
        /* An iovec serves reading and writing, hence its pointer is not const. */
        const union {
                const void *from;
                void *base;
        } pointer = { .from = data };

        return (struct iovec){ .iov_base = pointer.base, .iov_len = size };
}

static int log_socket_connect(LogSocket *s) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        _cleanup_(closep) int fd = -1;

        if (strlen(s->path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, s->path, strlen(s->path) + 1);

        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
                return -errno;

        s->fd = TAKE_FD(fd);
        return 0;
}

static int log_socket_send(LogSocket *s, struct iovec *parts, size_t n) {
        const struct msghdr message = { .msg_iov = parts, .msg_iovlen = n };
        int r;

        for (int attempt = 0; attempt < 2; attempt++) {
                if (s->fd < 0) {
                        r = log_socket_connect(s);
                        if (r < 0)
                                return r;
                }

                if (sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
                        return 0;
                if (errno == EAGAIN || errno == EMSGSIZE)
                        return -errno;

                /* The receiver was restarted: this connection leads to the one that is gone. */
                r = -errno;
                log_socket_close(s);
        }

        return r;
}

int syslog_send(LogSocket *s, const SyslogTag *tag, const char *text, size_t size) {
        char head[160], stamp[32], number[32] = "";
        struct iovec parts[2];
        struct tm tm;
        time_t now;
        int n;

        now = time(NULL);
        if (!localtime_r(&now, &tm))
                return -EOVERFLOW;
        /* Syslog wants English month names, and nobody here calls setlocale(). */
        if (strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &tm) == 0)
                return -EOVERFLOW;

        if (tag->pid > 0)
                (void)snprintf(number, sizeof(number), "[%d]", (int)tag->pid);
        n = snprintf(head, sizeof(head), "<%d>%s %.64s%s: ", tag->priority, stamp, tag->identifier,
                     number);

        parts[0] = part(head, (size_t)n);
        parts[1] = part(text, size);
        return log_socket_send(s, parts, ELEMENTSOF(parts));
}

int journal_send(LogSocket *s, const JournalField *fields, size_t n) {
        struct iovec parts[FIELDS_MAX * 5];
        uint64_t sizes[FIELDS_MAX];
        size_t k = 0;

        for (size_t i = 0; i < MIN(n, (size_t)FIELDS_MAX); i++) {
                const JournalField *f = &fields[i];

                if (!f->value)
                        continue;

                /* NAME newline size value newline: the form that needs no look at the value. */
                sizes[i] = htole64(f->size);
                parts[k++] = part(f->name, strlen(f->name));
                parts[k++] = part("\n", 1);
                parts[k++] = part(&sizes[i], sizeof(sizes[i]));
                parts[k++] = part(f->value, f->size);
                parts[k++] = part("\n", 1);
        }

        return log_socket_send(s, parts, k);
}
