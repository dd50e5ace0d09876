/*
 * What processes say about themselves by sd_notify(3), and what follows from it. ERRNO, BUSERROR
 * and EXIT_STATUS change nothing: how a process ends is told by its end. Descriptors for a store
 * are not kept: there is nobody who would give them back.
 */
#include "daemon/entry/child-notify.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "daemon/entry/entry-change.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/main-process.h"
#include "daemon/entry/status-notice.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/wording.h"
#include "log/log.h"
#include "manager/notify-socket.h"

/* A program that notifies without end must not starve the loop: so many turns in so much time. */
#define NOTIFY_TURNS 50
#define NOTIFY_TURNS_USEC (100 * USEC_PER_MSEC)

/* Of one run. */
struct ChildNotify {
        NotifySocket *socket;
        sd_event_source *io;
        char *status; /* what it said last about itself, or NULL */
};

/* ---------------------------------------------------------------- what it says */

static void take_status(Entry *entry, const char *text) {
        char *status;

        log_debug("%s says: %s", entry_get_name(entry), text);
        if (strcmp(text, entry->notify->status ?: "") == 0)
                return;
        status = strdup(text);
        if (!status)
                return; /* the old one stays */
        free(entry->notify->status);
        entry->notify->status = status;
        supervisor_status_changed(entry->supervisor);
}

/* Where another readiness is configured this only ends a reload. */
static void take_ready(const Entry *entry) {
        const Process *p = entry_get_process(entry);

        if (p->run.reloading)
                log_info("%s has reloaded its configuration", entry_get_name(entry));
        else if (p->config->settings->readiness.kind != READINESS_NOTIFY)
                return;
        else if (!p->run.ready && !p->run.leaving && !phase_is_ending(p->phase))
                log_info("%s is ready", entry_get_name(entry));
        engine_ready(entry->supervisor->engine, entry->index, now_usec());
}

static void take_reloading(const Entry *entry) {
        if (!entry_get_process(entry)->run.reloading &&
            engine_reloading(entry->supervisor->engine, entry->index))
                log_info("%s reloads its configuration", entry_get_name(entry));
}

static void take_stopping(const Entry *entry) {
        if (engine_leaving(entry->supervisor->engine, entry->index, now_usec()))
                log_info("%s is ending by itself", entry_get_name(entry));
}

static const char *aim_of(const Process *p) {
        if (phase_is_ending(p->phase))
                return "stop";
        return p->run.leaving ? "end" : "become ready";
}

/* Said once for each thing that it wants time for; the rest is for those who debug. */
static void take_more_time(Entry *entry, uint64_t usec) {
        const Process *p = entry_get_process(entry);
        Engine *e = entry->supervisor->engine;
        LogLevel level = entry->told_more_time ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
        uint64_t now = now_usec();
        uint64_t until_usec = engine_extend(e, entry->index, usec, now);
        uint64_t end_usec = engine_process_deadline(e, entry->index);
        char time[WORDS_DURATION_MAX], wanted[WORDS_DURATION_MAX];

        if (until_usec > 0) {
                log_message(level, "%s asks for %s more to %s, and gets %s", entry_get_name(entry),
                            words_duration(usec, wanted), aim_of(p),
                            words_duration(until_usec - now, time));
                supervisor_status_changed(entry->supervisor);
        } else if (phase_is_ending(p->phase) && (end_usec < now || end_usec - now < usec))
                log_message(level,
                            "%s asks for %s more to stop, but the shutdown must not take longer",
                            entry_get_name(entry), words_duration(usec, wanted));
        else
                return;
        entry->told_more_time = true;
}

static void take_watchdog(const Entry *entry, const NotifyMessage *m) {
        Engine *e = entry->supervisor->engine;
        uint64_t now = now_usec();
        char time[WORDS_DURATION_MAX];

        if (m->watchdog_usec != USEC_INFINITY) {
                log_debug("%s sets its watchdog to %s", entry_get_name(entry),
                          words_duration(m->watchdog_usec, time));
                engine_set_watchdog(e, entry->index, m->watchdog_usec, now);
        }
        if (m->watchdog)
                engine_alive(e, entry->index, now);
        if (m->watchdog_trigger)
                (void)engine_fail(e, entry->index, FAILURE_TRIGGERED, now); /* or it is over */
}

/* The main process first, as the rest of the message may be about that one. */
static void on_notify_message(const NotifyMessage *m, void *userdata) {
        Entry *entry = userdata;

        if (m->main_pid > 0)
                entry_announce_main(entry, m->main_pid);
        if (m->status)
                take_status(entry, m->status);
        if (m->reloading)
                take_reloading(entry);
        if (m->ready)
                take_ready(entry);
        if (m->stopping)
                take_stopping(entry);
        if (m->extend_usec > 0)
                take_more_time(entry, m->extend_usec);
        take_watchdog(entry, m);
        if (m->error > 0)
                log_debug("%s says that it has failed: %s", entry_get_name(entry),
                          strerror(m->error));
        if (m->fds_refused)
                log_debug("%s wants descriptors to be stored, which is not done",
                          entry_get_name(entry));
        entry_update_health(entry);
        entry_observe_ready(entry);
}

/* ---------------------------------------------------------------- the socket of one run */

static int on_notify(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        const Entry *entry = userdata;
        int r;

        r = notify_socket_dispatch(entry->notify->socket);
        if (r < 0)
                log_warn("cannot read what %s says: %s", entry_get_name(entry), strerror(-r));
        return 0;
}

static int make_socket(Entry *entry) {
        Supervisor *s = entry->supervisor;
        const ProcessConfig *config = entry_get_process(entry)->config;
        _cleanup_(freep) char *name = NULL;
        NotifySocketOptions options = {
                .uid = config->settings->user ? config->settings->uid : (uid_t)-1,
                .on_message = on_notify_message,
                .userdata = entry,
        };
        int r = 0;

        if (!s->runtime)
                r = runtime_directory_new(&s->runtime);
        if (r < 0)
                return r;
        /* In a rolling restart there may be two of one name for a while. */
        if (asprintf(&name, "%s:%s.%u", config->group, config->name, entry->index) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        options.directory = runtime_directory_get_path(s->runtime);
        options.name = name;
        return notify_socket_new(&options, &entry->notify->socket);
}

static int watch_socket(Entry *entry) {
        int r;

        r = sd_event_add_io(entry->supervisor->event, &entry->notify->io,
                            notify_socket_get_fd(entry->notify->socket), EPOLLIN, on_notify, entry);
        if (r >= 0)
                r = sd_event_source_set_priority(entry->notify->io, PRIORITY_NOTIFY);
        if (r >= 0)
                r = sd_event_source_set_ratelimit(entry->notify->io, NOTIFY_TURNS_USEC,
                                                  NOTIFY_TURNS);
        return r;
}

int entry_prepare_notify(Entry *entry, ChildExtras *extras) {
        const ProcessConfig *config = entry_get_process(entry)->config;
        int r;

        entry_forget_notify(entry);
        if (!process_config_notifies(config))
                return 0;
        entry->notify = calloc(1, sizeof(*entry->notify));
        if (!entry->notify)
                return -ENOMEM;
        r = make_socket(entry);
        if (r >= 0)
                r = watch_socket(entry);
        if (r < 0)
                return r;
        extras->notify_path = notify_socket_get_path(entry->notify->socket);
        extras->watchdog_usec = process_config_watchdog_usec(config);
        return 0;
}

const char *entry_get_notify_status(const Entry *entry) {
        return entry->notify ? entry->notify->status : NULL;
}

void entry_forget_notify(Entry *entry) {
        ChildNotify *notify = TAKE_PTR(entry->notify);

        entry->told_more_time = false;
        entry->main.announced = 0;
        if (!notify)
                return;
        sd_event_source_disable_unref(notify->io);
        notify_socket_free(notify->socket);
        free(notify->status);
        free(notify);
}
