/*
 * The turn of the loop. A source of the "post" kind runs once after each event of another kind, and
 * before the next by its priority: see sd_event_add_post(3). An event that moved nothing costs a
 * few comparisons. A turn that has much to do does some of it and has itself called again, after
 * whatever else is ready.
 */
#include "daemon/turn.h"

#include <string.h>

#include "base/clock.h"
#include "daemon/act/perform.h"
#include "daemon/act/roll-job.h"
#include "daemon/act/shutdown.h"
#include "daemon/act/status.h"
#include "daemon/entry/observer.h"
#include "daemon/entry/supervisor-state.h"
#include "log/log.h"

static void arm_deadline(Supervisor *s) {
        uint64_t usec = engine_deadline(s->engine);
        int r;

        if (usec == s->turn.deadline_usec)
                return;
        r = sd_event_source_set_time(s->turn.deadline, usec);
        if (r >= 0)
                r = sd_event_source_set_enabled(s->turn.deadline, usec == USEC_INFINITY
                                                                          ? SD_EVENT_OFF
                                                                          : SD_EVENT_ONESHOT);
        if (r >= 0)
                s->turn.deadline_usec = usec;
        else
                log_critical("cannot set the timer: %s", strerror(-r));
}

static void take_turn(Supervisor *s) {
        bool done = supervisor_perform(s);

        trees_tidy(s->host->trees);
        arm_deadline(s);
        if (!done || supervisor_advance_rolls(s)) {
                (void)sd_event_source_set_enabled(s->turn.more, SD_EVENT_ONESHOT);
                return;
        }
        if (s->news.somebody_ended)
                supervisor_observe_prospects(s);
        s->news.somebody_ended = false;
        supervisor_show_readiness(s);
        supervisor_ready_if_settled(s);
        supervisor_finish_if_down(s);
}

void turn_take_first(Supervisor *s) {
        take_turn(s);
}

static int on_post(sd_event_source *source, void *userdata) {
        take_turn(userdata);
        return 0;
}

/* An event like others: the turn comes after it. */
static int on_more(sd_event_source *source, void *userdata) {
        return 0;
}

/* Its timer is off now, whatever the next deadline is. */
static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata) {
        Supervisor *s = userdata;

        s->turn.deadline_usec = USEC_INFINITY;
        engine_elapsed(s->engine, now_usec());
        return 0;
}

int turn_init(Supervisor *s) {
        LoopTurn *t = &s->turn;
        int r;

        t->deadline_usec = USEC_INFINITY;
        /* An accuracy of 1 µs: the default would be 250 ms, see sd_event_add_time(3). */
        r = sd_event_add_time(s->event, &t->deadline, CLOCK_MONOTONIC, USEC_INFINITY, 1,
                              on_deadline, s);
        if (r >= 0)
                r = sd_event_source_set_priority(t->deadline, PRIORITY_TIMER);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->deadline, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_defer(s->event, &t->more, on_more, s);
        if (r >= 0)
                r = sd_event_source_set_priority(t->more, PRIORITY_TIMER);
        if (r >= 0)
                r = sd_event_source_set_enabled(t->more, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_post(s->event, &t->post, on_post, s);
        if (r >= 0)
                r = sd_event_source_set_priority(t->post, PRIORITY_TURN);
        return r;
}

void turn_done(Supervisor *s) {
        sd_event_source_disable_unref(s->turn.post);
        sd_event_source_disable_unref(s->turn.more);
        sd_event_source_disable_unref(s->turn.deadline);
}
