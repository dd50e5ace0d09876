/*
 * The clients: a connection for each, with a link of libsystemd's of its own, and what they all
 * share. A connection that is to end is only marked: it is freed by the reaper, when nothing is
 * being done for it.
 *
 * Who is let in is decided by accept.h, when a link is looked at by serve.h, what calls do by the
 * files in methods/; they all stand on this, and it knows none of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "base/macro.h"
#include "bus/client/peer.h"
#include "bus/client/recent.h"
#include "bus/client/traffic.h"
#include "bus/client/waiter-table.h"
#include "daemon/entry/supervisor-state.h"

#define CONNECTION_CALLS_MAX 64 /* of either kind under way at once */

typedef struct Connection Connection;
LIST_HEAD(ConnectionList, Connection);

typedef struct Clients {
        Supervisor *supervisor;
        struct ConnectionList list;
        size_t n;
        size_t n_waits;             /* calls of all connections that wait for processes */
        unsigned long long n_named; /* unique names given out, see filter.c */
        sd_event_source *reaper;    /* frees connections that are over */
        RecentChanges recent;       /* what they were told last */
        WaiterTable waiters;        /* for processes */
} Clients;

/*
 * A call that is answered later: the first member of what the unit keeps that answers it (wait.c,
 * methods/log-files.c). If the connection goes before that, on_left() is called, which has to call
 * pending_end().
 */
typedef struct PendingCall {
        Connection *connection; /* NULL: ended */
        sd_bus_message *call;
        void (*on_left)(struct PendingCall *p);
        struct PendingCalls *calls;
        LIST_ENTRY(PendingCall) others;
} PendingCall;

typedef struct PendingCalls {
        LIST_HEAD(, PendingCall) list;
        size_t n;
} PendingCalls;

typedef struct ProcessObject { /* the process whose object the call at hand is about */
        Connection *connection;
        Entry *entry;
} ProcessObject;

struct Connection {
        Clients *clients;
        Supervisor *supervisor;
        Peer peer;
        sd_bus *link; /* NULL until it is made */
        Traffic traffic;
        bool is_over; /* to be freed by the reaper; nothing is sent on it any more */
        bool subscribed;
        PendingCalls waits;    /* for processes */
        PendingCalls openings; /* of log files */
        ProcessObject object;
        LIST_ENTRY(Connection) others;
};

/* Get ready for clients of @s. Returns 0 or -errno. */
int clients_init(Clients *clients, Supervisor *s);

/* Free all connections. */
void clients_done(Clients *clients);

/* A connection of the client @peer, which is taken over on success. Returns 0 or -ENOMEM. */
int connection_new(Clients *clients, Peer *peer, Connection **ret);

/* Free the connection and leave all that is under way for it. NULL is fine. Returns NULL. */
Connection *connection_free(Connection *c);
DEFINE_CLEANUP(Connection, connection_free);

/* The connection is freed soon; nothing more is sent on it. */
void connection_end(Connection *c);

/* The same after @error (negative), which is logged: @what names the step that failed. */
void connection_fail(Connection *c, const char *what, int error);

/*
 * Something may have been queued on it, or read: have the loop wait for what is next. Ends it if
 * its link is closed or its client does not read.
 */
void connection_arm(Connection *c);

/* May another be added to @calls? Returns 0, or negative with *error set: CONNECTION_CALLS_MAX are
 * there. */
int pending_check(const PendingCalls *calls, sd_bus_error *error);

/* The call @m of @c is answered later: count it among @calls, which are of the connection. */
void pending_begin(PendingCall *p, Connection *c, PendingCalls *calls, sd_bus_message *m);

/* It is answered, or left. To call it again does nothing. */
void pending_end(PendingCall *p);
