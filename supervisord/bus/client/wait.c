/*
 * Calls under way. The reply is written as results come in, and sent when the operation is done;
 * a call for a single process has no reply to write, only whether it failed.
 */
#include "bus/client/wait.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "bus/client/message.h"
#include "protocol/bus-names.h"

struct BusWait {
        PendingCall pending;   /* must be first */
        sd_bus_message *reply; /* its results so far; NULL for a single process */
        Operation *operation;
        sd_event_source *timer;
        WaitOptions options;
        const char *done;
        bool is_single;
        bool is_muted;
        bool began;                      /* all is added */
        void (*on_left)(void *userdata); /* held: when it is freed before wait_release() */
        void *userdata;
        int broken;       /* -errno: a result could not be kept */
        char *error_name; /* of a single process's failure, or NULL */
        char *error_message;
};

BusWait *wait_free(BusWait *w) {
        if (!w)
                return NULL;
        w->pending.connection->clients->n_waits--;
        if (w->on_left)
                w->on_left(w->userdata);
        operation_free(w->operation);
        sd_event_source_disable_unref(w->timer);
        sd_bus_message_unref(w->reply);
        pending_end(&w->pending);
        free(w->error_name);
        free(w->error_message);
        free(w);
        return NULL;
}

/* ---------------------------------------------------------------- results */

static uint64_t id_of(const BusWait *w) {
        uint64_t cookie = 0;

        (void)sd_bus_message_get_cookie(w->pending.call, &cookie);
        return cookie;
}

static void tell_progress(BusWait *w, const OperationResult *result) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *signal = NULL;
        Connection *c = w->pending.connection;
        int r;

        r = sd_bus_message_new_signal(c->link, &signal, BUS_PATH, BUS_MANAGER, "OperationProgress");
        if (r >= 0)
                r = sd_bus_message_append(signal, "t", id_of(w));
        if (r >= 0)
                r = append_result(signal, result);
        if (r >= 0)
                r = sd_bus_send(c->link, signal, NULL);
        if (r < 0)
                connection_fail(c, "tell", r); /* what it asked to be told */
        else
                connection_arm(c);
}

static void keep_failure(BusWait *w, const OperationResult *result) {
        if (w->error_name || !*result->error)
                return;
        w->error_name = strdup(result->error);
        w->error_message = strdup(result->message);
        if (!w->error_name || !w->error_message)
                w->broken = -ENOMEM;
}

void wait_add_result(BusWait *w, const OperationResult *result) {
        int r;

        if (w->pending.connection->is_over)
                return;
        if (w->is_single) {
                keep_failure(w, result);
                return;
        }
        r = append_result(w->reply, result);
        if (r < 0)
                w->broken = r;
        if (w->options.progress)
                tell_progress(w, result);
}

void wait_add_all_unknown(BusWait *w, const Selection *selection) {
        for (size_t i = 0; i < selection->n_unknown; i++) {
                OperationResult result = result_of_unknown(&selection->unknown[i]);

                wait_add_result(w, &result);
        }
}

Connection *wait_get_connection(const BusWait *w) {
        return w->pending.connection;
}

bool wait_is_single(const BusWait *w) {
        return w->is_single;
}

const char *wait_get_done(const BusWait *w) {
        return w->done;
}

static void on_result(const OperationResult *result, void *userdata) {
        BusWait *w = userdata;

        if (!w->is_muted)
                wait_add_result(w, result);
}

static int send_single(BusWait *w) {
        if (w->error_name) {
                char name[64];

                (void)snprintf(name, sizeof(name), BUS_ERROR_PREFIX "%s", w->error_name);
                return sd_bus_reply_method_errorf(w->pending.call, name, "%s", w->error_message);
        }
        return sd_bus_reply_method_return(w->pending.call, "");
}

static int send_results(BusWait *w) {
        int r = sd_bus_message_close_container(w->reply);

        return r < 0 ? r : sd_bus_send(w->pending.connection->link, w->reply, NULL);
}

/* Answer the call and forget it. */
static void answer_wait(BusWait *w) {
        Connection *c = w->pending.connection;
        int r = w->broken;

        if (!c->is_over) {
                if (r < 0)
                        r = sd_bus_reply_method_errnof(w->pending.call, r, "%s", strerror(-r));
                else
                        r = w->is_single ? send_single(w) : send_results(w);
                if (r < 0)
                        connection_fail(c, "answer", r);
                else
                        connection_arm(c);
        }
        wait_free(w);
}

static bool is_answerable(const BusWait *w) {
        return w->began && !w->on_left && operation_get_pending(w->operation) == 0;
}

static void on_done(void *userdata) {
        BusWait *w = userdata;

        if (is_answerable(w))
                answer_wait(w);
}

void wait_hold(BusWait *w, void (*on_left)(void *userdata), void *userdata) {
        w->on_left = on_left;
        w->userdata = userdata;
}

void wait_release(BusWait *w) {
        w->on_left = NULL;
        on_done(w);
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *userdata) {
        BusWait *w = userdata;

        operation_give_up(w->operation, BUS_ERROR_TIMEOUT, "it has not got there in time");
        answer_wait(w);
        return 0;
}

/* ---------------------------------------------------------------- one call */

static void on_connection_left(PendingCall *p) {
        wait_free((BusWait *)p);
}

static int prepare(BusWait *w, const WaitRequest *request) {
        OperationRules rules = request->rules;
        int r;

        rules.on_result = on_result;
        rules.on_done = on_done;
        rules.userdata = w;
        r = operation_new(&rules, &w->operation);
        if (r < 0 || w->is_single)
                return r;
        r = sd_bus_message_new_method_return(w->pending.call, &w->reply);
        return r < 0 ? r : sd_bus_message_open_container(w->reply, 'a', BUS_RESULT);
}

int wait_new(Connection *c,
             sd_bus_message *call,
             const WaitRequest *request,
             BusWait **ret,
             sd_bus_error *error) {
        _cleanup_(wait_freep) BusWait *w = NULL;
        int r;

        r = pending_check(&c->waits, error);
        if (r < 0)
                return r;
        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->pending.on_left = on_connection_left;
        pending_begin(&w->pending, c, &c->waits, call);
        c->clients->n_waits++;
        w->options = request->options;
        w->done = request->rules.done;
        w->is_single = request->is_single;
        w->is_muted = request->is_muted;
        r = prepare(w, request);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(w);
        return 0;
}

int wait_add(BusWait *w, size_t index, bool is_down) {
        Clients *clients = w->pending.connection->clients;
        struct WaiterList *list;
        int r;

        r = waiter_table_make(&clients->waiters, index, &list);
        if (r < 0)
                return r;
        return operation_add(w->operation, list, engine_get(clients->supervisor->engine, index),
                             is_down);
}

static int arm_timeout(BusWait *w) {
        uint64_t now = now_usec();

        if (w->options.timeout_usec > USEC_INFINITY - now)
                return 0;
        return sd_event_add_time(w->pending.connection->supervisor->event, &w->timer,
                                 CLOCK_MONOTONIC, now + w->options.timeout_usec, USEC_PER_MSEC,
                                 on_timeout, w);
}

int wait_begin(BusWait *w) {
        int r;

        w->began = true;
        if (is_answerable(w)) {
                answer_wait(w);
                return 1;
        }
        r = arm_timeout(w);
        if (r < 0) {
                w->broken = r;
                answer_wait(w);
        }
        return 1;
}

BusWait *wait_find(Connection *c, uint64_t id) {
        PendingCall *p;

        LIST_FOREACH(p, &c->waits.list, others)
        if (id_of((BusWait *)p) == id)
                return (BusWait *)p;
        return NULL;
}

void wait_cancel(BusWait *w) {
        Connection *c = w->pending.connection;
        int r;

        r = sd_bus_reply_method_errorf(w->pending.call, BUS_ERROR(BUS_ERROR_CANCELLED),
                                       "nobody waits for this any more");
        if (r < 0)
                connection_fail(c, "answer", r);
        wait_free(w);
}

/* ---------------------------------------------------------------- what happens meanwhile */

void wait_process_changed(Clients *clients, size_t index, ProcessState state) {
        const Supervisor *s = clients->supervisor;
        struct WaiterList *list = waiter_table_get(&clients->waiters, index);

        if (list)
                waiters_notify(list, engine_get(s->engine, index), state,
                               s->entries[index]->start_failure);
}

void wait_process_removed(Clients *clients, size_t index) {
        struct WaiterList *list = waiter_table_get(&clients->waiters, index);

        if (list)
                waiters_drop(list, engine_get(clients->supervisor->engine, index));
        waiter_table_remove(&clients->waiters, index);
}

void wait_prospects_changed(Clients *clients) {
        const Engine *e = clients->supervisor->engine;

        for (size_t i = 0; clients->n_waits > 0 && i < clients->waiters.n; i++)
                if (waiter_table_get(&clients->waiters, i))
                        wait_process_changed(clients, i, phase_to_state(engine_get(e, i)->phase));
}
