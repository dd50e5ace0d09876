/* What the service manager is told: READY once, STATUS as it changes. */

#include <string.h>

#include "base/clock.h"
#include "daemon/supervisor-internal.h"
#include "log/log.h"
#include "manager/notify.h"

/* A crash loop must not flood the manager: changes within this time are told together. */
#define STATUS_DELAY_USEC (200 * USEC_PER_MSEC)

char *supervisor_status_text(const Supervisor *s) {
        _cleanup_(freep) char *awaited = NULL;
        char *text = NULL;

        if (engine_shutdown_mode(s->engine) == SHUTDOWN_NONE)
                return report_summary(s, &text) < 0 ? NULL : text;
        if (engine_is_draining(s->engine))
                return strdup("Stopping: draining");
        if (report_awaited(s, &awaited) < 0 ||
            asprintf(&text, "Stopping: waiting for %s", awaited) < 0)
                return NULL;
        return text;
}

/*
 * Until it is ready the manager's TimeoutStartSec runs: keep asking for what the next steps of the
 * start take. There is an end to that, as every program is up at some time or given up.
 */
static void extend_start(Supervisor *s) {
        if (s->is_ready || engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                return;
        notify_extend(engine_remaining_start_usec(s->engine, now_usec()));
        (void)sd_event_source_set_time_relative(s->status, NOTIFY_EXTEND_INTERVAL_USEC);
        (void)sd_event_source_set_enabled(s->status, SD_EVENT_ONESHOT);
}

static int on_status(sd_event_source *source, uint64_t usec, void *userdata) {
        _cleanup_(freep) char *text = supervisor_status_text(userdata);

        if (text)
                notify_status("%s", text);
        extend_start(userdata);
        return 0;
}

void supervisor_status_changed(Supervisor *s) {
        int enabled = SD_EVENT_OFF, r = 0;
        uint64_t usec = USEC_INFINITY;

        if (s->status) {
                (void)sd_event_source_get_enabled(s->status, &enabled);
                (void)sd_event_source_get_time(s->status, &usec);
                if (enabled != SD_EVENT_OFF && usec <= now_usec() + STATUS_DELAY_USEC)
                        return;
                r = sd_event_source_set_time_relative(s->status, STATUS_DELAY_USEC);
                if (r >= 0)
                        r = sd_event_source_set_enabled(s->status, SD_EVENT_ONESHOT);
        } else {
                r = sd_event_add_time_relative(s->event, &s->status, CLOCK_MONOTONIC,
                                               STATUS_DELAY_USEC, STATUS_DELAY_USEC, on_status, s);
                if (r >= 0)
                        (void)sd_event_source_set_priority(s->status, PRIORITY_IDLE);
        }
        if (r < 0)
                log_debug("cannot tell the service manager about changes: %s", strerror(-r));
}

void supervisor_show_readiness(Supervisor *s) {
        readiness_file_show(s->readiness_file, engine_is_ready(s->engine));
}

void supervisor_ready_if_settled(Supervisor *s) {
        _cleanup_(freep) char *text = NULL;

        if (s->is_ready || engine_shutdown_mode(s->engine) != SHUTDOWN_NONE ||
            !engine_is_settled(s->engine))
                return;
        s->is_ready = true;
        text = supervisor_status_text(s);
        notify_ready(text ?: "Running");
}
