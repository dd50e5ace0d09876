#include "rules.h"

#include <signal.h>

#include "laws.h"

static bool is_leaving(const Process *p) {
        return phase_has_child(p->phase) && (p->stop_due || p->asked);
}

/* Is somebody in a wave below (or above) that of @i on its way out (to come up again)? */
static bool somebody_leaves(const World *w, size_t i, bool below) {
        size_t wave = engine_get(w->engine, i)->wave;

        for (size_t k = 0; k < engine_size(w->engine); k++) {
                const Process *q = engine_get(w->engine, k);

                if (!q->config || q->wave == NO_WAVE || !is_leaving(q))
                        continue;
                if (below ? q->wave < wave && q->goal == GOAL_UP : q->wave > wave)
                        return true;
        }
        return false;
}

static uint64_t usec_of(int64_t configured) {
        return configured == DURATION_INFINITY ? USEC_INFINITY : (uint64_t)MAX(configured, 0);
}

static uint64_t from_now(const World *w, uint64_t usec) {
        return usec == USEC_INFINITY ? USEC_INFINITY : w->now_usec + usec;
}

static uint64_t grace_of(const World *w, const ProcessConfig *config) {
        uint64_t grace = usec_of(config->settings->stopwait_usec);

        return w->mode >= SHUTDOWN_FAST ? MIN(grace, w->rules.fast_usec) : grace;
}

static void check_spawn(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        if (b->alive)
                world_break(w, i, "two instances of one process");
        if (w->mode != SHUTDOWN_NONE)
                world_break(w, i, "a spawn after shutdown began");
        if (!b->must_spawn && !b->retries)
                world_break(w, i, "a spawn that nobody wants");
        if (!b->must_spawn && w->now_usec < b->not_before_usec)
                world_break(w, i, "a start by itself before its time");
        if (p->config != b->latest)
                world_break(w, i, "a spawn with a configuration that was replaced");
        if (!w->busy && (p->wave == NO_WAVE || somebody_leaves(w, i, /* below= */ true)))
                world_break(w, i, "a spawn before its turn");

        b->alive = true;
        b->spawned_usec = w->now_usec;
        b->must_spawn = b->retries = b->started = b->was_up = b->killed_by_order = false;
        b->exit = (ProcessExit){};
        b->told_usec = b->killed_usec = 0;
        b->failed = b->ends_itself = false;
        b->watchdog_usec = 0;
        b->life_usec = USEC_INFINITY;
        b->limit_usec = b->late_usec = b->up_usec = USEC_INFINITY;
        if (p->config->settings->type == PROCESS_TYPE_FORKING)
                b->late_usec = from_now(w, usec_of(p->config->settings->readiness_timeout_usec));
        else
                b->up_usec = from_now(w, usec_of(p->config->settings->startsecs_usec));
}

static void check_signal(World *w, const Action *a) {
        const Process *p = engine_get(w->engine, a->process);
        Watch *b = &w->watches[a->process];

        if (!b->alive || !b->started)
                world_break(w, a->process, "a signal to nobody");
        if (a->scope != SCOPE_TREE && !b->child.leader)
                world_break(w, a->process, "a signal to a leader that is gone");
        if (!w->busy && a->signal != p->config->settings->stopsignal &&
            (a->signal != SIGTERM || a->scope != SCOPE_TREE))
                world_break(w, a->process, "not its stop signal");
        if (b->told_usec)
                return;

        if (!w->busy && p->asked && p->phase == PHASE_STOPPING &&
            somebody_leaves(w, a->process, /* below= */ false))
                world_break(w, a->process, "told to stop before its turn");
        b->told_usec = w->now_usec;
        b->limit_usec = from_now(w, grace_of(w, p->config));
}

static void check_kill(World *w, const Action *a) {
        const Process *p = engine_get(w->engine, a->process);
        Watch *b = &w->watches[a->process];

        if (w->busy && !b->told_usec) { /* the leader was gone before the signal to it was sent */
                b->told_usec = p->run.asked_usec;
                b->limit_usec =
                        from_now(w, grace_of(w, p->config)); /* time stands still meanwhile */
        }
        if (!b->alive || !b->started)
                world_break(w, a->process, "a SIGKILL to nobody");
        if (!b->killed_by_order && !b->killed_usec &&
            (!b->told_usec || w->now_usec < b->limit_usec))
                world_break(w, a->process, "a SIGKILL before the grace was over");
        if (b->killed_usec && w->subject != a->process && w->mode != SHUTDOWN_NOW && !w->busy &&
            w->now_usec < b->killed_usec + KILL_AGAIN_USEC)
                world_break(w, a->process, "SIGKILL repeated too soon");
        if (a->scope != SCOPE_TREE &&
            (p->config->settings->kill_mode != KILL_MODE_PROCESS || p->run.leader_gone))
                world_break(w, a->process, "a SIGKILL that misses a part of the tree");
        b->killed_usec = w->now_usec;
}

/* It was told to end before its spawn was performed. */
static void book_unborn(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        if (!w->busy)
                world_break(w, i, "an end without a run");
        if (b->replaced)
                b->failures = 0;
        b->exit = (ProcessExit){};
        b->leaving = is_leaving(p);
        b->replaced = p->next_config != NULL;
}

/* It is stopped: if that is for being overdue, that has to be so. */
static void check_failure(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        Watch *b = &w->watches[i];

        if (p->run.failure == FAILURE_WATCHDOG || p->run.failure == FAILURE_LINGERING) {
                if (w->now_usec < b->life_usec)
                        world_break(w, i, "taken for failed before its time");
                b->failed = true;
        }
        if ((p->run.failure != FAILURE_NONE) != b->failed)
                world_break(w, i, "a failure that is none, or is not known");
}

static void check_changed(World *w, const Action *a) {
        Watch *b = &w->watches[a->process];

        if (a->from != b->shown || a->to == a->from)
                world_break(w, a->process, "a change from a state it did not have");
        if (a->to == STATE_RUNNING) {
                if (!b->started || (!w->busy && b->exit.kind == EXIT_SPAWN_FAILED) ||
                    w->now_usec < b->up_usec)
                        world_break(w, a->process, "RUNNING without having stayed up");
                b->was_up = true;
                if (b->watchdog_usec > 0)
                        b->life_usec = w->now_usec + b->watchdog_usec;
                return;
        }
        if (!b->alive && !b->has_ended && a->to == STATE_STOPPED && a->from != STATE_BACKOFF)
                book_unborn(w, a->process);
        if (a->to == STATE_STOPPING) { /* no end, though it may be told after one */
                check_failure(w, a->process);
                return;
        }
        if (b->has_ended && a->to != b->ended_as)
                world_break(w, a->process, "its end shows as another state than it has to");
        b->has_ended = false;
}

void rules_check_action(World *w, const Action *a) {
        if (w->rich) {
                laws_check_action(w, a);
                return;
        }
        switch (a->kind) {
        case ACTION_SPAWN:
                check_spawn(w, a->process);
                return;
        case ACTION_SIGNAL:
                check_signal(w, a);
                return;
        case ACTION_KILL:
                check_kill(w, a);
                return;
        case ACTION_CHANGED:
                check_changed(w, a);
                return;
        case ACTION_HOOK:
        case ACTION_HOOK_SIGNAL:
        case ACTION_WAITING:
        case ACTION_FOLLOWS:
                return;
        case ACTION_REMOVED:
                if (w->watches[a->process].alive || !engine_get(w->engine, a->process)->removed)
                        world_break(w, a->process, "removed, but not down for good");
                return;
        }
}

static void check_deadline(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        const Watch *b = &w->watches[i];
        uint64_t deadline = engine_process_deadline(w->engine, i), wanted = USEC_INFINITY;

        switch (p->phase) {
        case PHASE_STARTING:
                wanted = p->run.main_known ? b->up_usec : b->late_usec;
                break;
        case PHASE_STOPPING:
        case PHASE_CLEARING:
                wanted = b->limit_usec;
                break;
        case PHASE_KILLING:
                wanted = b->killed_usec + KILL_AGAIN_USEC;
                break;
        case PHASE_BACKOFF:
        case PHASE_PAUSING:
                if (!b->retries && !b->must_spawn)
                        world_break(w, i, "waits for a start that nobody wants");
                if (p->start_due && deadline == USEC_INFINITY)
                        return;
                if (deadline < b->not_before_usec || deadline > b->not_after_usec)
                        world_break(w, i, "a start by itself with another delay than configured");
                return;
        case PHASE_PREPARING: /* nothing here has hooks */
        case PHASE_CANCELLING:
        case PHASE_DRAINING:
        case PHASE_CLEANING:
                world_break(w, i, "runs a hook that it does not have");
                return;
        case PHASE_RUNNING:
                wanted = b->life_usec;
                break;
        case PHASE_STOPPED:
        case PHASE_EXITED:
        case PHASE_FATAL:
        case _PHASE_MAX:
                break;
        }
        if (deadline != wanted)
                world_break(w, i, "a deadline that does not fit its phase");
}

/* Nobody waits for a turn that nobody holds up, and no order is forgotten. */
static void check_turns(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        const Watch *b = &w->watches[i];

        if (p->start_due && p->wave != NO_WAVE && !somebody_leaves(w, i, /* below= */ true))
                world_break(w, i, "waits to start for nobody");
        if (p->stop_due && !somebody_leaves(w, i, /* below= */ false))
                world_break(w, i, "waits to stop for nobody");
        if (b->must_spawn && !b->alive && !p->start_due)
                world_break(w, i, "its start is forgotten");
        if (b->retries && !b->must_spawn && !b->alive && !p->start_due &&
            (engine_process_deadline(w->engine, i) > b->not_after_usec ||
             w->elapsed_usec > b->not_after_usec))
                world_break(w, i, "its start by itself is forgotten");
        if (p->start_due && !b->must_spawn && !b->retries)
                world_break(w, i, "to be started, but nobody wants that");
        if (b->leaving != is_leaving(p))
                world_break(w, i,
                            b->leaving ? "its stop is forgotten"
                                       : "to be stopped, but nobody wants that");
}

static void check_process(World *w, size_t i) {
        const Process *p = engine_get(w->engine, i);
        const Watch *b = &w->watches[i];

        if (phase_has_child(p->phase) != b->alive || b->alive == virtual_is_empty(&b->child))
                world_break(w, i, "its phase and its tree do not agree");
        if (phase_to_state(p->phase) != b->shown || b->has_ended)
                world_break(w, i, "a change of state was not told");
        if (b->told_usec && !b->killed_usec && b->alive && w->elapsed_usec > b->limit_usec)
                world_break(w, i, "no SIGKILL after the grace");
        if ((p->next_config ? p->next_config : p->config) != b->latest ||
            b->replaced != (p->next_config != NULL))
                world_break(w, i, "not the configuration it was given");
        if (p->failures != b->failures)
                world_break(w, i, "miscounts its failed starts");
        if (!b->alive && p->ended_usec &&
            (p->exit.kind != b->exit.kind || p->exit.value != b->exit.value))
                world_break(w, i, "shows another end than it had");
        check_deadline(w, i);
        check_turns(w, i);
}

/* To be up, but neither up nor ended by itself nor given up. */
static bool is_unsettled(const Process *p, const Watch *b) {
        if (p->goal == GOAL_DOWN)
                return false;
        if (p->start_due)
                return true;
        if (b->shown == STATE_EXITED && b->retries)
                return b->ends_itself; /* else it was up */
        if ((p->phase == PHASE_RUNNING && !b->ends_itself) || p->phase == PHASE_EXITED ||
            p->phase == PHASE_FATAL)
                return false;
        return p->config->settings->startretries != -1 || p->failures < 3;
}

/* To be up, but neither ready nor at a good end. */
static bool is_missing(const Process *p, const Watch *b) {
        if (p->goal == GOAL_DOWN)
                return false;
        if (b->shown == STATE_EXITED && !b->retries && !p->start_due)
                return b->failed || b->exit.kind != EXIT_STATUS || b->exit.value != 0;
        return p->phase != PHASE_RUNNING || b->ends_itself;
}

static void check_books(World *w) {
        bool down = true, settled = true, ready = w->mode == SHUTDOWN_NONE;

        for (size_t i = 0; i < engine_size(w->engine); i++) {
                const Process *p = engine_get(w->engine, i);

                if (w->watches[i].used != (p->config != NULL))
                        world_break(w, i, "an entry that should not be");
                if (!p->config || world_is_broken(w))
                        continue;
                check_process(w, i);
                down &= !w->watches[i].alive;
                settled &= !is_unsettled(p, &w->watches[i]);
                ready &= !is_missing(p, &w->watches[i]);
        }
        if (engine_is_down(w->engine) != down)
                world_break(w, w->subject, "engine_is_down() is wrong");
        if (engine_is_settled(w->engine) != settled)
                world_break(w, w->subject, "engine_is_settled() is wrong");
        if (engine_is_ready(w->engine) != ready)
                world_break(w, w->subject, "engine_is_ready() is wrong");
}

void rules_check_step(World *w) {
        if (w->rich)
                laws_check_step(w);
        else
                check_books(w);
        if (w->n_still > 500)
                world_break(w, w->subject, "busy without an end");
        if (!engine_is_down(w->engine) && w->now_usec > w->bound_usec)
                world_break(w, w->subject, "the shutdown takes longer than announced");
}
