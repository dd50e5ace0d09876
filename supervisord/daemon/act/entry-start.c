#include "daemon/act/entry-start.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/entry/child-notify.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/entry.h"
#include "daemon/entry/ready-check.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/entry/sweep.h"
#include "log/log.h"

void entry_start_failed(Entry *entry, int error, StartFailure *failure) {
        _cleanup_(freep) char *words = start_failure_describe(failure);
        Supervisor *s = entry->supervisor;

        free(entry->start_failure);
        entry->start_failure = failure;
        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_SPAWN_ERROR), "spawnerr: %s",
                  words ?: "out of memory");
        engine_spawn_failed(s->engine, entry->index, error, now_usec());
}

static int prepare_readiness(Entry *entry, ChildExtras *extras, StartFailure **reterr) {
        StartFailure failure = { .reason = START_REASON_READINESS,
                                 .subject = entry_get_name(entry) };
        int r;

        r = entry_prepare_readiness(entry, extras);
        if (r >= 0)
                r = entry_prepare_notify(entry, extras);
        if (r < 0) {
                failure.error = -r;
                *reterr = start_failure_new(&failure);
        }
        return r;
}

void entry_start(Entry *entry) {
        Supervisor *s = entry->supervisor;
        ChildExtras extras = CHILD_EXTRAS_NONE;
        _cleanup_(freep) char *note = NULL;
        StartFailure *failure = NULL;
        int r;

        r = prepare_readiness(entry, &extras, &failure);
        if (r >= 0)
                r = entry_prepare_sockets(entry, &extras, &failure);
        if (r >= 0)
                r = child_spawn(entry->child, entry_get_process(entry)->config, &extras, &failure,
                                &note);
        if (r < 0) {
                entry_start_failed(entry, -r, failure);
                return;
        }

        sweep_later(&s->delayed.sweep, s->host->spawner);
        if (note)
                log_warn("%s: %s", entry_get_name(entry), note);
        entry->last_pid = child_get_pid(entry->child);
        log_event(LOG_LEVEL_INFO, ENTRY_FIELDS(entry, LOG_MESSAGE_SPAWNED),
                  "spawned: '%s' with pid %d", entry_get_name(entry), entry->last_pid);
        entry_begin_readiness(entry);
}
