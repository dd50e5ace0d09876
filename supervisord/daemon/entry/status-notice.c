#include "daemon/entry/status-notice.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

/* A crash loop must not flood the manager: changes within this time are told together. */
#define STATUS_DELAY_USEC (200 * USEC_PER_MSEC)

int status_notice_init(Supervisor *s, sd_event_time_handler_t handler) {
        sd_event_source **source = &s->outside.status;
        int r;

        r = sd_event_add_time(s->event, source, CLOCK_MONOTONIC, USEC_INFINITY, STATUS_DELAY_USEC,
                              handler, s);
        if (r >= 0)
                r = sd_event_source_set_priority(*source, PRIORITY_IDLE);
        return r < 0 ? r : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

void supervisor_status_changed(Supervisor *s) {
        int enabled = SD_EVENT_OFF, r;
        uint64_t usec = USEC_INFINITY;

        (void)sd_event_source_get_enabled(s->outside.status, &enabled);
        (void)sd_event_source_get_time(s->outside.status, &usec);
        if (enabled != SD_EVENT_OFF && usec <= now_usec() + STATUS_DELAY_USEC)
                return;
        r = sd_event_source_set_time_relative(s->outside.status, STATUS_DELAY_USEC);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->outside.status, SD_EVENT_ONESHOT);
        if (r < 0)
                log_debug("cannot tell the service manager about changes: %s", strerror(-r));
}
