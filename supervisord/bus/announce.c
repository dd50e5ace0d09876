/*
 * Signals for all who have subscribed, a message for each of them, as a message belongs to a link.
 * The signal OperationProgress is not here: it goes to one client (wait.c).
 */
#include "bus/announce.h"

#include <errno.h>

#include "base/clock.h"
#include "bus/client/message.h"
#include "bus/methods/record.h"
#include "bus/methods/subscription.h"
#include "daemon/entry/history.h"
#include "protocol/bus-names.h"

/* Append what a signal says. */
typedef int (*append_fn)(sd_bus_message *m, const void *what);

static int send_one(Connection *c, const char *member, append_fn append, const void *what) {
        _cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
        int r;

        r = sd_bus_message_new_signal(c->link, &m, BUS_PATH, BUS_MANAGER, member);
        if (r >= 0)
                r = append(m, what);
        return r < 0 ? r : sd_bus_send(c->link, m, NULL);
}

static void send_all(Clients *clients, const char *member, append_fn append, const void *what) {
        Connection *c;
        int r;

        LIST_FOREACH(c, &clients->list, others) {
                if (!c->subscribed || c->is_over)
                        continue;
                r = send_one(c, member, append, what);
                if (r < 0)
                        connection_fail(c, "tell", r); /* it would miss one and not know */
                else
                        connection_arm(c);
        }
}

void announce_process(Clients *clients, const Entry *entry, const StateChange *change) {
        ProcessConfig *config = entry_process(entry)->config;

        send_all(clients, "ProcessChanged", append_recent,
                 recent_add(&clients->recent, change, config));
}

/* ---------------------------------------------------------------- with a number of their own */

typedef struct Stamp {
        uint64_t sequence, usec;
} Stamp;

static Stamp next_stamp(Clients *clients) {
        return (Stamp){ ++clients->supervisor->news.sequence, now_wall_usec() };
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
                                     message_text(e->config->group, &group),
                                     message_text(e->config->name, &name), e->ready);
}

void announce_ready(Clients *clients, const Entry *entry, bool ready) {
        Readying e;

        e = (Readying){ next_stamp(clients), entry_process(entry)->config, ready };
        send_all(clients, "ReadyChanged", append_readying, &e);
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
                r = append_texts(m, e->lists[i]);
        return r;
}

void announce_configuration(Clients *clients, char **added, char **changed, char **removed) {
        Configuring e;

        e = (Configuring){ next_stamp(clients), { added, changed, removed } };
        send_all(clients, "ConfigurationChanged", append_configuring, &e);
}

typedef struct Ending {
        Stamp stamp;
        const char *how;
} Ending;

static int append_ending(sd_bus_message *m, const void *what) {
        const Ending *e = what;

        return sd_bus_message_append(m, "tts", e->stamp.sequence, e->stamp.usec, e->how);
}

void announce_shutdown(Clients *clients, const char *how) {
        Ending e;

        e = (Ending){ next_stamp(clients), how };
        send_all(clients, "ShutdownBegan", append_ending, &e);
}
