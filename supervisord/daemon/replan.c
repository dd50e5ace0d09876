#include "daemon/replan.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

#define REPLAN_USEC USEC_PER_SEC

static int on_replan(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        if (supervisor_commit(s) >= 0)
                log_info("the processes are planned anew");
        return 0;
}

int supervisor_prepare_commits(Supervisor *s) {
        int r;

        r = sd_event_add_time(s->event, &s->delayed.replan, CLOCK_MONOTONIC, USEC_INFINITY, 0,
                              on_replan, s);
        return r < 0 ? r : sd_event_source_set_enabled(s->delayed.replan, SD_EVENT_OFF);
}

int supervisor_commit(Supervisor *s) {
        int r;

        r = engine_commit(s->engine, now_usec());
        if (r >= 0)
                return r;
        log_error("the processes cannot be planned anew, trying again: %s", strerror(-r));
        (void)sd_event_source_set_time_relative(s->delayed.replan, REPLAN_USEC);
        (void)sd_event_source_set_enabled(s->delayed.replan, SD_EVENT_ONESHOT);
        return r;
}
