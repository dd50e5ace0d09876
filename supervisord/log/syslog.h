/*
 * Messages to the system's log by its datagram sockets: /dev/log, and the journal's own. libc's
 * syslog() and sd_journal_send() wait while the receiver's queue is full; these never do.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/macro.h"

/* A connection made when needed and made again when the receiver was restarted. */
typedef struct LogSocket {
        const char *path; /* not owned */
        int fd;
} LogSocket;

/* Initialisers. */
#define LOG_SOCKET_SYSLOG \
        { .path = "/dev/log", .fd = -1 }
#define LOG_SOCKET_JOURNAL \
        { .path = "/run/systemd/journal/socket", .fd = -1 }

void log_socket_close(LogSocket *socket);

typedef struct SyslogTag {
        int priority; /* facility | level, as in syslog(3) */
        const char *identifier;
        pid_t pid; /* shown in brackets if > 0 */
} SyslogTag;

/*
 * Send @text (no newline, need not be terminated). Returns 0 or -errno: -EAGAIN if the receiver is
 * busy, -ENOENT or -ECONNREFUSED if there is none.
 */
int syslog_send(LogSocket *socket, const SyslogTag *tag, const char *text, size_t size);

/* One field of a journal entry; a value may hold anything. Left out if @value is NULL. */
typedef struct JournalField {
        const char *name;
        const char *value;
        size_t size; /* of @value */
} JournalField;

/* Send one entry of @n fields (at most 16) by the journal's native protocol. Errors as above;
 * -EMSGSIZE if it is too large for a datagram. */
int journal_send(LogSocket *socket, const JournalField *fields, size_t n);
