/*
 * The listening sockets of the configuration on their way through the daemon's life: opened before
 * it gives up its privileges, told to the log once there is one, changed by a reload.
 */
#pragma once

#include "config/model/config.h"
#include "host/net/listening-sockets.h"

typedef struct Listening Listening;

/*
 * Open a store with what the service manager has passed. To be called before the process forks.
 * Returns 0 or -errno; what cannot be used is told to the log by listening_log().
 */
int listening_new(Listening **ret);

/* Close all; for the end. */
Listening *listening_free(Listening *l);
DEFINE_CLEANUP(Listening, listening_free);

/*
 * Open every [socket:x] of @config and hold it, beside what was held before. What cannot be opened
 * is told by listening_log(), and tried again when a program needs it. Returns 0 or -ENOMEM.
 */
int listening_open(Listening *l, const Config *config);

/* Log what has come of listening_open(), and forget it. */
void listening_log(Listening *l);

/* Let go of what was held before the last listening_open(). */
void listening_close_old(Listening *l);

/* Let go of all; programs that run keep what they have. */
void listening_close(Listening *l);

/* As socket_hold_release() for a @hold that is not NULL, and tell the log if it closed something.
 */
void listening_drop(SocketHold *hold);

Sockets *listening_get_sockets(Listening *l);
