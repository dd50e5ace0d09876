/* What processes say while they live, and what is found out about them: anything, at any moment. */
#include "rules.h"
#include "world.h"

static bool runs(const Process *p) {
        return p->phase == PHASE_STARTING || p->phase == PHASE_RUNNING;
}

static void fails(World *w, size_t i) {
        Watch *b = &w->watches[i];
        bool expected = runs(engine_get(w->engine, i));

        world_trace(w, "%zu: is found unhealthy", i);
        b->failed |= expected;
        if (engine_fail(w->engine, i, FAILURE_UNHEALTHY, w->now_usec) != expected)
                world_break(w, i, "its failure is not taken as one");
}

static void ends_itself(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];
        bool expected = p->phase == PHASE_RUNNING && !b->ends_itself;
        int64_t grace = MAX(p->config->settings->stopwait_usec, 0);

        if (p->phase == PHASE_STARTING)
                return;
        world_trace(w, "%zu: ends by itself", i);
        if (expected) {
                b->ends_itself = true;
                b->life_usec =
                        grace == DURATION_INFINITY ? USEC_INFINITY : w->now_usec + (uint64_t)grace;
                if (w->mode >= SHUTDOWN_FAST)
                        b->life_usec = MIN(b->life_usec, w->now_usec + w->rules.fast_usec);
        }
        if (engine_leaving(w->engine, i, w->now_usec) != expected)
                world_break(w, i, "its end by itself is not taken as one");
}

static void sets_watchdog(World *w, Random *r, size_t i) {
        static const uint64_t watchdogs[] = { 0, SEC, 2 * SEC, 30 * SEC };
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        b->watchdog_usec = RANDOM_PICK(r, watchdogs);
        world_trace(w, "%zu: sets its watchdog to %u s", i, (unsigned)(b->watchdog_usec / SEC));
        if (p->phase == PHASE_RUNNING && !b->ends_itself)
                b->life_usec =
                        b->watchdog_usec > 0 ? w->now_usec + b->watchdog_usec : USEC_INFINITY;
        engine_set_watchdog(w->engine, i, b->watchdog_usec, w->now_usec);
}

static void gives_sign(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        world_trace(w, "%zu: gives a sign of life", i);
        if (p->phase == PHASE_RUNNING && !b->ends_itself && b->watchdog_usec > 0)
                b->life_usec = w->now_usec + b->watchdog_usec;
        engine_alive(w->engine, i, w->now_usec);
}

/* What it may be given more of just now; NULL: nothing that has an end. */
static uint64_t *time_of(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        switch (p->phase) {
        case PHASE_STARTING:
                return p->run.main_known ? NULL : &b->late_usec;
        case PHASE_RUNNING:
                return b->ends_itself ? &b->life_usec : NULL;
        case PHASE_STOPPING:
        case PHASE_CLEARING:
                return w->mode < SHUTDOWN_FAST ? &b->limit_usec : NULL;
        default:
                return NULL;
        }
}

static void asks_for_time(World *w, Random *r, size_t i) {
        static const uint64_t times[] = { 0, SEC, 5 * SEC, 60 * SEC };
        uint64_t usec = RANDOM_PICK(r, times), until = w->now_usec + usec, expected = 0;
        uint64_t *end = time_of(w, i);

        world_trace(w, "%zu: asks for %u s", i, (unsigned)(usec / SEC));
        if (end && until > *end)
                expected = *end = until;
        if (engine_extend(w->engine, i, usec, w->now_usec) != expected)
                world_break(w, i, "not the time that it asks for");
        if (w->mode != SHUTDOWN_NONE && expected > 0) { /* all takes longer */
                w->bound_usec = USEC_INFINITY;
                rules_after_shutdown(w);
        }
}

static size_t pick_living(const World *w, Random *r) {
        unsigned from = random_below(r, MAX_PROCESSES);

        for (unsigned k = 0; k < MAX_PROCESSES; k++) {
                size_t i = (from + k) % MAX_PROCESSES;

                if (w->watches[i].alive && w->watches[i].started)
                        return i;
        }
        return SIZE_MAX;
}

void somebody_speaks(World *w, Random *r) {
        size_t i = pick_living(w, r);

        if (i == SIZE_MAX)
                return;
        w->subject = i;
        w->n_events++;
        switch (random_below(r, 8)) {
        case 0:
                fails(w, i);
                break;
        case 1:
                ends_itself(w, i);
                break;
        case 2:
        case 3:
                sets_watchdog(w, r, i);
                break;
        case 4:
        case 5:
                gives_sign(w, i);
                break;
        default:
                asks_for_time(w, r, i);
        }
        perform_actions(w);
}
