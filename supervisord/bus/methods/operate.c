/*
 * Start, stop, restart and kill: each is an order for a process, which is refused, left out, or
 * given to the engine, and then awaited. The engine decides what happens when.
 */
#include "bus/methods/operate.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/strv.h"
#include "bus/client/call-arguments.h"
#include "bus/client/connection.h"
#include "bus/client/select.h"
#include "bus/client/wait.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/history.h"
#include "daemon/entry/status-notice.h"
#include "protocol/bus-names.h"

/* ---------------------------------------------------------------- orders */

typedef enum OrderKind {
        ORDER_START,
        ORDER_STOP,
        ORDER_RESTART,
        ORDER_KILL,
        _ORDER_MAX,
} OrderKind;

typedef struct OrderOptions {
        WaitOptions wait;
        OrderKind order;
        bool is_single; /* of a process's own object */
} OrderOptions;

/* What is to become of one process that an order is for. */
typedef enum Step {
        STEP_LEAVE, /* it is as it should be, and was not named itself */
        STEP_REFUSE,
        STEP_AWAIT, /* it is on its way already */
        STEP_ORDER,
} Step;

static bool is_down(const Process *p) {
        return !phase_has_child(p->phase) && p->phase != PHASE_BACKOFF && !p->start_due;
}

static Step step_of_start(const Process *p, bool named, bool ready) {
        ProcessState state = phase_to_state(p->phase);
        bool is_up = state == STATE_STARTING || state == STATE_RUNNING || state == STATE_BACKOFF;

        if (!is_up || p->stop_due || p->start_due)
                return STEP_ORDER;
        if (ready && !p->run.ready)
                return STEP_AWAIT;
        return named ? STEP_REFUSE : STEP_LEAVE;
}

static Step step_of(OrderKind order, const Process *p, bool named, bool ready) {
        switch (order) {
        case ORDER_START:
                return step_of_start(p, named, ready);
        case ORDER_STOP:
        case ORDER_KILL:
                if (is_down(p))
                        return named ? STEP_REFUSE : STEP_LEAVE;
                return STEP_ORDER;
        case ORDER_RESTART:
        case _ORDER_MAX:
                break;
        }
        return STEP_ORDER;
}

static void refuse(BusWait *w, const Process *p, const char *error) {
        OperationResult result = { p->config->group, p->config->name, "", error, "" };

        wait_add_result(w, &result);
}

static void do_order(Entry *entry, OrderKind order, const Origin *origin) {
        Engine *e = entry->supervisor->engine;
        uint64_t now = now_usec();

        entry->origin = *origin;
        switch (order) {
        case ORDER_START:
                engine_start(e, entry->index, now);
                return;
        case ORDER_STOP:
                engine_stop(e, entry->index, now);
                return;
        case ORDER_RESTART:
                engine_restart(e, entry->index, now);
                return;
        case ORDER_KILL:
                engine_kill(e, entry->index, now);
                return;
        case _ORDER_MAX:
                return;
        }
}

/* It has exited, and is answered as one that does not run; but it is not started again. */
static void call_off(Entry *entry) {
        Supervisor *s = entry->supervisor;

        engine_stop(s->engine, entry->index, now_usec());
        entry_settle_sockets(entry);
        supervisor_status_changed(s);
}

static WaitRequest request_of(OrderKind order, const WaitOptions *options, bool is_single) {
        static const char *const done[_ORDER_MAX] = { "started", "stopped", "started", "killed" };
        WaitTarget up = options->ready ? TARGET_READY : TARGET_UP;

        return (WaitRequest){
                .rules = {
                        .target = order == ORDER_START ? up : TARGET_DOWN,
                        .done = done[order],
                        .then_up = order == ORDER_RESTART,
                        .then = up,
                },
                .options = *options,
                .is_single = is_single,
        };
}

/* Give one process its order and wait for what becomes of it, or add a result that says why not. */
static int
order_one(BusWait *w, Entry *entry, bool named, OrderKind order, const WaitOptions *options) {
        Connection *c = wait_get_connection(w);
        const Process *p = engine_get(entry->supervisor->engine, entry->index);
        Origin origin = { CAUSE_COMMAND, c->peer.uid, c->peer.pid };
        Step step = step_of(order, p, named, options->ready);
        bool down = is_down(p);
        OperationResult result = { p->config->group, p->config->name, wait_get_done(w), "", "" };
        int r = 0;

        if (p->phase == PHASE_PAUSING && (order == ORDER_STOP || order == ORDER_KILL))
                call_off(entry);
        if (step == STEP_LEAVE)
                return 0;
        if (step == STEP_REFUSE) {
                refuse(w, p,
                       order == ORDER_START ? BUS_ERROR_ALREADY_STARTED : BUS_ERROR_NOT_RUNNING);
                return 0;
        }
        if (order == ORDER_RESTART && down && named && !wait_is_single(w))
                refuse(w, p, BUS_ERROR_NOT_RUNNING);
        if (options->wait)
                r = wait_add(w, entry->index, down);
        else
                wait_add_result(w, &result);
        if (r >= 0 && step == STEP_ORDER)
                do_order(entry, order, &origin);
        return r;
}

/* Give the order to all of @selection; @call is answered when they have got there. */
static int operate(Connection *c,
                   sd_bus_message *call,
                   const Selection *selection,
                   const OrderOptions *options,
                   sd_bus_error *error) {
        WaitRequest request = request_of(options->order, &options->wait, options->is_single);
        Supervisor *s = c->supervisor;
        BusWait *w = NULL;
        int r;

        r = wait_new(c, call, &request, &w, error);
        if (r < 0)
                return r;
        wait_add_all_unknown(w, selection);

        engine_hold(s->engine);
        for (size_t i = 0; r >= 0 && i < selection->n; i++)
                r = order_one(w, s->entries[selection->items[i].index], selection->items[i].named,
                              options->order, &options->wait);
        engine_release(s->engine, now_usec());
        if (r < 0) {
                wait_free(w);
                return r;
        }
        wait_prospects_changed(c->clients);
        return wait_begin(w);
}

static int operate_named(sd_bus_message *m, Connection *c, OrderKind order, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        const Supervisor *s = c->supervisor;
        OrderOptions options = { .order = order };
        int r = 0;

        /* A client that cannot wait for a shutdown may still kill. */
        if (order != ORDER_KILL)
                r = check_not_shutting_down(s->engine, error);
        if (r >= 0)
                r = read_names(m, &names, error);
        if (r >= 0)
                r = read_options(m, &options.wait, error);
        if (r < 0)
                return r;
        r = select_processes(s->engine, names,
                             /* leaving= */ order == ORDER_STOP || order == ORDER_KILL, &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        return operate(c, m, &selection, &options, error);
}

int method_start(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_named(m, userdata, ORDER_START, error);
}

int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_named(m, userdata, ORDER_STOP, error);
}

int method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_named(m, userdata, ORDER_RESTART, error);
}

int method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_named(m, userdata, ORDER_KILL, error);
}

/* ---------------------------------------------------------------- one process */

static int
operate_one(sd_bus_message *m, const ProcessObject *object, OrderKind order, sd_bus_error *error) {
        const Entry *entry = object->entry;
        Selected item = { .index = entry->index, .named = true };
        Selection selection = { .items = &item, .n = 1 };
        OrderOptions options = { .order = order, .is_single = true };
        int r = 0;

        if (order != ORDER_KILL)
                r = check_not_shutting_down(entry->supervisor->engine, error);
        if (r >= 0)
                r = read_options(m, &options.wait, error);
        return r < 0 ? r : operate(object->connection, m, &selection, &options, error);
}

int process_method_start(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_START, error);
}

int process_method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_STOP, error);
}

int process_method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_RESTART, error);
}

int process_method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return operate_one(m, userdata, ORDER_KILL, error);
}

/* ---------------------------------------------------------------- waiting only */

static int read_target(const char *text, OperationRules *ret, sd_bus_error *error) {
        static const struct {
                const char *name;
                WaitTarget target;
        } targets[] = {
                { "running", TARGET_UP },
                { "ready", TARGET_READY },
                { "stopped", TARGET_DOWN },
        };

        for (size_t i = 0; i < ELEMENTSOF(targets); i++)
                if (strcmp(targets[i].name, text) == 0) {
                        *ret = (OperationRules){
                                .target = targets[i].target,
                                .done = targets[i].name,
                                .patient = true,
                        };
                        return 0;
                }
        return call_fail(error, BUS_ERROR_BAD_ARGUMENT,
                         "cannot wait for %s, only for running, ready or stopped", text);
}

static int wait_for_all(BusWait *w, const Selection *selection) {
        int r = 0;

        wait_add_all_unknown(w, selection);
        for (size_t i = 0; r >= 0 && i < selection->n; i++)
                r = wait_add(w, selection->items[i].index, /* is_down= */ false);
        if (r < 0) {
                wait_free(w);
                return r;
        }
        wait_prospects_changed(wait_get_connection(w)->clients);
        return wait_begin(w);
}

int method_wait(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        WaitRequest request = { 0 };
        Connection *c = userdata;
        Supervisor *s = c->supervisor;
        BusWait *w = NULL;
        const char *target;
        int r;

        r = read_names(m, &names, error);
        if (r >= 0)
                r = sd_bus_message_read(m, "s", &target);
        if (r >= 0)
                r = read_target(target, &request.rules, error);
        if (r >= 0)
                r = read_options(m, &request.options, error);
        if (r < 0)
                return r;
        r = select_processes(s->engine, names, /* leaving= */ true, &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        r = wait_new(c, m, &request, &w, error);
        return r < 0 ? r : wait_for_all(w, &selection);
}

int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        uint64_t id;
        BusWait *w;
        int r;

        r = sd_bus_message_read(m, "t", &id);
        if (r < 0)
                return r;
        w = wait_find(userdata, id);
        if (!w)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT,
                                 "no operation of this connection has this number");
        wait_cancel(w);
        return sd_bus_reply_method_return(m, "");
}
