/*
 * The other side of sd_notify(3): a socket that the daemon serves to one process, so that it can
 * say that it is ready and how it is. Whoever sends to a socket speaks for the process that the
 * socket was made for, also if the sender is gone by the time its message is read. What a message
 * says is in notify-message.h; what the daemon tells its own service manager is in notify.h.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "manager/notify-message.h"

#define NOTIFY_MESSAGES_PER_DISPATCH 16

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
