/*
 * Which states are the same. Left out is what cannot matter any more: "now" itself, as every time
 * is written as a distance from it, times that only tell the past (changed_usec, ended_usec …) or
 * that belong to a phase that is over, and counters that only count. explore.c does not take this
 * for granted: it goes on from two different ways to a state and compares.
 */
#include <assert.h>

#include "core/engine-internal.h"
#include "model.h"

/* Where a program is tried again for ever, so many failures are as good as more: the delay does not
 * grow beyond backoff_max of the scenarios, and nobody counts further than SETTLED_FAILURES. */
#define FAILURES_MAX 3

typedef struct Writer {
        uint32_t *words;
        size_t n;
        uint64_t now_usec;
} Writer;

static void put(Writer *w, uint32_t word) {
        assert(w->n < CANON_WORDS_MAX);
        w->words[w->n++] = word;
}

/* A time: 0 if it is over, the same for all if it never comes. */
static void put_time(Writer *w, uint64_t usec) {
        if (usec == USEC_INFINITY)
                put(w, UINT32_MAX);
        else
                put(w, usec > w->now_usec ? (uint32_t)(usec - w->now_usec) : 0);
}

/* The same, or nothing if that does not matter. */
static void put_time_if(Writer *w, bool matters, uint64_t usec) {
        put_time(w, matters ? usec : 0);
}

/* How long ago that was, up to what anybody may ask for. */
static void put_age_if(Writer *w, bool matters, uint64_t usec) {
        const uint64_t oldest = 20 * TICK_USEC;

        put(w, matters ? (uint32_t)MIN(w->now_usec - usec, oldest) + 1 : 0);
}

/* Of the start of the present run: until when it matters if it ends by itself. */
static void put_age_of_run(Writer *w, const Model *m, size_t i) {
        const Process *p = engine_get(m->engine, i);
        uint64_t distance = 0;

        for (unsigned v = 0; v < 2; v++)
                if (m->configs[i][v]->settings->autorestart != AUTORESTART_FALSE)
                        distance = MAX(distance, restart_distance(m->configs[i][v]));
        if (phase_has_child(p->phase) && !p->run.unborn && !p->asked)
                put(w, (uint32_t)MIN(w->now_usec - p->spawned_usec, distance) + 1);
        else
                put(w, 0);
}

static uint32_t exit_to_word(const ProcessExit *exit) {
        return (uint32_t)exit->kind << 16 | (uint32_t)exit->value;
}

static uint32_t config_to_word(const Model *m, size_t i, const ProcessConfig *c) {
        return !c ? 0 : c == m->configs[i][0] ? 1 : 2;
}

static uint32_t flags_of(const Process *p) {
        const bool flags[] = {
                p->start_due,     p->stop_due,       p->again,           p->spare,
                p->removed,       p->asked,          p->run.unborn,      p->kill_waits,
                p->removal_waits, p->run.killed,     p->run.early,       p->run.was_up,
                p->run.ready,     p->run.main_known, p->run.leader_gone, p->run.reloading,
                p->run.leaving,   p->run.hook_waits, p->run.hook_killed, p->run.begun,
                p->run.cleaned,   p->run.tree_gone,  p->brings_along,    p->told_waiting,
        };
        uint32_t word = 0;

        for (size_t k = 0; k < ELEMENTSOF(flags); k++)
                word |= (uint32_t)flags[k] << k;
        return word;
}

/* Flags of a run mean nothing when there is none, and are reset before the next. */
static uint32_t live_flags(const Process *p) {
        Process q = *p;

        if (!phase_has_child(p->phase)) {
                q.run.unborn = q.run.killed = q.run.early = q.run.was_up = q.run.ready =
                        q.run.main_known = false;
                q.run.leader_gone = q.run.reloading = q.run.leaving = q.run.hook_killed =
                        q.run.begun = false;
                q.run.cleaned = q.run.tree_gone = q.told_waiting = false;
                q.run.ready = p->run.ready && p->phase == PHASE_PAUSING;
                q.run.unborn = p->run.unborn;
                q.told_waiting = p->told_waiting && p->start_due;
        }
        return flags_of(&q);
}

static uint32_t failures_of(const Process *p, unsigned failures) {
        return p->config && p->config->settings->startretries == -1 ? MIN(failures, FAILURES_MAX)
                                                                    : failures;
}

static void put_process(Writer *w, const Model *m, size_t i) {
        const Process *p = engine_get(m->engine, i);
        bool runs = p->phase == PHASE_STARTING || p->phase == PHASE_RUNNING;
        bool has_child = phase_has_child(p->phase), is_ending = phase_is_ending(p->phase);
        bool exited = p->phase == PHASE_EXITED || p->phase == PHASE_PAUSING;
        bool over = exited || (has_child && (p->run.leader_gone || p->phase == PHASE_CLEANING));

        put(w, config_to_word(m, i, p->config) << 24 | config_to_word(m, i, p->next_config) << 16 |
                       (uint32_t)p->phase << 8 | (uint32_t)p->goal << 4 |
                       (uint32_t)(has_child ? p->run.failure : FAILURE_NONE));
        put(w, live_flags(p));
        put(w, (uint32_t)p->run.hook << 24 | (is_ending ? (uint32_t)p->run.stop_step << 16 : 0) |
                       failures_of(p, p->failures));
        put(w, over ? exit_to_word(&p->exit) : 0);
        put(w, exited && p->exit_failed);
        put(w, p->wave == NO_WAVE ? UINT32_MAX : (uint32_t)p->wave);
        put_time(w, engine_process_deadline(m->engine, i));
        put_time_if(w, is_ending, p->run.grace_end_usec);
        put_time_if(w, p->run.hook != HOOK_NONE && !p->run.hook_waits, p->run.hook_end_usec);
        put_time_if(w, runs || is_ending, p->run.extended_usec);
        put_age_if(w, runs && p->run.leaving, p->run.leaving_usec);
        put_age_if(w,
                   runs && !p->run.unborn &&
                           p->config->settings->readiness.kind != READINESS_STARTSECS,
                   p->spawned_usec);
        put_age_of_run(w, m, i);
        put(w, runs ? (uint32_t)p->run.watchdog_usec : 0);
        put_age_if(w, runs && p->run.watchdog_usec > 0, p->run.alive_usec);
}

static void put_body(Writer *w, const Model *m, size_t i) {
        const Body *b = &m->bodies[i];
        bool doomed = b->leader_doomed || b->rest_doomed || b->hook_doomed;

        put(w, (uint32_t)b->leader | (uint32_t)b->starter << 1 | (uint32_t)b->rest << 2 |
                       (uint32_t)b->fresh << 3 | (uint32_t)b->hook << 4 |
                       (uint32_t)b->leader_doomed << 8 | (uint32_t)b->rest_doomed << 9 |
                       (uint32_t)b->hook_doomed << 10);
        put_age_if(w, doomed, b->doomed_usec);
}

static void put_watch(Writer *w, const Model *m, size_t i) {
        const Watch *x = &m->watches[i];
        const Process *p = engine_get(m->engine, i);
        bool exited = x->shown == STATE_EXITED && p->goal == GOAL_UP;

        put(w, (uint32_t)x->shown | (uint32_t)x->said_ready << 8 | (uint32_t)x->leaves << 9 |
                       (uint32_t)x->failed << 10 | (uint32_t)x->was_up << 11 |
                       (uint32_t)x->killable << 12 | (uint32_t)x->killed << 13 |
                       (uint32_t)x->lenient << 14 | (uint32_t)x->is_removed << 15 |
                       (uint32_t)x->replaced << 4 | (uint32_t)x->ends << 5 |
                       (uint32_t)x->told_down << 6 | (uint32_t)(exited && x->nudged) << 7 |
                       failures_of(p, x->failures) << 16);
        put_time(w, x->limit_usec);
        put_time_if(w, exited, x->restart_usec);
        put(w, (phase_has_child(p->phase) && !p->run.unborn) ||
                               phase_to_state(p->phase) == STATE_EXITED
                       ? exit_to_word(&x->exit)
                       : 0);
}

static uint32_t action_to_word(const Action *a) {
        return (uint32_t)a->kind | (uint32_t)a->process << 4 | (uint32_t)a->signal << 8 |
               (uint32_t)a->scope << 16 | (uint32_t)a->hook << 18 | (uint32_t)a->from << 20 |
               (uint32_t)a->to << 24 | (uint32_t)(a->other & 7) << 28;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through the Writer */
size_t model_canon(const Model *m, uint32_t words[CANON_WORDS_MAX]) {
        const Engine *e = m->engine;
        Writer w = { .words = words, .now_usec = m->now_usec };

        put(&w, (uint32_t)e->mode | (uint32_t)m->has_pending << 8 | e->n_holds << 16);
        put(&w, (uint32_t)e->spawning);
        put(&w,
            e->drain_end_usec > 0); /* one that is over, but was not looked at, wakes the loop */
        put_time(&w, e->drain_end_usec);
        put_time(&w, e->shutdown_end_usec);
        put(&w, e->shutdown_end_usec == USEC_INFINITY ? 0 : (uint32_t)e->share_usec);
        put_time(&w, m->bound_usec);
        put_time_if(&w, m->mode == SHUTDOWN_GRACEFUL, m->drain_end_usec);
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                put_process(&w, m, i);
                put_body(&w, m, i);
                put_watch(&w, m, i);
        }
        for (size_t k = 0; k < e->n_actions; k++)
                put(&w,
                    action_to_word(&e->actions[(e->first_action + k) % e->n_actions_allocated]));
        return w.n;
}
