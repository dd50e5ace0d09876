/* Processes: start, stop, restart, kill, signal, wait, enable, disable, send input. */

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>

#include "base/parse.h"
#include "base/strv.h"
#include "bus/client/connection.h"
#include "daemon/remembered.h"
#include "log/log.h"

/* ---------------------------------------------------------------- orders */

/* What is to become of one process that an order is for. */
typedef enum Step {
        STEP_LEAVE, /* it is as it should be, and nobody named it */
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
        if (ready && !p->ready)
                return STEP_AWAIT;
        return named ? STEP_REFUSE : STEP_LEAVE;
}

static Step step_of(Order order, const Process *p, bool named, bool ready) {
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
        Result result = { p->config->group, p->config->name, "", error, "" };

        wait_add_result(w, &result);
}

static void do_order(Entry *entry, Order order, const Origin *origin) {
        Engine *e = entry->supervisor->engine;
        uint64_t now = supervisor_now();

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

/* It has exited, and answers so; but it is not started again. */
static void call_off(Entry *entry) {
        Supervisor *s = entry->supervisor;

        engine_stop(s->engine, entry->index, supervisor_now());
        entry_settle_sockets(entry);
        supervisor_status_changed(s);
}

static WaitRequest request_of(Order order, const WaitOptions *options, bool is_single) {
        static const char *const done[_ORDER_MAX] = { "started", "stopped", "started", "killed" };
        Target up = options->ready ? TARGET_READY : TARGET_UP;

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

/* Order one process about, or say why not. */
static int
order_one(BusWait *w, Entry *entry, bool named, Order order, const WaitOptions *options) {
        Connection *c = wait_get_connection(w);
        const Process *p = engine_get(entry->supervisor->engine, entry->index);
        Origin origin = { CAUSE_COMMAND, c->peer.uid, c->peer.pid };
        Step step = step_of(order, p, named, options->ready);
        bool down = is_down(p);
        Result result = { p->config->group, p->config->name, wait_get_done(w), "", "" };
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

int operate(Connection *c,
            sd_bus_message *call,
            const Selection *selection,
            const OperateOptions *options,
            sd_bus_error *error) {
        WaitRequest request = request_of(options->order, &options->wait, options->is_single);
        Supervisor *s = c->bus->supervisor;
        BusWait *w = NULL;
        int r;

        r = wait_new(c, call, &request, &w, error);
        if (r < 0)
                return r;
        for (size_t i = 0; i < selection->n_unknown; i++)
                wait_add_unknown(w, &selection->unknown[i]);

        engine_hold(s->engine);
        for (size_t i = 0; r >= 0 && i < selection->n; i++)
                r = order_one(w, s->entries[selection->items[i].index], selection->items[i].named,
                              options->order, &options->wait);
        engine_release(s->engine, supervisor_now());
        if (r < 0) {
                wait_free(w);
                return r;
        }
        supervisor_recheck_waiters(s);
        return wait_begin(w);
}

static int method_operate(sd_bus_message *m, Connection *c, Order order, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        const Supervisor *s = c->bus->supervisor;
        OperateOptions options = { .order = order };
        int r = 0;

        /* Who cannot wait for a shutdown may kill. */
        if (order != ORDER_KILL)
                r = check_not_shutting_down(s, error);
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
        return method_operate(m, userdata, ORDER_START, error);
}

int method_stop(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return method_operate(m, userdata, ORDER_STOP, error);
}

int method_restart(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return method_operate(m, userdata, ORDER_RESTART, error);
}

int method_kill(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        return method_operate(m, userdata, ORDER_KILL, error);
}

/* ---------------------------------------------------------------- waiting only */

static int read_target(const char *text, OperationRules *ret, sd_bus_error *error) {
        static const struct {
                const char *name;
                Target target;
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

static int wait_for_all(BusWait *w, Supervisor *s, const Selection *selection) {
        int r = 0;

        for (size_t i = 0; i < selection->n_unknown; i++)
                wait_add_unknown(w, &selection->unknown[i]);
        for (size_t i = 0; r >= 0 && i < selection->n; i++)
                r = wait_add(w, selection->items[i].index, /* is_down= */ false);
        if (r < 0) {
                wait_free(w);
                return r;
        }
        supervisor_recheck_waiters(s);
        return wait_begin(w);
}

int method_wait(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(strv_freep) char **names = NULL;
        WaitRequest request = { 0 };
        Connection *c = userdata;
        Supervisor *s = c->bus->supervisor;
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
        return r < 0 ? r : wait_for_all(w, s, &selection);
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

/* ---------------------------------------------------------------- at once */

static Result judge(const ForEach *each, const ProcessConfig *config, int r) {
        Result result = { config->group, config->name, "", "", "" };

        if (r >= 0)
                result.done = each->done;
        else if (r == -ESRCH)
                result.error = BUS_ERROR_NOT_RUNNING;
        else if (r == -ENOENT)
                result.error = BUS_ERROR_NO_FILE;
        else {
                result.error = BUS_ERROR_FAILED;
                result.message = r == -ENOTSUP ? "it has no reload_command and no reload_signal"
                                               : strerror(-r);
        }
        return result;
}

static int
append_all(sd_bus_message *reply, Supervisor *s, const Selection *selection, const ForEach *each) {
        int r;

        r = sd_bus_message_open_container(reply, 'a', BUS_RESULT);
        for (size_t i = 0; r >= 0 && i < selection->n_unknown; i++)
                r = append_unknown(reply, &selection->unknown[i]);
        for (size_t i = 0; r >= 0 && i < selection->n; i++) {
                const Selected *item = &selection->items[i];
                int k = each->act(s->entries[item->index], each->argument);
                Result result = judge(each, engine_get(s->engine, item->index)->config, k);

                if (k != -ESRCH || item->named)
                        r = append_result(reply, &result);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int for_each_process(sd_bus_message *m,
                     Connection *c,
                     char **names,
                     const ForEach *each,
                     sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        _cleanup_(selection_done) Selection selection = { 0 };
        Supervisor *s = c->bus->supervisor;
        int r;

        r = select_processes(s->engine, names, /* leaving= */ true, &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_all(reply, s, &selection, each);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

int signal_process(Entry *entry, int signo) {
        if (child_get_pid(entry->child) <= 0)
                return -ESRCH;
        return child_signal(entry->child, CHILD_LEADER, signo);
}

static int act_signal(Entry *entry, void *argument) {
        return signal_process(entry, *(int *)argument);
}

int read_signal(const char *text, int *ret, sd_bus_error *error) {
        if (parse_signal(text, ret) < 0 || *ret <= 0)
                return call_fail(error, BUS_ERROR_BAD_SIGNAL, "there is no signal %s", text);
        return 0;
}

int method_signal(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(strv_freep) char **names = NULL;
        int signo = 0, r;
        ForEach each = { .act = act_signal, .argument = &signo, .done = "signalled" };
        const char *text;

        r = sd_bus_message_read(m, "s", &text);
        if (r >= 0)
                r = read_signal(text, &signo, error);
        if (r >= 0)
                r = read_names(m, &names, error);
        return r < 0 ? r : for_each_process(m, userdata, names, &each, error);
}

/* ---------------------------------------------------------------- enable, disable */

static int set_disabled(Entry *entry, bool disabled) {
        Supervisor *s = entry->supervisor;
        const Process *p = engine_get(s->engine, entry->index);
        int r;

        r = remembered_set(s->remembered, p->config->group, p->config->name, disabled);
        if (r < 0)
                return r;
        engine_set_disabled(s->engine, entry->index, disabled);
        return 0;
}

static int act_enable(Entry *entry, void *argument) {
        return set_disabled(entry, /* disabled= */ false);
}

static int act_disable(Entry *entry, void *argument) {
        return set_disabled(entry, /* disabled= */ true);
}

static void on_saved(int result) {
        if (result < 0)
                log_warn("what is disabled cannot be remembered, it holds until supervisord ends: "
                         "%s",
                         strerror(-result));
}

static int enable(sd_bus_message *m, Connection *c, const ForEach *each, sd_bus_error *error) {
        const Supervisor *s = c->bus->supervisor;
        _cleanup_(strv_freep) char **names = NULL;
        int r;

        r = read_names(m, &names, error);
        if (r >= 0)
                r = for_each_process(m, c, names, each, error);
        if (r < 0)
                return r;
        remembered_save(s->remembered, s->options->writers, on_saved);
        return 1;
}

int method_enable(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ForEach each = { .act = act_enable, .done = "enabled" };

        return enable(m, userdata, &each, error);
}

int method_disable(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ForEach each = { .act = act_disable, .done = "disabled" };

        return enable(m, userdata, &each, error);
}

/* ---------------------------------------------------------------- input */

int method_send_input(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const Connection *c = userdata;
        const Supervisor *s = c->bus->supervisor;
        const char *name;
        const void *data;
        size_t size, index;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r >= 0)
                r = sd_bus_message_read_array(m, 'y', &data, &size);
        if (r >= 0)
                r = find_process(s, name, &index, error);
        if (r < 0)
                return r;
        if (child_get_pid(s->entries[index]->child) <= 0)
                return call_fail(error, BUS_ERROR_NOT_RUNNING, "%s is not running", name);
        r = output_send_input(child_get_output(s->entries[index]->child), data, size);
        if (r == -ENOENT || r == -EPIPE)
                return call_fail(error, BUS_ERROR_NO_FILE, "%s reads no input from us", name);
        if (r == -EAGAIN)
                return call_fail(error, BUS_ERROR_FAILED, "%s has not read what it was sent before",
                                 name);
        if (r < 0)
                return call_fail_errno(error, r);
        return sd_bus_reply_method_return(m, "");
}
