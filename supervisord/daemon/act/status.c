/* What the service manager is told: READY once, STATUS as it changes. */
#include "daemon/act/status.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/act/readiness-file.h"
#include "daemon/act/state-report.h"
#include "daemon/entry/status-notice.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"
#include "manager/notify.h"

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
        if (s->outside.is_ready || engine_shutdown_mode(s->engine) != SHUTDOWN_NONE)
                return;
        notify_extend(engine_remaining_start_usec(s->engine, now_usec()));
        (void)sd_event_source_set_time_relative(s->outside.status, NOTIFY_EXTEND_INTERVAL_USEC);
        (void)sd_event_source_set_enabled(s->outside.status, SD_EVENT_ONESHOT);
}

static int on_status(sd_event_source *source, uint64_t usec, void *userdata) {
        _cleanup_(freep) char *text = supervisor_status_text(userdata);

        if (text)
                notify_status("%s", text);
        extend_start(userdata);
        return 0;
}

int status_init(Supervisor *s) {
        return status_notice_init(s, on_status);
}

void supervisor_show_readiness(Supervisor *s) {
        readiness_file_show(s->outside.readiness_file, engine_is_ready(s->engine));
}

void supervisor_ready_if_settled(Supervisor *s) {
        _cleanup_(freep) char *text = NULL;

        if (s->outside.is_ready || engine_shutdown_mode(s->engine) != SHUTDOWN_NONE ||
            !engine_is_settled(s->engine))
                return;
        s->outside.is_ready = true;
        text = supervisor_status_text(s);
        notify_ready(text ?: "Running");
}
