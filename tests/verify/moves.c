/* Which moves there are, and which are possible in a state. */
#include <stdarg.h>
#include <stdio.h>

#include "model.h"

static const char *const names[_MOVE_MAX] = {
        [MOVE_START] = "start",
        [MOVE_STOP] = "stop",
        [MOVE_RESTART] = "restart",
        [MOVE_KILL] = "kill",
        [MOVE_REPLACE] = "reload: replace",
        [MOVE_REPLACE_BACK] = "reload: replace by the first",
        [MOVE_UPDATE] = "reload: update",
        [MOVE_UPDATE_BACK] = "reload: update to the first",
        [MOVE_REMOVE] = "reload: remove",
        [MOVE_ADD] = "reload: add",
        [MOVE_SHUTDOWN] = "shutdown",
        [MOVE_SHUTDOWN_FAST] = "fast shutdown",
        [MOVE_SHUTDOWN_NOW] = "shutdown now",
        [MOVE_SPAWN_FAILS] = "its spawn has failed",
        [MOVE_EXIT] = "exits as expected",
        [MOVE_EXIT_LEAVING] = "exits as expected, leaving something",
        [MOVE_FAIL] = "exits unexpectedly",
        [MOVE_FAIL_LEAVING] = "exits unexpectedly, leaving something",
        [MOVE_DIE] = "dies",
        [MOVE_DIE_LEAVING] = "dies, leaving something",
        [MOVE_EMPTIED] = "what was left is gone",
        [MOVE_STARTER_GONE] = "its starter is done",
        [MOVE_MAIN_FOUND] = "its main process is found",
        [MOVE_HOOK_DONE] = "its hook is done",
        [MOVE_HOOK_FAILS] = "its hook fails",
        [MOVE_SAYS_READY] = "says that it is ready",
        [MOVE_SAYS_NOT_READY] = "cannot become ready",
        [MOVE_SAYS_LEAVING] = "says that it is ending",
        [MOVE_SAYS_EXTEND] = "asks for more time",
        [MOVE_SAYS_RELOADING] = "says that it reloads",
        [MOVE_SAYS_ALIVE] = "gives a sign of life",
        [MOVE_UNHEALTHY] = "is found unhealthy",
        [MOVE_TAKE] = "(an action is performed)",
        [MOVE_TICK] = "(time passes)",
        [MOVE_ELAPSED] = "(the loop looks at the time)",
};

const char *move_to_string(MoveKind kind) {
        return names[kind];
}

bool move_is_order(MoveKind kind) {
        return kind < _MOVE_ORDERS_END;
}

void model_trace(const Model *m, const char *format, ...) {
        va_list args;

        if (!m->trace)
                return;
        printf("%6u s  ", (unsigned)(m->now_usec / USEC_PER_SEC));
        va_start(args, format);
        (void)vprintf(format, args); /* a trace that cannot be written is not worth a failure */
        va_end(args);
        putchar('\n');
}

void model_break(Model *m, const char *rule) {
        if (m->broken)
                return;
        m->broken = rule;
        model_trace(m, "BROKEN: %s", rule);
}

/* ---------------------------------------------------------------- what is possible */

static bool has_entry(const Model *m, size_t i) {
        return !m->watches[i].is_removed && !engine_get(m->engine, i)->removed;
}

static bool is_overdue(const Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                const Body *b = &m->bodies[i];

                if ((b->leader_doomed || b->rest_doomed || b->hook_doomed) &&
                    m->now_usec >= b->doomed_usec + KILL_LATE_USEC)
                        return true;
        }
        return false;
}

static bool can_order(const Model *m, Move move) {
        bool is_down = !phase_has_child(engine_get(m->engine, move.process)->phase);

        switch (move.kind) {
        case MOVE_ADD:
                return m->watches[move.process].is_removed && m->mode == SHUTDOWN_NONE;
        case MOVE_SHUTDOWN:
        case MOVE_SHUTDOWN_FAST:
        case MOVE_SHUTDOWN_NOW:
                return move.process == 0 &&
                       m->mode < (ShutdownMode)(move.kind - MOVE_SHUTDOWN + SHUTDOWN_GRACEFUL);
        case MOVE_REPLACE:
        case MOVE_REPLACE_BACK:
                /* What is being removed may be wanted after all. */
                return m->mode == SHUTDOWN_NONE && !m->watches[move.process].is_removed;
        case MOVE_UPDATE:
        case MOVE_UPDATE_BACK:
        case MOVE_REMOVE:
                return m->mode == SHUTDOWN_NONE && has_entry(m, move.process);
        case MOVE_KILL:
                return has_entry(m, move.process) && !is_down;
        default:
                return has_entry(m, move.process);
        }
}

static bool can_end(const Model *m, Move move) {
        const Process *p = engine_get(m->engine, move.process);
        const Body *b = &m->bodies[move.process];
        bool leaves = move.kind == MOVE_EXIT_LEAVING || move.kind == MOVE_FAIL_LEAVING ||
                      move.kind == MOVE_DIE_LEAVING;

        if (!b->leader || (b->rest && !leaves)) /* it is there already */
                return false;
        if (b->starter && move.kind == MOVE_EXIT_LEAVING && p->phase == PHASE_STARTING)
                return false; /* that is MOVE_STARTER_GONE */
        return true;
}

static bool can_speak(const Model *m, Move move) {
        const Process *p = engine_get(m->engine, move.process);
        const Body *b = &m->bodies[move.process];

        if (!b->leader || b->starter)
                return false;
        switch (move.kind) {
        case MOVE_SAYS_READY:
                return p->config->settings->readiness.kind != READINESS_STARTSECS ||
                       p->run.reloading;
        case MOVE_SAYS_NOT_READY:
                return p->config->settings->readiness.kind != READINESS_STARTSECS &&
                       !m->watches[move.process].said_ready;
        default:
                return true;
        }
}

static bool can_loop(const Model *m, MoveKind kind) {
        uint64_t deadline = engine_deadline(m->engine);

        switch (kind) {
        case MOVE_TAKE:
                return m->has_pending;
        case MOVE_ELAPSED:
                return deadline <= m->now_usec && !m->has_pending;
        default:
                return deadline > m->now_usec && !m->has_pending && !is_overdue(m);
        }
}

bool model_can(const Model *m, Move move) {
        const Body *b = &m->bodies[move.process];

        if (!(m->scenario->moves & UINT64_C(1) << move.kind))
                return false;
        if (move_is_order(move.kind))
                return can_order(m, move);
        switch (move.kind) {
        case MOVE_SPAWN_FAILS:
                return b->leader && b->fresh;
        case MOVE_EXIT:
        case MOVE_EXIT_LEAVING:
        case MOVE_FAIL:
        case MOVE_FAIL_LEAVING:
        case MOVE_DIE:
        case MOVE_DIE_LEAVING:
                return can_end(m, move);
        case MOVE_EMPTIED:
                return !b->leader && b->rest;
        case MOVE_STARTER_GONE:
                return b->leader && b->starter &&
                       engine_get(m->engine, move.process)->phase == PHASE_STARTING;
        case MOVE_MAIN_FOUND:
                return !b->leader && b->rest && b->starter;
        case MOVE_HOOK_DONE:
        case MOVE_HOOK_FAILS:
                return b->hook != HOOK_NONE;
        case MOVE_TAKE:
        case MOVE_TICK:
        case MOVE_ELAPSED:
                return move.process == 0 && can_loop(m, move.kind);
        default:
                return can_speak(m, move);
        }
}

bool model_is_forced(const Model *m, Move move) {
        const Body *b = &m->bodies[move.process];

        switch (move.kind) {
        case MOVE_TAKE:
        case MOVE_TICK:
        case MOVE_ELAPSED:
                return true;
        case MOVE_DIE:
        case MOVE_DIE_LEAVING:
                return b->leader_doomed;
        case MOVE_EMPTIED:
                return b->rest_doomed;
        case MOVE_HOOK_FAILS:
                return b->hook_doomed;
        default:
                return false;
        }
}
