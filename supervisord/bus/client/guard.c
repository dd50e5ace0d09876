/*
 * The headers of messages, seen in the socket before libsystemd reads them. The lengths in a header
 * tell how large its message is; the rest of it is libsystemd's to check.
 */
#include "bus/client/guard.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define CALL_MAX ((size_t)1024 * 1024) /* bytes of one call */
#define MESSAGE_HEADER_SIZE 16

size_t guard_bytes_waiting(int fd) {
        int n = 0;

        return ioctl(fd, FIONREAD, &n) < 0 || n < 0 ? 0 : (size_t)n;
}

/*
 * Bytes of the message that begins with @header (16 bytes), see the D-Bus specification; 0 if
 * nothing begins there.
 */
static uint64_t size_of_message(const uint8_t header[static MESSAGE_HEADER_SIZE]) {
        uint32_t body, fields;

        if ((header[0] != 'l' && header[0] != 'B') || header[3] != 1)
                return 0;
        memcpy(&body, header + 4, sizeof(body));
        memcpy(&fields, header + 12, sizeof(fields));
        body = header[0] == 'l' ? le32toh(body) : be32toh(body);
        fields = header[0] == 'l' ? le32toh(fields) : be32toh(fields);
        return MESSAGE_HEADER_SIZE + (((uint64_t)fields + 7) & ~UINT64_C(7)) + body;
}

/* Check the size of each message that begins in data[0..n-1]. Returns 1; 0 if the last header has
 * not come as a whole; -EMSGSIZE if one is too large. */
static int check_messages(const uint8_t *data, size_t n) {
        for (size_t at = 0; at < n;) {
                uint64_t size;

                if (n - at < MESSAGE_HEADER_SIZE)
                        return 0;
                size = size_of_message(data + at);
                if (size == 0)
                        return 1; /* the middle of one that was let in, or garbage */
                if (size > CALL_MAX)
                        return -EMSGSIZE;
                at += size;
        }
        return 1;
}

/* The same before the client has authenticated: messages may follow the line that ends this. */
static int check_beginning(Guard *g, const uint8_t *data, size_t n) {
        static const char mark[] = "BEGIN\r\n";
        const uint8_t *end = memmem(data, n, mark, strlen(mark));

        if (!end)
                return 1;
        end += strlen(mark);
        g->at_start = end == data + n;
        return check_messages(end, (size_t)(data + n - end));
}

GuardVerdict guard_judge(Guard *g, sd_bus *link) {
        uint8_t data[4096];
        bool is_ready = sd_bus_is_ready(link) > 0;
        ssize_t n;
        int r;

        if (is_ready && !g->at_start)
                return GUARD_LETS_IN;
        n = recv(sd_bus_get_fd(link), data, is_ready ? MESSAGE_HEADER_SIZE : sizeof(data),
                 MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0)
                return GUARD_LETS_IN; /* nothing, or the end of the connection */
        r = is_ready ? check_messages(data, (size_t)n) : check_beginning(g, data, (size_t)n);
        if (r == 0)
                return GUARD_WAITS;
        return r < 0 ? GUARD_REFUSES : GUARD_LETS_IN;
}

/*
 * A message may begin where guard_judge() does not see it, behind others that are read in one go.
 * What was waiting before a step is the least that this step has read.
 */
bool guard_count(Guard *g, size_t waiting, bool was_ready) {
        if (g->got_message) {
                g->received = 0;
                g->at_start = true;
        } else {
                g->received += waiting;
                if (was_ready && waiting > 0)
                        g->at_start = false;
        }
        return g->received <= 2 * CALL_MAX;
}

int guard_check_early(Guard *g, int fd) {
        uint8_t data[4096];
        ssize_t n = recv(fd, data, sizeof(data), MSG_PEEK | MSG_DONTWAIT);

        if (n > 0 && memmem(data, (size_t)n, "BEGIN", strlen("BEGIN"))) {
                (void)check_beginning(g, data, (size_t)n);
                return g->at_start ? 0 : -EPROTO;
        }
        return 0;
}
