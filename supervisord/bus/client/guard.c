/*
 * How much of us one message may take. Libsystemd takes messages of up to 128 MiB, all of it in one
 * go if it comes as fast as it is read, so each is looked at before it is let in.
 */

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "bus/client/connection.h"
#include "log/log.h"

#define MESSAGE_HEADER_SIZE 16
#define HEADER_LOOK_USEC (10 * USEC_PER_MSEC)

int connection_fd(const Connection *c) {
        return sd_bus_get_fd(c->link);
}

size_t connection_bytes_waiting(const Connection *c) {
        int n = 0;

        return ioctl(connection_fd(c), FIONREAD, &n) < 0 || n < 0 ? 0 : (size_t)n;
}

static void refuse_size(Connection *c) {
        log_info("uid %u (pid %d) sends a message that is too large, closing its connection",
                 (unsigned)c->peer.uid, (int)c->peer.pid);
        connection_end(c);
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

/* Do the messages in data[0..n-1] begin as they may? Returns 1; 0 if the last header is not there
 * as a whole; -EMSGSIZE. */
static int check_messages(const uint8_t *data, size_t n) {
        for (size_t at = 0; at < n;) {
                uint64_t size;

                if (n - at < MESSAGE_HEADER_SIZE)
                        return 0;
                size = size_of_message(data + at);
                if (size == 0)
                        return 1; /* the middle of one that was let in, or garbage */
                if (size > CONNECTION_CALL_MAX)
                        return -EMSGSIZE;
                at += size;
        }
        return 1;
}

/* The same before the client has authenticated: after the line that ends this messages may follow.
 */
static int check_beginning(Connection *c, const uint8_t *data, size_t n) {
        static const char mark[] = "BEGIN\r\n";
        const uint8_t *end = memmem(data, n, mark, strlen(mark));

        if (!end)
                return 1;
        end += strlen(mark);
        c->at_start = end == data + n;
        return check_messages(end, (size_t)(data + n - end));
}

bool connection_lets_in(Connection *c) {
        uint8_t data[4096];
        bool is_ready = sd_bus_is_ready(c->link) > 0;
        ssize_t n;
        int r;

        if (is_ready && !c->at_start)
                return true;
        n = recv(connection_fd(c), data, is_ready ? MESSAGE_HEADER_SIZE : sizeof(data),
                 MSG_PEEK | MSG_DONTWAIT);
        if (n <= 0)
                return true; /* nothing, or the end of the connection */
        r = is_ready ? check_messages(data, (size_t)n) : check_beginning(c, data, (size_t)n);
        if (r == 0) {
                (void)sd_event_source_set_time_relative(c->patience, HEADER_LOOK_USEC);
                (void)sd_event_source_set_enabled(c->patience, SD_EVENT_ONESHOT);
                (void)sd_event_source_set_io_events(c->io, 0);
                c->is_short = true;
                return false;
        }
        c->n_short = 0;
        if (r < 0)
                refuse_size(c);
        return r > 0;
}

/* In case that a message begins where nobody saw it: what was waiting is the least that was read.
 */
void connection_count(Connection *c, size_t waiting, bool was_ready) {
        if (c->got_message)
                c->received = 0;
        else
                c->received += waiting;
        if (c->got_message)
                c->at_start = true;
        else if (was_ready && waiting > 0)
                c->at_start = false;
        if (c->received > 2 * CONNECTION_CALL_MAX)
                refuse_size(c);
}

int connection_check_early(Connection *c, int fd) {
        uint8_t data[4096];
        ssize_t n = recv(fd, data, sizeof(data), MSG_PEEK | MSG_DONTWAIT);

        if (n > 0 && memmem(data, (size_t)n, "BEGIN", strlen("BEGIN"))) {
                (void)check_beginning(c, data, (size_t)n);
                return c->at_start ? 0 : -EPROTO;
        }
        return 0;
}
