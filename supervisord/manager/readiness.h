/*
 * The other side of sd_notify(3): a socket that we serve to one process, so that it can say that it
 * is ready and how it is. Whoever sends to a socket speaks for the process that it was made for,
 * also when it is gone by the time we read. What we tell our own service manager is in notify.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

#define NOTIFY_MESSAGE_SIZE 4096 /* longer ones are ignored, as by systemd */
#define NOTIFY_MESSAGES_PER_DISPATCH 16

/* What one message said. What it did not say, or said wrongly, has the value given here. */
typedef struct NotifyMessage {
        pid_t pid; /* the sender by the kernel's word; may be gone; 0: outside our pid namespace */
        uid_t uid;

        bool ready;              /* READY=1 */
        bool reloading;          /* RELOADING=1: until the next READY=1 */
        bool stopping;           /* STOPPING=1 */
        bool watchdog;           /* WATCHDOG=1: it is alive */
        bool watchdog_trigger;   /* WATCHDOG=trigger: treat it as if it were not */
        bool fds_refused;        /* FDSTORE=1, and descriptors came with it: they are closed */
        uint64_t watchdog_usec;  /* WATCHDOG_USEC=; USEC_INFINITY: not said */
        uint64_t extend_usec;    /* EXTEND_TIMEOUT_USEC=; 0: not said */
        uint64_t monotonic_usec; /* MONOTONIC_USEC=, of RELOADING=1; 0: not said */
        pid_t main_pid;          /* MAINPID=, > 1, not checked further; 0: not said */
        int error;               /* ERRNO=, positive; 0: not said */
        const char *status;      /* STATUS=: one line of UTF-8 without control characters, may
                                    be empty; NULL: not said */
        const char *bus_error;   /* BUSERROR=, the same; NULL: not said */
} NotifyMessage;

/*
 * Read the lines of @text, which is changed and must outlive @ret. Lines that mean nothing to us
 * are passed over; of a repeated one the first counts. pid and uid are left 0, and fds_refused says
 * only whether FDSTORE=1 was there.
 */
void notify_message_parse(char *text, NotifyMessage *ret);

typedef struct NotifySocket NotifySocket;

/* Called from notify_socket_dispatch(); may free the socket. @message is valid during the call. */
typedef void (*notify_message_fn)(const NotifyMessage *message, void *userdata);

typedef struct NotifySocketOptions {
        const char *directory; /* as runtime_directory_get_path() gives it */
        const char *name;      /* unique in it, without '/': of the process, with its group's */
        uid_t uid;             /* may send, beside root and the daemon's user; (uid_t)-1: nobody */
        notify_message_fn on_message;
        void *userdata;
} NotifySocketOptions;

/*
 * Make and bind the socket, before the process is started; one that an earlier daemon left under
 * the name is replaced. @options is copied. Returns 0, -EINVAL for such a name, -ENAMETOOLONG for
 * such a directory, or -errno.
 */
int notify_socket_new(const NotifySocketOptions *options, NotifySocket **ret);

/* Close and remove it, if the name is still its own. NULL is fine. Returns NULL. */
NotifySocket *notify_socket_free(NotifySocket *s);
DEFINE_CLEANUP(NotifySocket, notify_socket_free);

/*
 * To be watched for EPOLLIN, before the exit of processes, so that a last message is still heard.
 * A program can send without end: limit the rate of the source, or it starves all that come after.
 */
int notify_socket_get_fd(const NotifySocket *s);

/* For the process's NOTIFY_SOCKET. */
const char *notify_socket_get_path(const NotifySocket *s);

/*
 * Read what has come, NOTIFY_MESSAGES_PER_DISPATCH messages at most. Those of strangers and what is
 * no message are passed over. Descriptors that come along are closed, which is what BARRIER=1 waits
 * for. Returns the number of messages that were read (of any sort), 0 if there was none, or -errno.
 */
int notify_socket_dispatch(NotifySocket *s);
