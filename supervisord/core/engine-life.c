/*
 * What a process says while it lives, and what is found out about it: more time, signs of life,
 * reloads, an end of its own, bad health.
 */
#include <assert.h>

#include "core/engine-internal.h"

/* ---------------------------------------------------------------- one process */

void process_begin_watch(Process *p, uint64_t now_usec) {
        p->run.alive_usec = now_usec;
}

/* By when @p has to be ready; readiness_timeout counts from its start. */
static uint64_t start_end(const Process *p) {
        uint64_t usec =
                usec_add(p->spawned_usec, usec_from(p->config->settings->readiness_timeout_usec));

        return MAX(usec, p->run.extended_usec);
}

/* By when @p, which is ending by itself, has to be gone. */
static uint64_t leaving_end(const Engine *e, const Process *p) {
        return MAX(usec_add(p->run.leaving_usec, process_full_grace(e, p)), p->run.extended_usec);
}

uint64_t process_life_deadline(const Engine *e, const Process *p) {
        if (p->run.leaving)
                return leaving_end(e, p);
        if (!p->run.ready)
                return start_end(p);
        return p->run.watchdog_usec > 0 ? usec_add(p->run.alive_usec, p->run.watchdog_usec)
                                        : USEC_INFINITY;
}

static bool runs(const Process *p) {
        return (p->phase == PHASE_STARTING || p->phase == PHASE_RUNNING) && !p->run.unborn;
}

/* It may have another deadline now. */
static void look_again(Engine *e, const Process *p, uint64_t now_usec) {
        if (p->phase == PHASE_RUNNING)
                deadlines_set(e->deadlines, (size_t)(p - e->processes),
                              process_deadline(e, p, now_usec));
}

static void fail(Engine *e, Process *p, Failure why, uint64_t now_usec) {
        p->run.failure = why;
        process_step(e, p, p->run.was_up ? EVENT_STOP : EVENT_LATE, now_usec);
}

void process_overdue(Engine *e, Process *p, uint64_t now_usec) {
        if (p->run.leaving)
                fail(e, p, FAILURE_LINGERING, now_usec);
        else if (p->run.ready)
                fail(e, p, FAILURE_WATCHDOG, now_usec);
        else
                process_step(e, p, EVENT_LATE, now_usec);
}

/* ---------------------------------------------------------------- more time */

static uint64_t extend_life(Engine *e, Process *p, uint64_t until_usec) {
        size_t i = (size_t)(p - e->processes);
        bool timed = p->phase == PHASE_RUNNING || !p->run.main_known; /* or startsecs run */
        uint64_t before;

        if (!p->run.leaving &&
            (p->run.ready ||
             (p->run.main_known && p->config->settings->readiness.kind == READINESS_STARTSECS)))
                return 0; /* it has all the time in the world */
        if (timed)
                before = deadlines_get(e->deadlines, i);
        else
                before = p->run.leaving ? leaving_end(e, p) : start_end(p);
        if (until_usec <= before)
                return 0;
        p->run.extended_usec = until_usec;
        if (timed)
                deadlines_set(e->deadlines, i, until_usec);
        return until_usec;
}

/* The latest end that a stop of @p may have, so that waves after it have their time, too. */
static uint64_t stop_limit(const Engine *e, const Process *p, uint64_t now_usec) {
        uint64_t after = 0;

        if (e->shutdown_end_usec == USEC_INFINITY)
                return USEC_INFINITY;
        assert(p->wave != NO_WAVE); /* else it would not have been started */
        for (size_t w = 0; w < p->wave; w++)
                after = usec_add(after, wave_remaining_usec(e, w, now_usec));
        after = usec_add(after, process_cleaning_usec(p));
        return e->shutdown_end_usec > after ? e->shutdown_end_usec - after : 0;
}

/* The signal that was sent last gets more time, and so those that follow come later. */
static uint64_t extend_stop(Engine *e, Process *p, uint64_t until_usec, uint64_t now_usec) {
        size_t i = (size_t)(p - e->processes);
        uint64_t limit = stop_limit(e, p, now_usec), rest = 0, step_limit;
        uint64_t step_end =
                p->phase == PHASE_CLEARING ? p->run.grace_end_usec : deadlines_get(e->deadlines, i);

        if (e->mode >= SHUTDOWN_FAST || step_end == USEC_INFINITY)
                return 0;
        assert(p->run.grace_end_usec >= step_end);
        if (p->run.grace_end_usec != USEC_INFINITY) /* else what follows needs no time of its own */
                rest = p->run.grace_end_usec - step_end;
        step_limit = limit > rest ? limit - rest : 0;
        until_usec = MIN(until_usec, step_limit);
        if (until_usec <= step_end)
                return 0;
        if (p->run.grace_end_usec != USEC_INFINITY)
                p->run.grace_end_usec = usec_add(until_usec, rest);
        deadlines_set(e->deadlines, i,
                      p->phase == PHASE_CLEARING ? process_deadline(e, p, now_usec) : until_usec);
        return until_usec;
}

/* While pre_stop_command runs: what comes after it gets the time. */
static uint64_t extend_grace(const Engine *e, Process *p, uint64_t until_usec, uint64_t now_usec) {
        until_usec = MIN(until_usec, stop_limit(e, p, now_usec));
        if (e->mode >= SHUTDOWN_FAST || p->run.tree_gone || until_usec <= p->run.grace_end_usec)
                return 0;
        return p->run.extended_usec = p->run.grace_end_usec = until_usec;
}

uint64_t engine_extend(Engine *e, size_t i, uint64_t usec, uint64_t now_usec) {
        Process *p = engine_entry(e, i);
        uint64_t until_usec = usec_add(now_usec, usec);

        if (runs(p))
                return extend_life(e, p, until_usec);
        if (p->phase == PHASE_DRAINING)
                return extend_grace(e, p, until_usec, now_usec);
        if (p->phase == PHASE_STOPPING || p->phase == PHASE_CLEARING)
                return extend_stop(e, p, until_usec, now_usec);
        return 0;
}

/* ---------------------------------------------------------------- what it says */

void engine_ready(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (p->phase != PHASE_STARTING && p->phase != PHASE_RUNNING)
                return;
        p->run.reloading = false;
        if (p->run.leaving)
                return;
        p->run.ready = true;
        process_count(e, p);
        process_begin_watch(p, now_usec);
        if (p->phase == PHASE_RUNNING)
                deadlines_set(e->deadlines, i, process_deadline(e, p, now_usec));
        engine_take_turns(e, now_usec);
}

void engine_not_ready(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!p->run.ready)
                process_step(e, p, EVENT_LATE, now_usec);
        engine_take_turns(e, now_usec);
}

void engine_alive(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        p->run.alive_usec = now_usec;
        if (p->run.ready)
                look_again(e, p, now_usec);
}

void engine_set_watchdog(Engine *e, size_t i, uint64_t usec, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        p->run.watchdog_usec = usec == USEC_INFINITY ? 0 : usec;
        engine_alive(e, i, now_usec);
}

bool engine_reloading(Engine *e, size_t i) {
        Process *p = engine_entry(e, i);

        if (p->phase != PHASE_RUNNING || !p->run.ready)
                return false;
        p->run.reloading = true;
        return true;
}

bool engine_leaving(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!runs(p) || p->run.leaving)
                return false;
        p->run.leaving = true;
        p->run.leaving_usec = now_usec;
        p->run.ready = p->run.reloading = false;
        p->run.extended_usec = 0;
        process_count(e, p);
        look_again(e, p, now_usec);
        return true;
}

bool engine_fail(Engine *e, size_t i, Failure why, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!runs(p))
                return false;
        fail(e, p, why, now_usec);
        return true;
}
