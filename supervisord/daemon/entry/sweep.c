#include "daemon/entry/sweep.h"

#include "base/macro.h"

/* A child gets to its program within a millisecond or two; one on a hung file system may never. */
#define SWEEP_FIRST_USEC (10 * USEC_PER_MSEC)
#define SWEEP_LAST_USEC (60 * USEC_PER_SEC)

static void arm_sweep(const Sweep *sweep) {
        (void)sd_event_source_set_time_relative(sweep->timer, sweep->usec);
        (void)sd_event_source_set_enabled(sweep->timer, SD_EVENT_ONESHOT);
}

static int on_sweep(sd_event_source *source, uint64_t usec, void *userdata) {
        Sweep *sweep = userdata;

        if (spawner_sweep(sweep->spawner) == 0)
                return 0;
        sweep->usec = MIN(2 * sweep->usec, SWEEP_LAST_USEC);
        arm_sweep(sweep);
        return 0;
}

int sweep_init(Sweep *sweep, sd_event *event) {
        int r;

        r = sd_event_add_time(event, &sweep->timer, CLOCK_MONOTONIC, USEC_INFINITY,
                              SWEEP_FIRST_USEC, on_sweep, sweep);
        return r < 0 ? r : sd_event_source_set_enabled(sweep->timer, SD_EVENT_OFF);
}

void sweep_done(Sweep *sweep) {
        sweep->timer = sd_event_source_disable_unref(sweep->timer);
}

void sweep_later(Sweep *sweep, Spawner *spawner) {
        sweep->spawner = spawner;
        sweep->usec = SWEEP_FIRST_USEC;
        arm_sweep(sweep);
}
