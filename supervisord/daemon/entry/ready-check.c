/*
 * Readiness: what a process was given to show it with, and what is watched to learn of it, for one
 * run.
 */
#include "daemon/entry/ready-check.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/clock.h"
#include "daemon/entry/entry-change.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/supervisor-state.h"
#include "host/net/probe.h"
#include "log/log.h"

/* A check's id holds the entry's index and in the rest a serial, which tells old runs from new. */
#define CHECK_INDEX_BITS 17
#define NO_COMMAND UINT_MAX /* no index is that high */

/* Of one run, while it is asked whether it is ready. */
struct ReadinessCheck {
        Probe *probe;
        sd_event_source *io, *timer;
        unsigned command; /* the id of the command that runs for it, or NO_COMMAND */
};

/* ---------------------------------------------------------------- probes */

unsigned entry_new_check_id(const Entry *entry) {
        return entry->supervisor->checks.n_started++ << CHECK_INDEX_BITS | (unsigned)entry->index;
}

static int start_check(void *userdata, pid_t *ret_pid) {
        _cleanup_(spawn_request_freep) SpawnRequest *request = NULL;
        Entry *entry = userdata;
        Supervisor *s = entry->supervisor;
        const ProcessConfig *config = entry_get_config(entry);
        int r;

        r = child_command_request(s->host, config, config->settings->readiness.argv, &request);
        if (r < 0)
                return r;
        entry->check->command = entry_new_check_id(entry);
        return tools_run(s->checks.tools, &request, entry->check->command, ret_pid);
}

static void arm_probe(Entry *entry) {
        uint64_t deadline = probe_get_deadline(entry->check->probe);

        (void)sd_event_source_set_time(entry->check->timer, deadline);
        (void)sd_event_source_set_enabled(entry->check->timer, deadline == USEC_INFINITY
                                                                       ? SD_EVENT_OFF
                                                                       : SD_EVENT_ONESHOT);
}

static void take_result(Entry *entry, ProbeResult result) {
        _cleanup_(freep) char *why = NULL;
        Supervisor *s = entry->supervisor;

        switch (result) {
        case PROBE_PENDING:
                arm_probe(entry);
                return;
        case PROBE_READY:
                log_info("%s is ready", entry_get_config(entry)->name);
                entry_forget_readiness(entry);
                engine_ready(s->engine, entry->index, now_usec());
                entry_update_health(entry);
                entry_observe_ready(entry);
                return;
        case PROBE_FAILED:
                if (probe_describe(entry->check->probe, &why) >= 0)
                        log_warn("%s cannot become ready: %s", entry_get_config(entry)->name, why);
                entry_forget_readiness(entry);
                engine_not_ready(s->engine, entry->index, now_usec());
                return;
        }
}

static int on_probe(sd_event_source *source, int fd, uint32_t events, void *userdata) {
        Entry *entry = userdata;

        take_result(entry, probe_dispatch(entry->check->probe, now_usec()));
        return 0;
}

static int on_probe_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        return on_probe(source, -1, 0, userdata);
}

void supervisor_check_ended(void *userdata, unsigned id, const ProcessExit *exit) {
        Supervisor *s = userdata;
        size_t index = id & ((1U << CHECK_INDEX_BITS) - 1);
        Entry *entry = index < s->n_entries ? s->entries[index] : NULL;

        if (!entry)
                return;
        if (entry->check && entry->check->command == id)
                take_result(entry,
                            probe_exited(entry->check->probe, exit_is_success(exit), now_usec()));
        else
                entry_health_command_ended(entry, id, exit);
}

static int make_probe(Entry *entry, ChildExtras *extras) {
        const Readiness *readiness = &entry_get_config(entry)->settings->readiness;
        ProbeRunner runner = { .start = start_check, .userdata = entry };
        sd_event *event = entry->supervisor->event;
        int r;

        entry->check = calloc(1, sizeof(*entry->check));
        if (!entry->check)
                return -ENOMEM;
        entry->check->command = NO_COMMAND; /* one of an earlier run may still be to end */
        r = probe_new(readiness, readiness->kind == READINESS_EXEC ? &runner : NULL,
                      &entry->check->probe);
        if (r < 0)
                return r;
        extras->fd = probe_get_child_fd(entry->check->probe);
        extras->fd_number = readiness->fd;

        r = sd_event_add_io(event, &entry->check->io, probe_get_fd(entry->check->probe), EPOLLIN,
                            on_probe, entry);
        if (r >= 0)
                r = sd_event_source_set_priority(entry->check->io, PRIORITY_NOTIFY);
        if (r >= 0)
                r = sd_event_add_time(event, &entry->check->timer, CLOCK_MONOTONIC, USEC_INFINITY,
                                      1, on_probe_timer, entry);
        if (r >= 0)
                r = sd_event_source_set_enabled(entry->check->timer, SD_EVENT_OFF);
        return r;
}

/* ---------------------------------------------------------------- one run */

int entry_prepare_readiness(Entry *entry, ChildExtras *extras) {
        entry_forget_readiness(entry);
        switch (entry_get_config(entry)->settings->readiness.kind) {
        case READINESS_STARTSECS:
        case READINESS_NOTIFY:
                return 0;
        case READINESS_FD:
        case READINESS_TCP:
        case READINESS_UNIX:
        case READINESS_EXEC:
                return make_probe(entry, extras);
        }
        return -EINVAL;
}

void entry_begin_readiness(Entry *entry) {
        if (entry->check)
                take_result(entry, probe_begin(entry->check->probe, now_usec()));
}

void entry_forget_readiness(Entry *entry) {
        ReadinessCheck *check = TAKE_PTR(entry->check);

        if (!check)
                return;
        sd_event_source_disable_unref(check->io);
        sd_event_source_disable_unref(check->timer);
        probe_free(check->probe);
        free(check);
}
