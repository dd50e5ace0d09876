/* What clients that have subscribed are told, and what can be asked for afterwards. */

#include <errno.h>
#include <string.h>

#include "bus/client/connection.h"
#include "log/log.h"

#define RECENT_FIELDS "ttsssssus"

/* ---------------------------------------------------------------- telling */

static int append_strings(sd_bus_message *m, char *const *list) {
        int r;

        r = sd_bus_message_open_container(m, 'a', "s");
        for (; r >= 0 && list && *list; list++) {
                _cleanup_(freep) char *owned = NULL;

                r = sd_bus_message_append(m, "s", bus_text(*list, &owned));
        }
        return r < 0 ? r : sd_bus_message_close_container(m);
}

/* What the signal says after its number and time. */
typedef int (*append_fn)(sd_bus_message *m, const void *what);

static int send_one(Connection *c, const char *member, append_fn append, const void *what) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_signal(c->link, &m, BUS_PATH, BUS_MANAGER, member);
        if (r >= 0)
                r = append(m, what);
        return r < 0 ? r : sd_bus_send(c->link, m, NULL);
}

static void send_all(Bus *b, const char *member, append_fn append, const void *what) {
        Connection *c;
        int r;

        LIST_FOREACH(c, &b->connections, connections) {
                if (!c->subscribed || c->is_over)
                        continue;
                r = send_one(c, member, append, what);
                if (r < 0)
                        connection_fail(c, "tell", r); /* it would miss one and not know */
                else
                        connection_sent(c);
        }
}

/* ---------------------------------------------------------------- processes */

static int append_process(sd_bus_message *m, const void *what) {
        const Recent *recent = what;
        const StateChange *change = &recent->change;
        _cleanup_(freep) char *words = NULL, *owned = NULL, *group = NULL, *name = NULL;
        int r;

        r = change_describe(change, &words);
        if (r < 0)
                return r;
        return sd_bus_message_append(m, RECENT_FIELDS, change->sequence, change->usec,
                                     bus_text(recent->config->group, &group),
                                     bus_text(recent->config->name, &name),
                                     process_state_to_string(change->from),
                                     process_state_to_string(change->to),
                                     cause_to_string(change->cause), (uint32_t)change->pid,
                                     bus_text(words, &owned));
}

static const Recent *keep(Bus *b, const StateChange *change, ProcessConfig *config) {
        Recent *recent = &b->recent[(b->first_recent + b->n_recent) % RECENT_MAX];

        if (b->n_recent == RECENT_MAX)
                b->first_recent = (b->first_recent + 1) % RECENT_MAX;
        else
                b->n_recent++;
        process_config_unref(recent->config);
        *recent = (Recent){ .change = *change, .config = process_config_ref(config) };
        return recent;
}

void bus_process_changed(Bus *b, Entry *entry, const StateChange *change) {
        ProcessConfig *config = engine_get(entry->supervisor->engine, entry->index)->config;

        if (b)
                send_all(b, "ProcessChanged", append_process, keep(b, change, config));
}

int method_get_events(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
        const Bus *b = ((Connection *)userdata)->bus;
        bool complete = b->n_recent < RECENT_MAX;
        uint64_t since;
        int r;

        r = sd_bus_message_read(m, "t", &since);
        if (r >= 0)
                r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "(" RECENT_FIELDS ")");
        for (size_t i = 0; r >= 0 && i < b->n_recent; i++) {
                const Recent *recent = &b->recent[(b->first_recent + i) % RECENT_MAX];

                if (recent->change.sequence <= since) {
                        complete = true;
                        continue;
                }
                r = sd_bus_message_open_container(reply, 'r', RECENT_FIELDS);
                if (r >= 0)
                        r = append_process(reply, recent);
                if (r >= 0)
                        r = sd_bus_message_close_container(reply);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "b", complete);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* ---------------------------------------------------------------- the rest */

typedef struct Stamp {
        uint64_t sequence, usec;
} Stamp;

static Stamp next_stamp(Bus *b) {
        return (Stamp){ ++b->supervisor->sequence, wall_clock_now().real_usec };
}

typedef struct Readying {
        Stamp stamp;
        const ProcessConfig *config;
        bool ready;
} Readying;

static int append_readying(sd_bus_message *m, const void *what) {
        const Readying *e = what;
        _cleanup_(freep) char *group = NULL, *name = NULL;

        return sd_bus_message_append(m, "ttssb", e->stamp.sequence, e->stamp.usec,
                                     bus_text(e->config->group, &group),
                                     bus_text(e->config->name, &name), e->ready);
}

void bus_ready_changed(Bus *b, Entry *entry, bool ready) {
        Readying e;

        if (!b)
                return;
        e = (Readying){ next_stamp(b), engine_get(entry->supervisor->engine, entry->index)->config,
                        ready };
        send_all(b, "ReadyChanged", append_readying, &e);
}

typedef struct Configuring {
        Stamp stamp;
        char **lists[3];
} Configuring;

static int append_configuring(sd_bus_message *m, const void *what) {
        const Configuring *e = what;
        int r;

        r = sd_bus_message_append(m, "tt", e->stamp.sequence, e->stamp.usec);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(e->lists); i++)
                r = append_strings(m, e->lists[i]);
        return r;
}

void bus_configuration_changed(Bus *b, char **added, char **changed, char **removed) {
        Configuring e;

        if (!b)
                return;
        e = (Configuring){ next_stamp(b), { added, changed, removed } };
        send_all(b, "ConfigurationChanged", append_configuring, &e);
}

typedef struct Ending {
        Stamp stamp;
        const char *how;
} Ending;

static int append_ending(sd_bus_message *m, const void *what) {
        const Ending *e = what;

        return sd_bus_message_append(m, "tts", e->stamp.sequence, e->stamp.usec, e->how);
}

void bus_shutdown_began(Bus *b, const char *how) {
        Ending e;

        if (!b)
                return;
        e = (Ending){ next_stamp(b), how };
        send_all(b, "ShutdownBegan", append_ending, &e);
}

int method_subscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        Connection *c = userdata;

        c->subscribed = true;
        return sd_bus_reply_method_return(m, "t", c->bus->supervisor->sequence);
}

int method_unsubscribe(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        ((Connection *)userdata)->subscribed = false;
        return sd_bus_reply_method_return(m, "");
}
