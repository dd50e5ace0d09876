/*
 * The bus's inside, shared by its files: bus.c (all of it), bus-accept.c and bus-peer.c (who
 * connects), bus-serve.c and bus-guard.c (traffic and its limits), bus-filter.c (rights),
 * bus-calls.c (reading arguments, answering), bus-manager.c and bus-process.c (the objects),
 * bus-list.c (looking), bus-operate.c and bus-roll.c (processes), bus-wait.c (long operations),
 * bus-logs.c, bus-configuration.c, bus-daemon.c and bus-signals.c. Nobody else includes this.
 */
#pragma once

#include <stdbool.h>
#include <sys/queue.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "bus/bus.h"
#include "bus/client/access.h"
#include "bus/client/operation.h"
#include "bus/client/select.h"
#include "daemon/supervisor-internal.h"
#include "protocol/bus-names.h"

#define CONNECTIONS_MAX 1024
#define CONNECTIONS_PER_USER_MAX 256 /* but for root */
#define CONNECTION_AUTH_USEC (10 * USEC_PER_SEC)
#define CONNECTION_UNREAD_MAX 4096                /* messages that wait to be read */
#define CONNECTION_CALL_MAX ((size_t)1024 * 1024) /* bytes of one call */
#define CONNECTION_OPERATIONS_MAX 64              /* under way at once */
#define RECENT_MAX 1000                           /* changes that GetEvents() can give */

typedef struct Connection Connection;
typedef struct BusWait BusWait; /* a call that is answered later */
typedef struct BusOpening BusOpening;
LIST_HEAD(ConnectionList, Connection);
LIST_HEAD(BusOpeningList, BusOpening);
LIST_HEAD(BusWaitList, BusWait);

typedef struct Recent { /* a change that was told to all */
        StateChange change;
        ProcessConfig *config; /* for its names */
} Recent;

struct Bus {
        Supervisor *supervisor;
        sd_event_source *listen;
        sd_event_source *after;  /* on while nobody can be accepted: something else has happened */
        sd_event_source *later;  /* likewise: time has passed */
        sd_event_source *reaper; /* frees connections that are over */
        struct ConnectionList connections;
        size_t n_connections;
        size_t n_connections_max;
        size_t n_waits;             /* of all connections */
        bool cannot_accept;         /* and that was told */
        int turns_away;             /* the last client, for this error (which was told), or 0 */
        Connection *current;        /* whose call is being handled */
        unsigned long long n_named; /* unique names given out */
        Recent recent[RECENT_MAX];  /* a ring */
        size_t first_recent, n_recent;
};

struct Connection {
        Bus *bus;
        Peer peer;
        sd_bus *link;
        sd_event_source *io;
        sd_event_source *more;     /* calls are left that were read already */
        sd_event_source *patience; /* until it has authenticated */
        size_t received;           /* bytes of a call that is not complete yet */
        bool got_message;          /* in this step */
        bool at_start;             /* what comes next is the beginning of a message */
        bool is_short;             /* but its header has not come as a whole */
        unsigned n_short;          /* how often it was looked for */
        bool is_over;              /* to be freed by the reaper */
        bool subscribed;
        struct BusWaitList waits;
        size_t n_waits;
        struct BusOpeningList openings; /* of log files, under way */
        size_t n_openings;
        LIST_ENTRY(Connection) connections;
};

/* --- bus.c --- */

/* Free the connection and all that is under way for it. NULL is fine. Returns NULL. */
Connection *connection_free(Connection *c);
DEFINE_CLEANUP(Connection, connection_free);

/* --- bus-accept.c --- */

/* Let clients connect to socket @fd, which stays the caller's. Returns 0 or -errno; then, too, the
 * bus owns the sources that were made. */
int bus_listen(Bus *b, int fd);

/* --- bus-filter.c --- */

/* What the client may do. */
Access connection_access(const Connection *c);

/* Every message comes here first, for a Connection: only what its sender may call goes on to the
 * objects. */
int connection_filter(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* --- bus-serve.c --- */

/* Begin to serve a connection whose link has started. Returns 0 or -errno. */
int connection_serve(Connection *c);

/* The connection is freed soon; nothing more is sent on it. */
void connection_end(Connection *c);

/* The same after @error (negative), which is logged: @what names the step that failed. */
void connection_fail(Connection *c, const char *what, int error);

/* Something was queued on it outside of its own turn: have it written, or end it when it does not
 * read. */
void connection_sent(Connection *c);

/* --- bus-peer.c --- */

/*
 * Who is at the other end of @fd; p->groups is the caller's. A client whose groups are not known
 * could be refused what it may do, so that is an error as well. Returns 0 or -errno.
 */
int peer_read(int fd, Peer *p);

/* --- bus-guard.c --- */

int connection_fd(const Connection *c);
size_t connection_bytes_waiting(const Connection *c);

/*
 * May what is waiting be read? False if it is too large, which ends the connection, or if the
 * header of a message is not there as a whole: is_short is set then, and it is looked for again by
 * the timer.
 */
bool connection_lets_in(Connection *c);

/*
 * A step has read, when @waiting bytes were there before it. In case that a message began where
 * nobody saw it: what was waiting is the least that was read of it.
 */
void connection_count(Connection *c, size_t waiting, bool was_ready);

/*
 * Before the link starts on @fd, which reads what is there already: who has not even seen our
 * answer sends no calls. Returns 0 or -EPROTO.
 */
int connection_check_early(Connection *c, int fd);

/* --- bus-calls.c --- */

/* Fail a call with one of BUS_ERROR_*; gives what a handler returns. */
int call_fail(sd_bus_error *error, const char *name, const char *format, ...) _printf_(3, 4);

/* An errno of ours as an error of the call. */
int call_fail_errno(sd_bus_error *error, int r);

/* Text that may go into a message: @text itself, or a copy in *owned with what is no UTF-8
 * replaced; NULL gives "". */
const char *bus_text(const char *text, char **owned);

/* Append a result; -errno as the message's. */
int append_result(sd_bus_message *m, const Result *result);
Result result_of_unknown(const Unknown *unknown); /* borrows its strings */
int append_unknown(sd_bus_message *m, const Unknown *unknown);

typedef struct WaitOptions {
        bool wait, ready, progress;
        uint64_t timeout_usec; /* USEC_INFINITY: as long as it takes */
        uint32_t parallel;     /* of Roll: at least 1 */
} WaitOptions;

/* Read a{sv} of options. Returns 0, or negative with *error set. */
int read_options(sd_bus_message *m, WaitOptions *ret, sd_bus_error *error);

/* Read "as". *ret is the caller's. Returns 0, or negative with *error set. */
int read_names(sd_bus_message *m, char ***ret, sd_bus_error *error);

/* No change is made any more once a shutdown has begun. Returns 0, or negative with *error set. */
int check_not_shutting_down(const Supervisor *s, sd_bus_error *error);

/* The process that a client calls @name. Returns 0, or negative with *error set. */
int find_process(const Supervisor *s, const char *name, size_t *ret, sd_bus_error *error);

/* Wall clock for monotonic times: 0 and USEC_INFINITY give 0. */
typedef struct WallClock {
        uint64_t real_usec, monotonic_usec;
} WallClock;
WallClock wall_clock_now(void);
uint64_t wall_clock_of(const WallClock *clock, uint64_t monotonic_usec);

/* --- bus-record.c: what a process looks like from outside --- */

/* "clearing", "waiting" … */
const char *entry_phase(const Entry *entry);

/* Python's spawnerr, or "". *owned is the caller's. */
const char *entry_spawn_error(const Entry *entry, char **owned);

/* "status", "signal" … */
const char *exit_kind_to_string(ExitKind kind);

uint64_t entry_deadline(const Entry *entry);
const char *entry_log_path(const Entry *entry, OutputStream stream);

/* Append a BUS_RECORD, or a BUS_STATE. Return >= 0, or -errno. */
int append_record(sd_bus_message *m, const Entry *entry, const WallClock *clock);
int append_state(sd_bus_message *m, const Entry *entry, const WallClock *clock);

/* --- bus-wait.c --- */

typedef struct WaitRequest {
        OperationRules rules; /* but for its functions */
        WaitOptions options;
        bool is_single; /* of a process's own object: answered with nothing or with its error */
        bool is_muted;  /* results of processes are left out: the caller has added others */
} WaitRequest;

/* A call that is answered later. Returns 0, or negative with *error set. */
int wait_new(Connection *c,
             sd_bus_message *call,
             const WaitRequest *request,
             BusWait **ret,
             sd_bus_error *error);
BusWait *wait_free(BusWait *w);
DEFINE_CLEANUP(BusWait, wait_free);

/* A result that is known at once. */
void wait_add_result(BusWait *w, const Result *result);
void wait_add_unknown(BusWait *w, const Unknown *unknown);

Connection *wait_get_connection(const BusWait *w);
bool wait_is_single(const BusWait *w);
const char *wait_get_done(const BusWait *w); /* its word for what was reached */

/* Wait for the process @index. Returns 0 or -ENOMEM. */
int wait_add(BusWait *w, size_t index, bool is_down);

/*
 * It is not answered before wait_release(). Should it be freed before, as nobody waits any more,
 * @on_left is called with @userdata instead.
 */
void wait_hold(BusWait *w, void (*on_left)(void *userdata), void *userdata);
void wait_release(BusWait *w);

/* All is added: it is answered as soon as nobody is awaited any more, which may be now. Takes it
 * over. Returns 1. */
int wait_begin(BusWait *w);

/* The wait of @c that the call with the serial @id began, or NULL. */
BusWait *wait_find(Connection *c, uint64_t id);
void wait_cancel(BusWait *w);

/* --- bus-logs.c --- */

/* Its connection is about to go: the file is closed when it is open at last. */
void opening_leave(BusOpening *o);

/* --- bus-operate.c --- */

typedef enum Order {
        ORDER_START,
        ORDER_STOP,
        ORDER_RESTART,
        ORDER_KILL,
        _ORDER_MAX,
} Order;

typedef struct OperateOptions {
        WaitOptions wait;
        Order order;
        bool is_single; /* of a process's own object */
} OperateOptions;

/* Order @selection about on behalf of @call, which is answered in time. */
int operate(Connection *c,
            sd_bus_message *call,
            const Selection *selection,
            const OperateOptions *options,
            sd_bus_error *error);

/* Send signal @signo to the main process of @entry. Returns 0, -ESRCH if it has none, or -errno. */
int signal_process(Entry *entry, int signo);

/*
 * What is done at once to each process that a call means. act() returns 0, which gives a result of
 * @done, -ESRCH (not running: no result unless it was named itself), -ENOENT (no file) or -errno.
 */
typedef struct ForEach {
        int (*act)(Entry *entry, void *argument);
        void *argument;
        const char *done;
} ForEach;

/* Do it and answer with all results; as a handler returns. */
int for_each_process(sd_bus_message *m,
                     Connection *c,
                     char **names,
                     const ForEach *each,
                     sd_bus_error *error);

/* "TERM", "SIGTERM", "15". Returns 0, or negative with *error set. */
int read_signal(const char *text, int *ret, sd_bus_error *error);

/* --- the objects --- */

extern const sd_bus_vtable bus_manager_vtable[];
extern const sd_bus_vtable bus_process_vtable[];

/* Put both kinds of objects on @c. Returns 0 or -errno. */
int bus_add_objects(Connection *c);
int bus_find_process_object(sd_bus *link,
                            const char *path,
                            const char *interface,
                            void *userdata,
                            void **ret_found,
                            sd_bus_error *error);
int bus_list_process_objects(sd_bus *link,
                             const char *prefix,
                             void *userdata,
                             char ***ret,
                             sd_bus_error *error);

/* Handlers of the manager's methods; their userdata is the Connection. */
int method_list_processes(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_list_states(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_list_configured(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_explain(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_plan(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_get_events(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_wait(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_start(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_roll(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_reload(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_enable(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_disable(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_scale(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_send_input(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_open_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_open_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_clear_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_rotate_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_clear_main_log(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_reopen_logs(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_reread(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_plan_update(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_update(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_add_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_remove_group(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_shutdown(sd_bus_message *m, void *userdata, sd_bus_error *error);
int method_restart_daemon(sd_bus_message *m, void *userdata, sd_bus_error *error);

/* Of a process's object; their userdata is the Entry. */
int process_method_start(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error);
int process_method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error);
