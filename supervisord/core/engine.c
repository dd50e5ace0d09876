#include <assert.h>

#include "core/engine-internal.h"

/* ---------------------------------------------------------------- turns */

/* The member of wave @w with @due that comes after @p, or first if that is NULL. */
static Process *next_due(const Engine *e, size_t w, const Process *p, Due due) {
        size_t first = e->plan->waves[w].first, end = first + e->plan->waves[w].n;
        size_t place = schedule_next(e->schedule, p ? p->place + 1 : first, end, due);

        return place < end ? &e->processes[e->plan->order[place]] : NULL;
}

/* Tell those to stop whose wave is the highest that has anything leaving. */
static void take_stop_turns(Engine *e, uint64_t now_usec) {
        size_t w = schedule_highest(e->schedule, DUE_LEAVING);

        if (e->drain_end_usec > now_usec || w == NO_WAVE ||
            schedule_get(e->schedule, w, DUE_STOP) == 0)
                return;

        engine_share_out(e, w, now_usec);
        for (Process *p = next_due(e, w, NULL, DUE_STOP); p; p = next_due(e, w, p, DUE_STOP)) {
                process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
                process_step(e, p, process_stop_event(p), now_usec);
        }
}

/* Start what is due, lowest wave first, up to a wave with a member that has to go down before it.
 */
static void take_start_turns(Engine *e, uint64_t now_usec) {
        size_t w;

        while ((w = schedule_lowest(e->schedule, DUE_START)) != NO_WAVE) {
                if (schedule_lowest(e->schedule, DUE_AGAIN) < w)
                        return;
                for (Process *p = next_due(e, w, NULL, DUE_START); p;
                     p = next_due(e, w, p, DUE_START))
                        process_step(e, p, process_start_event(p), now_usec);
        }
}

void engine_take_turns(Engine *e, uint64_t now_usec) {
        if (e->n_holds > 0)
                return;
        take_stop_turns(e, now_usec);
        take_start_turns(e, now_usec);
}

void engine_hold(Engine *e) {
        e->n_holds++;
}

void engine_release(Engine *e, uint64_t now_usec) {
        assert(e->n_holds > 0);
        e->n_holds--;
        engine_take_turns(e, now_usec);
}

/* ---------------------------------------------------------------- what is wanted */

void process_want_up(Engine *e, Process *p) {
        bool takes_back = p->stop_due && !p->again && !p->next_config;

        if (e->mode != SHUTDOWN_NONE || p->removed)
                return;
        process_set_goal(e, p, GOAL_UP);
        if (!phase_has_child(p->phase)) {
                process_set_due(e, p, /* start_due= */ true, p->stop_due, p->asked);
                return;
        }
        if (takes_back) /* its turn to stop has not come: it just goes on */
                process_set_due(e, p, p->start_due, /* stop_due= */ false, p->asked);
        if (p->stop_due || phase_is_ending(p->phase))
                p->again = true;
}

void process_want_stop(Engine *e, Process *p, uint64_t now_usec) {
        p->again = false;
        process_set_due(e, p,
                        /* start_due= */ false,
                        /* stop_due= */ phase_has_child(p->phase) && !p->asked, p->asked);
        if (phase_comes_back(p->phase))
                process_step(e, p, EVENT_STOP, now_usec);
        if (p->stop_due)
                process_be_followed(e, p, now_usec);
}

void process_want_down(Engine *e, Process *p, uint64_t now_usec) {
        process_set_goal(e, p, GOAL_DOWN);
        process_want_stop(e, p, now_usec);
}

void process_bring_up(Engine *e, Process *p) {
        process_want_up(e, p);
        if (p->goal == GOAL_UP)
                process_bring_along(e, p);
}

void engine_start(Engine *e, size_t i, uint64_t now_usec) {
        process_bring_up(e, engine_entry(e, i));
        engine_take_turns(e, now_usec);
}

void engine_stop(Engine *e, size_t i, uint64_t now_usec) {
        process_want_down(e, engine_entry(e, i), now_usec);
        engine_take_turns(e, now_usec);
}

void process_want_anew(Engine *e, Process *p) {
        assert(!p->removed);
        if (e->mode != SHUTDOWN_NONE)
                return;
        process_set_goal(e, p, GOAL_UP);
        p->again = phase_has_child(p->phase);
        if (!p->again)
                process_bring_up(e, p);
}

void engine_restart(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (e->mode != SHUTDOWN_NONE || p->removed)
                return;
        process_want_stop(e, p, now_usec);
        process_want_anew(e, p);
        engine_take_turns(e, now_usec);
}

void engine_kill(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        process_want_down(e, p, now_usec);
        if (phase_has_child(p->phase)) {
                process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
                process_step(e, p, EVENT_KILL, now_usec);
        }
        engine_take_turns(e, now_usec);
}
