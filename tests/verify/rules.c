/* What has to hold in every state, judged by what the bodies and the watches know. */
#include <signal.h>

#include "core/engine-internal.h"
#include "model.h"

static const Process *get(const Model *m, size_t i) {
        return engine_get(m->engine, i);
}

static bool has_tree(const Body *b) {
        return b->leader || b->rest;
}

static uint64_t later(uint64_t from_usec, int64_t usec) {
        return usec == DURATION_INFINITY ? USEC_INFINITY : from_usec + (uint64_t)MAX(usec, 0);
}

/* May graces be shorter than configured, so that all ends in time? */
static bool may_be_cut(const Model *m) {
        return m->mode != SHUTDOWN_NONE && m->scenario->rules.timeout_usec != USEC_INFINITY;
}

/* ---------------------------------------------------------------- actions */

/* The first thing that is begun for a run. */
static void check_start(Model *m, const Process *p, const Body *b) {
        if (m->mode != SHUTDOWN_NONE)
                model_break(m, "a start after shutdown began");
        if (has_tree(b) || b->hook != HOOK_NONE)
                model_break(m, "two instances of one process");
        if (p->next_config)
                model_break(m, "a start with a configuration that was replaced");
}

static void begin_run(Watch *w) {
        *w = (Watch){ .shown = w->shown,
                      .failures = w->failures,
                      .replaced = w->replaced,
                      .ends = w->ends,
                      .told_down = w->told_down,
                      .spawned_usec = w->spawned_usec,
                      .limit_usec = w->limit_usec };
}

static void check_hook(Model *m, const Action *a) {
        const Process *p = get(m, a->process);
        const Body *b = &m->bodies[a->process];
        Watch *w = &m->watches[a->process];

        if (b->hook != HOOK_NONE)
                model_break(m, "two hooks at once");
        switch (a->hook) {
        case HOOK_PRE_START:
                check_start(m, p, b);
                begin_run(w);
                return;
        case HOOK_PRE_STOP:
                if (!has_tree(b) || !w->was_up || w->killed)
                        model_break(m, "pre_stop_command out of its turn");
                return;
        case HOOK_POST_STOP:
                if (has_tree(b) || m->mode == SHUTDOWN_NOW)
                        model_break(m, "post_stop_command out of its turn");
                return;
        case HOOK_NONE:
                model_break(m, "no hook");
        }
}

static void check_hook_signal(Model *m, const Action *a) {
        const Body *b = &m->bodies[a->process];
        const Watch *w = &m->watches[a->process];

        if (b->hook == HOOK_NONE)
                model_break(m, "a signal to a hook that does not run");
        if (b->hook_doomed && a->signal != SIGKILL)
                model_break(m, "a milder signal to a hook that was killed");
        if (a->signal == SIGKILL && b->hook == HOOK_PRE_START && !w->killable && !may_be_cut(m) &&
            m->now_usec < w->limit_usec)
                model_break(m, "pre_start_command is killed before the grace is over");
}

static void check_kill(Model *m, const Action *a) {
        const Process *p = get(m, a->process);
        const Body *b = &m->bodies[a->process];
        const Watch *w = &m->watches[a->process];

        if (!has_tree(b) || (a->scope != SCOPE_TREE && !b->leader))
                model_break(m, "a SIGKILL to nobody");
        if (a->scope != SCOPE_TREE && p->config->settings->kill_mode != KILL_MODE_PROCESS)
                model_break(m, "a SIGKILL that misses a part of the tree");
        if (w->killable || w->killed)
                return;
        if (m->now_usec < w->limit_usec && !may_be_cut(m))
                model_break(m, "a SIGKILL before the grace is over");
        if (!p->config->settings->send_sigkill)
                model_break(m, "a SIGKILL to one that is to have none");
}

static void check_signal(Model *m, const Action *a) {
        const Body *b = &m->bodies[a->process];
        const Watch *w = &m->watches[a->process];

        if (!has_tree(b) || (a->scope != SCOPE_TREE && !b->leader))
                model_break(m, "a signal to nobody");
        if (w->killed)
                model_break(m, "another signal after SIGKILL");
        if (!w->ends)
                model_break(m, "a signal without a stop that has begun");
}

/* Failed starts are counted, and lead to FATAL neither too early nor too late. */
static void count_failure(Model *m, const Action *a) {
        const Process *p = get(m, a->process);
        Watch *w = &m->watches[a->process];
        int64_t most = p->config->settings->startretries;

        if (a->to == STATE_BACKOFF)
                w->failures++;
        if (a->to == STATE_BACKOFF && most != -1 && w->failures > most)
                model_break(m, "tried again more often than configured");
        if (a->to == STATE_FATAL && (most == -1 || w->failures < most))
                model_break(m, "given up too early");
        if (a->to == STATE_EXITED || a->to == STATE_FATAL ||
            (a->to == STATE_STOPPED && a->from != STATE_BACKOFF && w->was_up) || w->replaced)
                w->failures = 0;
        w->replaced = false;
}

/* ---------------------------------------------------------------- restarts after an exit */

static bool restarts(const Watch *w, const ProcessConfig *c) {
        return c->settings->type != PROCESS_TYPE_ONESHOT &&
               (c->settings->autorestart == AUTORESTART_TRUE ||
                (c->settings->autorestart == AUTORESTART_UNEXPECTED &&
                 (w->failed || !exit_is_expected(c, &w->exit))));
}

/* It is EXITED now. */
static void book_restart(Model *m, size_t i) {
        const ProcessConfig *c = get(m, i)->config;
        Watch *w = &m->watches[i];
        int64_t least = MIN(c->settings->backoff_min_usec, c->settings->backoff_max_usec);

        w->nudged = !w->by_itself;
        w->restart_usec = USEC_INFINITY;
        if (w->by_itself && restarts(w, c))
                w->restart_usec = MAX(m->now_usec, later(w->spawned_usec, least));
}

/* An order that may start something, be it along with another. */
static bool move_starts(MoveKind kind) {
        return kind == MOVE_START || kind == MOVE_RESTART || kind == MOVE_REPLACE ||
               kind == MOVE_REPLACE_BACK || kind == MOVE_ADD;
}

void rules_look_at(Model *m, Move move) {
        Watch *about = &m->watches[move.process];

        if (m->scenario->lazy) /* what is shown is not what is */
                return;
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                const Process *p = get(m, i);
                Watch *w = &m->watches[i];

                w->by_itself = p->goal == GOAL_UP && !p->stop_due && !p->asked && !p->again;
                w->nudged |= move_starts(move.kind);
                if (move.kind >= MOVE_SHUTDOWN && move.kind <= MOVE_SHUTDOWN_NOW)
                        w->restart_usec = USEC_INFINITY;
        }
        if (move.kind == MOVE_STOP ||
            ((move.kind == MOVE_UPDATE || move.kind == MOVE_UPDATE_BACK) &&
             !restarts(about, m->configs[move.process][move.kind == MOVE_UPDATE])))
                about->restart_usec = USEC_INFINITY;
}

/* Its time has not come, or it never will, and nobody has ordered so. */
static void check_restart(Model *m, size_t i) {
        const Watch *w = &m->watches[i];

        if (!w->nudged && m->now_usec < w->restart_usec)
                model_break(m, "restarted too soon after its last start");
}

/* ---------------------------------------------------------------- changes of state */

static void check_changed(Model *m, const Action *a) {
        const Body *b = &m->bodies[a->process];
        Watch *w = &m->watches[a->process];

        if (a->from != w->shown || a->to == a->from)
                model_break(m, "a change from a state that it did not have");
        if (a->from == STATE_EXITED && !m->scenario->lazy)
                check_restart(m, a->process);
        switch (a->to) {
        case STATE_RUNNING:
                w->was_up = true;
                return;
        case STATE_STOPPED:
        case STATE_EXITED:
        case STATE_BACKOFF:
        case STATE_FATAL:
                if (has_tree(b) || b->hook != HOOK_NONE)
                        model_break(m, "shown as down while something of it runs");
                if (w->told_down && !m->scenario->lazy && a->to != STATE_STOPPED)
                        model_break(m, "told to stop, but not shown as STOPPED");
                w->told_down = false;
                if (m->scenario->lazy)
                        return;
                count_failure(m, a);
                if (a->to == STATE_EXITED)
                        book_restart(m, a->process);
                return;
        default:
                return;
        }
}

void rules_check_action(Model *m, const Action *a) {
        const Process *p = get(m, a->process);

        switch (a->kind) {
        case ACTION_SPAWN:
                check_start(m, p, &m->bodies[a->process]);
                if (p->config->depends_on.n > 0 && m->watches[0].shown != STATE_RUNNING)
                        model_break(m, "started before what it depends on");
                if (!p->config->settings->pre_start.argv)
                        begin_run(&m->watches[a->process]);
                m->watches[a->process].spawned_usec = m->now_usec;
                return;
        case ACTION_SIGNAL:
                check_signal(m, a);
                return;
        case ACTION_KILL:
                check_kill(m, a);
                return;
        case ACTION_HOOK:
                check_hook(m, a);
                return;
        case ACTION_HOOK_SIGNAL:
                check_hook_signal(m, a);
                return;
        case ACTION_CHANGED:
                check_changed(m, a);
                return;
        case ACTION_WAITING:
        case ACTION_FOLLOWS:
                if (m->mode != SHUTDOWN_NONE)
                        model_break(m, "waits or follows in a shutdown");
                return;
        case ACTION_REMOVED:
                if (has_tree(&m->bodies[a->process]) || m->bodies[a->process].hook != HOOK_NONE ||
                    !p->removed)
                        model_break(m, "removed, but not down for good");
        }
}

/* ---------------------------------------------------------------- one process */

/* What a stop of @p may take that begins now. */
static uint64_t limit_of(const Model *m, const Process *p, bool is_hook) {
        uint64_t usec = later(0, process_config_grace_usec(p->config));
        bool lenient = !p->config->settings->send_sigkill && !is_hook;

        if (is_hook && usec == USEC_INFINITY)
                usec = HOOK_LAST_USEC;
        if (m->mode >= SHUTDOWN_FAST && !lenient)
                usec = MIN(usec, m->scenario->rules.fast_usec);
        return usec == USEC_INFINITY ? usec : m->now_usec + usec;
}

static void follow(Model *m, size_t i) {
        const Process *p = get(m, i);
        Watch *w = &m->watches[i];
        bool was_ending = w->ends;

        w->ends = phase_is_ending(p->phase);
        if (!w->ends)
                w->limit_usec = USEC_INFINITY;
        else if (!was_ending) {
                w->limit_usec = limit_of(m, p, p->phase == PHASE_CANCELLING);
                w->lenient = !p->config->settings->send_sigkill;
                if (m->mode == SHUTDOWN_GRACEFUL && m->now_usec < m->drain_end_usec && p->asked &&
                    p->phase != PHASE_CLEANING && !w->killable)
                        model_break(m, "told to stop before the drain is over");
        }
        if (w->failed ||
            (p->run.failure != FAILURE_LINGERING && p->run.failure != FAILURE_WATCHDOG))
                return;
        if (!w->leaves && p->run.watchdog_usec == 0)
                model_break(m, "taken for failed without a reason");
        w->failed = true;
}

void rules_follow(Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                if (get(m, i)->config)
                        follow(m, i);
}

static void check_truth(Model *m, size_t i) {
        const Process *p = get(m, i);
        const Body *b = &m->bodies[i];
        const Watch *w = &m->watches[i];
        bool is_coming = m->has_pending && (p->run.unborn || p->run.hook_waits);

        if (has_tree(b) && !phase_has_tree(p->phase))
                model_break(m, "something of its tree lives in a phase without");
        if (p->phase == PHASE_RUNNING && !b->leader)
                model_break(m, "RUNNING without a main process");
        if (b->hook != HOOK_NONE && (p->run.hook != b->hook || !phase_has_child(p->phase)))
                model_break(m, "a hook runs that the engine does not know");
        if (phase_has_child(p->phase) && !has_tree(b) && b->hook == HOOK_NONE && !is_coming)
                model_break(m, "waits for the end of something that is over");
        if (!m->has_pending && phase_to_state(p->phase) != w->shown)
                model_break(m, "a change of state was not told");
        if (p->removed && !phase_has_child(p->phase) && !m->has_pending)
                model_break(m, "down for good, but not told so");
        if (m->mode != SHUTDOWN_NONE && (p->goal == GOAL_UP || p->start_due || p->again))
                model_break(m, "to come up although shutdown has begun");
}

/* The SIGKILL comes when the grace is over, as soon as the loop has looked at the time. */
static void check_grace(Model *m, size_t i) {
        const Process *p = get(m, i);
        const Watch *w = &m->watches[i];
        const Body *b = &m->bodies[i];

        if (!has_tree(b) || w->killed || w->lenient || !p->config->settings->send_sigkill ||
            !phase_is_ending(p->phase) || m->has_pending ||
            engine_deadline(m->engine) <= m->now_usec)
                return;
        if (m->now_usec >= w->limit_usec)
                model_break(m, "no SIGKILL after the grace");
}

/* ---------------------------------------------------------------- all of them */

static bool is_ready(const Model *m, size_t i) {
        const Process *p = get(m, i);
        const Watch *w = &m->watches[i];

        if (p->phase == PHASE_EXITED && !p->start_due)
                return !w->failed && exit_is_expected(p->config, &w->exit);
        return p->phase == PHASE_RUNNING && !w->leaves &&
               (w->said_ready || p->config->settings->readiness.kind == READINESS_STARTSECS);
}

bool model_is_settled(const Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                const Process *p = get(m, i);

                if (!p->config || p->goal == GOAL_DOWN || engine_is_waiting(m->engine, i, NULL))
                        continue;
                if (p->start_due || (p->phase != PHASE_EXITED && p->phase != PHASE_FATAL &&
                                     (p->phase != PHASE_RUNNING || !is_ready(m, i))))
                        return false;
        }
        return true;
}

static void check_counters(Model *m) {
        const Engine *e = m->engine;
        size_t n_alive = 0, n_unsettled = 0, n_missing = 0, n_free = 0;
        bool is_missing = false;

        for (size_t i = 0; i < e->n_processes; i++) {
                const Process *p = get(m, i);

                if (!p->config) {
                        n_free++;
                        continue;
                }
                n_alive += phase_has_child(p->phase);
                n_unsettled += process_is_unsettled(e, p);
                n_missing += process_is_missing(p);
                is_missing |= p->goal == GOAL_UP && !is_ready(m, i);
        }
        if (n_alive != e->n_alive || n_unsettled != e->n_unsettled || n_missing != e->n_missing ||
            n_free != e->n_free)
                model_break(m, "a counter is wrong");
        if (engine_is_ready(e) != (!is_missing && m->mode == SHUTDOWN_NONE) && !m->has_pending)
                model_break(m, "engine_is_ready() is wrong");
        if (engine_is_settled(e) && !m->has_pending)
                for (size_t i = 0; i < e->n_processes; i++)
                        if (get(m, i)->config && get(m, i)->goal == GOAL_UP &&
                            get(m, i)->phase == PHASE_STARTING && get(m, i)->failures == 0)
                                model_break(m, "engine_is_settled() is wrong");
}

/* Whose turn it is, counted anew. */
static void check_turns(Model *m) {
        const Engine *e = m->engine;

        for (size_t w = 0; w < e->plan->n_waves; w++) {
                size_t n_stop = 0, n_leaving = 0;

                for (size_t i = 0; i < e->n_processes; i++) {
                        const Process *p = get(m, i);

                        if (!p->config || p->wave != w)
                                continue;
                        n_stop += p->stop_due;
                        n_leaving += phase_has_child(p->phase) && (p->stop_due || p->asked);
                }
                if (schedule_get(e->schedule, w, DUE_STOP) != n_stop ||
                    schedule_get(e->schedule, w, DUE_LEAVING) != n_leaving)
                        model_break(m, "whose turn it is, is miscounted");
        }
}

/* Nobody waits for a turn that nobody holds up. */
static void check_waits(Model *m, size_t i) {
        const Process *p = get(m, i);
        bool is_last = true;

        for (size_t k = 0; k < m->scenario->n_processes; k++)
                is_last &= k == i || !phase_has_child(get(m, k)->phase);
        if (!is_last || m->has_pending)
                return;
        if (phase_comes_back(p->phase) && p->goal == GOAL_DOWN)
                model_break(m, "to be down, but it will come back");
        if (p->stop_due && !engine_is_draining(m->engine))
                model_break(m, "waits to stop for nobody");
        if (p->start_due && !phase_has_child(p->phase) && !engine_is_waiting(m->engine, i, NULL))
                model_break(m, "waits to start for nobody");
        if (p->goal == GOAL_UP && !p->start_due &&
            (p->phase == PHASE_STOPPED ||
             (p->phase == PHASE_BACKOFF && engine_process_deadline(m->engine, i) == USEC_INFINITY)))
                model_break(m, "to be up, but nothing will start it");
        if (p->goal == GOAL_UP && !p->start_due && m->watches[i].shown == STATE_EXITED &&
            !m->scenario->lazy && m->watches[i].restart_usec != USEC_INFINITY &&
            engine_process_deadline(m->engine, i) > m->watches[i].restart_usec)
                model_break(m, "its restart is forgotten");
}

/* No process of a wave is asked while one that depends on it, or of a higher wave, is there. */
static void check_order(Model *m, size_t i) {
        const Process *p = get(m, i);

        if (m->mode == SHUTDOWN_NONE || m->mode == SHUTDOWN_NOW || m->watches[i].killable ||
            !p->config || !p->asked || p->phase != PHASE_STOPPING)
                return;
        for (size_t k = 0; k < m->scenario->n_processes; k++)
                if (get(m, k)->wave > p->wave && get(m, k)->stop_due)
                        model_break(m, "told to stop before one that depends on it");
}

static void check_references(Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                for (size_t v = 0; v < 2; v++) {
                        const ProcessConfig *c = m->configs[i][v];
                        unsigned n = 1;

                        n += (get(m, i)->config == c) + (get(m, i)->next_config == c);
                        if (c->n_ref != n)
                                model_break(m, "a reference to a configuration is lost");
                }
}

/* The shutdown has to be over when it was announced to be, SIGKILLs taking as long as they may. */
static void check_bound(Model *m) {
        /* The leader, what escaped its SIGKILL, pre_stop_command, post_stop_command. */
        const uint64_t slack = 4 * KILL_LATE_USEC + KILL_AGAIN_USEC;
        uint64_t usec;

        if (m->mode == SHUTDOWN_NONE || m->scenario->waits)
                return;
        if (m->bound_usec == 0) {
                usec = m->mode == SHUTDOWN_NOW ? 0
                                               : engine_remaining_stop_usec(m->engine, m->now_usec);
                m->bound_usec = usec == USEC_INFINITY
                                        ? usec
                                        : m->now_usec + usec + slack * m->scenario->n_processes;
        }
        if (!engine_is_down(m->engine) && m->now_usec > m->bound_usec)
                model_break(m, "the shutdown takes longer than announced");
}

void rules_check(Model *m, Move move) {
        if (move.kind == MOVE_ELAPSED && engine_deadline(m->engine) < m->now_usec)
                model_break(m, "a deadline in the past");
        if (move.kind >= MOVE_SHUTDOWN && move.kind <= MOVE_SHUTDOWN_NOW)
                m->bound_usec = 0;
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                if (!get(m, i)->config)
                        continue;
                check_truth(m, i);
                check_grace(m, i);
                check_waits(m, i);
                check_order(m, i);
        }
        check_counters(m);
        check_turns(m);
        check_bound(m);
        check_references(m);
}
