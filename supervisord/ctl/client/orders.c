/*
 * Orders. Those for processes last as long as the processes need, and can be cancelled: they are
 * called asynchronously, and poll(2) waits for the answer, the wish to cancel, and the next tick.
 */
#include "ctl/client/orders.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/client/answer-reader.h"
#include "ctl/client/call.h"

#define TICK_USEC USEC_PER_SEC

typedef struct Pending {
        sd_bus_message *reply; /* NULL: none yet */
} Pending;

static void pending_done(Pending *p) {
        p->reply = sd_bus_message_unref(p->reply);
}

static int on_reply(sd_bus_message *m, void *userdata, sd_bus_error *reterr) {
        Pending *p = userdata;

        p->reply = sd_bus_message_ref(m);
        return 1;
}

static int append_options(sd_bus_message *m, const ProcessOrder *o) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "{sv}");
        if (r >= 0 && o->no_wait)
                r = sd_bus_message_append(m, "{sv}", "wait", "b", 0);
        if (r >= 0 && o->ready)
                r = sd_bus_message_append(m, "{sv}", "ready", "b", 1);
        if (r >= 0 && o->parallel > 0)
                r = sd_bus_message_append(m, "{sv}", "parallel", "u", o->parallel);
        if (r >= 0 && o->timeout_usec > 0)
                r = sd_bus_message_append(m, "{sv}", "timeout", "t", o->timeout_usec);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* Signal has its word before the names, Wait behind them. */
static int append_arguments(sd_bus_message *m, const ProcessOrder *o) {
        bool word_first = o->word && o->quick;
        int r = 0;

        if (word_first)
                r = sd_bus_message_append(m, "s", o->word);
        if (r >= 0)
                r = sd_bus_message_append_strv(m, o->names);
        if (r >= 0 && o->word && !word_first)
                r = sd_bus_message_append(m, "s", o->word);
        return r < 0 || o->quick ? r : append_options(m, o);
}

/* Wait for the connection, the wish to cancel, or the time of the next tick. Returns 0, -ECANCELED,
 * or another -errno. */
static int wait_for_news(Client *c, const ProcessOrder *o, uint64_t next_tick) {
        struct pollfd fds[] = {
                { .fd = sd_bus_get_fd(c->bus) },
                { .fd = o->cancel_fd, .events = POLLIN },
        };
        uint64_t now = now_usec();
        int timeout = -1, events = sd_bus_get_events(c->bus);

        if (events < 0)
                return events;
        fds[0].events = (short)events;
        if (o->tick)
                timeout = next_tick > now ? (int)((next_tick - now) / USEC_PER_MSEC) + 1 : 0;
        if (poll(fds, ELEMENTSOF(fds), timeout) < 0)
                return errno == EINTR ? 0 : -errno;
        return fds[1].revents ? -ECANCELED : 0;
}

static int await_reply(Client *c, const ProcessOrder *o, const Pending *p) {
        uint64_t next_tick = now_usec() + TICK_USEC;

        while (!p->reply) {
                int r;

                r = sd_bus_process(c->bus, NULL);
                if (r == 0)
                        r = wait_for_news(c, o, next_tick);
                if (r < 0)
                        return r;
                if (!p->reply && o->tick && now_usec() >= next_tick) {
                        o->tick(o->userdata);
                        next_tick = now_usec() + TICK_USEC;
                }
        }
        return 0;
}

/* Tell the daemon that nobody waits for @call any more. It does not matter if that gets lost. */
static void cancel(Client *c, sd_bus_message *call) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        uint64_t cookie = 0;

        if (sd_bus_message_get_cookie(call, &cookie) >= 0 && call_new(c, "Cancel", &m) >= 0 &&
            sd_bus_message_append(m, "t", cookie) >= 0)
                (void)sd_bus_send(c->bus, m, NULL);
}

static int read_answer(Client *c, sd_bus_message *reply, Outcomes *ret) {
        _cleanup_(outcomes_done) Outcomes results = { 0 };
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        int r;

        if (error)
                return call_bus_fault(c, error, -sd_bus_message_get_errno(reply));
        r = read_outcomes(reply, &results);
        if (r < 0)
                return call_bus_fault(c, NULL, r);
        *ret = TAKE_STRUCT(results);
        return 0;
}

int client_order(Client *c, const ProcessOrder *o, Outcomes *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        _cleanup_(sd_bus_slot_unrefp) sd_bus_slot *slot = NULL;
        _cleanup_(pending_done) Pending pending = { 0 };
        int r;

        r = call_new(c, o->method, &m);
        if (r < 0)
                return r;
        r = append_arguments(m, o);
        if (r >= 0)
                r = sd_bus_call_async(c->bus, &slot, m, on_reply, &pending, UINT64_MAX);
        if (r >= 0)
                r = await_reply(c, o, &pending);
        if (r == -ECANCELED) {
                cancel(c, m);
                return call_set_fault(c, FAULT_CANCELLED, "interrupted", r);
        }
        if (r < 0)
                return call_bus_fault(c, NULL, r);
        return read_answer(c, pending.reply, ret);
}

int client_call(Client *c, const char *method, const char *word) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = call_new(c, method, &m);
        if (r >= 0 && word)
                r = call_check(c, sd_bus_message_append(m, "s", word));
        return r < 0 ? r : call_send(c, m, &reply);
}

int client_scale(Client *c, const char *program, unsigned n, Outcomes *ret) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = call_new(c, "Scale", &m);
        if (r < 0)
                return r;
        r = sd_bus_message_append(m, "su", program, (uint32_t)n);
        if (r < 0)
                return call_bus_fault(c, NULL, r);
        r = call_send(c, m, &reply);
        return r < 0 ? r : read_answer(c, reply, ret);
}

int client_reread(Client *c, char **ret[static 3]) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        for (size_t i = 0; i < 3; i++)
                ret[i] = NULL;
        r = call_new(c, "Reread", &m);
        if (r >= 0)
                r = call_send(c, m, &reply);
        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && i < 3; i++)
                r = sd_bus_message_read_strv(reply, &ret[i]);
        return call_check(c, r);
}

int client_send_input(Client *c, const char *name, const void *data, size_t n) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL, *reply = NULL;
        int r;

        r = call_new(c, "SendInput", &m);
        if (r >= 0)
                r = call_check(c, sd_bus_message_append(m, "s", name));
        if (r >= 0)
                r = call_check(c, sd_bus_message_append_array(m, 'y', data, n));
        return r < 0 ? r : call_send(c, m, &reply);
}
