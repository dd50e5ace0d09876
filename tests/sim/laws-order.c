/* After each step: who waits for whom, who follows whom, and nothing is forgotten. */
#include "laws.h"

static const Process *get(const World *w, size_t i) {
        return engine_get(w->engine, i);
}

static bool is_prompt(const World *w) {
        return !w->busy && !w->lazy;
}

/* ---------------------------------------------------------------- dependencies */

bool laws_is_dependency(const ProcessConfig *user, const ProcessConfig *other, bool lasting) {
        for (size_t k = 0; k < user->depends_on.n; k++)
                if (user->depends_on.items[k].name[0] == other->name[0] &&
                    !(lasting && user->depends_on.items[k].condition == DEPENDENCY_EXITED))
                        return true;
        return false;
}

bool laws_ended_well(const World *w, size_t i) {
        const Watch *b = &w->watches[i];

        return b->exit.kind == EXIT_STATUS && !get(w, i)->exit_failed &&
               process_config_expects(get(w, i)->config, b->exit.value);
}

static bool condition_holds(const World *w, size_t i, DependencyCondition condition) {
        const Watch *b = &w->watches[i];
        const Process *p = get(w, i);
        bool runs = b->alive && b->started &&
                    (b->shown == STATE_STARTING || b->shown == STATE_RUNNING) && !p->stop_due;
        bool exited =
                b->shown == STATE_EXITED && p->phase != PHASE_PAUSING && laws_ended_well(w, i);
        bool done = exited && p->config->settings->type == PROCESS_TYPE_ONESHOT;

        switch (condition) {
        case DEPENDENCY_STARTED:
                return (runs && b->law.main) || done;
        case DEPENDENCY_READY:
                return (runs && b->law.ready) || done;
        case DEPENDENCY_EXITED:
                return exited;
        }
        return false;
}

/* Of the entries that count under the name @letter, [*ret_i] is the next one after it; false if
 * there is none. */
static bool next_named(const World *w, char letter, size_t *ret_i) {
        for (size_t j = *ret_i == SIZE_MAX ? 0 : *ret_i + 1; j < engine_size(w->engine); j++)
                if (w->watches[j].used && w->watches[j].letter == letter && !get(w, j)->spare) {
                        *ret_i = j;
                        return true;
                }
        return false;
}

bool laws_conditions_hold(const World *w, size_t i) {
        const ProcessConfig *c = get(w, i)->config;

        for (size_t k = 0; k < c->depends_on.n; k++) {
                const Dependency *d = &c->depends_on.items[k];
                size_t j = SIZE_MAX;

                while (next_named(w, d->name[0], &j))
                        if (!condition_holds(w, j, d->condition))
                                return false;
                if (j == SIZE_MAX)
                        return false;
        }
        return true;
}

static bool is_leaving(const Process *p) {
        return phase_has_child(p->phase) && (p->stop_due || p->asked);
}

/* Is somebody in a wave below (or above) that of @i on its way out (to come up again)? */
static bool somebody_leaves(const World *w, size_t i, bool below) {
        size_t wave = get(w, i)->wave;

        for (size_t k = 0; k < engine_size(w->engine); k++) {
                const Process *q = get(w, k);

                if (!q->config || q->wave == NO_WAVE || !is_leaving(q))
                        continue;
                if (below ? q->wave < wave && q->goal == GOAL_UP : q->wave > wave)
                        return true;
        }
        return false;
}

/* What has exited comes again when it has to, not later. */
static void check_restart(World *w, size_t i) {
        const Process *p = get(w, i);
        const Watch *b = &w->watches[i];
        uint64_t usec = b->law.restart_usec;

        if (b->shown != STATE_EXITED)
                return;
        if (p->phase == PHASE_PAUSING && (p->goal != GOAL_UP || usec == USEC_INFINITY))
                world_break(w, i, "waits for a restart that nobody wants");
        if (p->goal == GOAL_UP && b->law.by_itself && usec != USEC_INFINITY && !p->start_due &&
            (engine_process_deadline(w->engine, i) > usec || w->elapsed_usec >= usec))
                world_break(w, i, "its restart is forgotten");
}

static void check_turns(World *w, size_t i) {
        const Process *p = get(w, i);
        bool drains = engine_is_draining(w->engine);

        if (w->uncommitted || p->wave == NO_WAVE)
                return;
        if (p->start_due && !w->cyclic && !somebody_leaves(w, i, /* below= */ true) &&
            laws_conditions_hold(w, i))
                world_break(w, i, "waits to start for nobody");
        if (p->stop_due && !drains && !somebody_leaves(w, i, /* below= */ false))
                world_break(w, i, "waits to stop for nobody");
        if (p->goal == GOAL_UP && p->phase == PHASE_STOPPED && !p->start_due && !p->removed)
                world_break(w, i, "its start is forgotten");
        if (p->phase == PHASE_BACKOFF && !p->start_due &&
            engine_process_deadline(w->engine, i) == USEC_INFINITY)
                world_break(w, i, "its retry is forgotten");
        if (p->again && !is_leaving(p) && !phase_is_ending(p->phase))
                world_break(w, i, "to be started again, but nobody stops it");
        if (w->mode != SHUTDOWN_NONE && (p->start_due || p->goal == GOAL_UP))
                world_break(w, i, "to be up in a shutdown");
        if (w->mode != SHUTDOWN_NONE && phase_has_child(p->phase) && !p->stop_due &&
            !phase_is_ending(p->phase) && !p->asked)
                world_break(w, i, "forgotten by the shutdown");
}

/* ---------------------------------------------------------------- times */

static void check_hook_time(World *w, size_t i) {
        const Watch *b = &w->watches[i];
        const Hook *h = &b->hook;

        if (!h->runs || h->killed)
                return;
        if (w->elapsed_usec > h->limit_usec &&
            !(h->kind == HOOK_PRE_START && h->told && b->law.updated))
                world_break(w, i, h->told ? "a hook is not killed" : "a hook is not ended");
        if (h->kind == HOOK_PRE_STOP && w->elapsed_usec > b->law.limit_usec)
                world_break(w, i, "pre_stop_command goes on beyond the grace");
}

static void check_times(World *w, size_t i) {
        const Process *p = get(w, i);
        const Watch *b = &w->watches[i];
        const Law *l = &b->law;
        uint64_t deadline = engine_process_deadline(w->engine, i);

        if (b->alive && b->started && phase_is_ending(p->phase) && !b->killed_usec &&
            !l->was_lenient && !l->updated && (is_prompt(w) || !l->extended) &&
            w->elapsed_usec > l->limit_usec)
                world_break(w, i, "no SIGKILL after the grace");
        if (b->killed_usec && b->alive && w->elapsed_usec > b->killed_usec + KILL_AGAIN_USEC)
                world_break(w, i, "SIGKILL is not repeated");
        check_hook_time(w, i);
        if (p->phase == PHASE_STARTING && b->alive && b->law.main &&
            p->config->settings->type != PROCESS_TYPE_ONESHOT && w->elapsed_usec > b->up_usec)
                world_break(w, i, "still STARTING after startsecs");
        if (p->phase == PHASE_RUNNING && !p->run.ready && !l->updated && !l->extended &&
            !p->run.leaving && p->config->settings->readiness_timeout_usec != DURATION_INFINITY &&
            deadline == USEC_INFINITY)
                world_break(w, i, "may take for ever to become ready");
        if (p->phase == PHASE_RUNNING && p->run.leaving && !l->was_lenient && !l->updated &&
            !l->extended && process_config_grace_usec(p->config) != DURATION_INFINITY &&
            deadline == USEC_INFINITY)
                world_break(w, i, "may take for ever to end");
        if (p->phase == PHASE_RUNNING && p->run.ready && p->run.watchdog_usec > 0 &&
            deadline > w->now_usec + p->run.watchdog_usec)
                world_break(w, i, "is not watched");
}

/* ---------------------------------------------------------------- following */

/* Can it be told who has to follow whom? */
static bool is_followed(const World *w) {
        return is_prompt(w) && w->mode == SHUTDOWN_NONE && !w->cyclic;
}

void laws_before_step(World *w) {
        if (!is_followed(w))
                return;
        for (size_t i = 0; i < engine_size(w->engine); i++) {
                const Process *p = get(w, i);
                Law *l = &w->watches[i].law;

                l->before = (Before){
                        .is = w->watches[i].used,
                        .runs = p->config && phase_has_child(p->phase),
                        .leaves = p->config && is_leaving(p),
                        .spare = p->spare,
                        .n_ends = l->n_ends,
                        .n_runs = w->watches[i].n_runs,
                        .config = p->config,
                        .wave = p->wave,
                };
        }
}

/* Has @i gone, or begun to go, in this step in a way that those who depend on it notice? */
static bool has_gone(const World *w, size_t i) {
        const Process *p = get(w, i);
        const Law *l = &w->watches[i].law;
        const Before *b = &l->before;

        if (!b->is || !b->runs || b->leaves || b->spare || b->wave == NO_WAVE ||
            !w->watches[i].used || p->spare || b->config != p->config)
                return false;
        if (is_leaving(p) && l->n_ends == b->n_ends)
                return true;
        return l->n_ends > b->n_ends && !phase_has_child(p->phase) && !p->start_due &&
               !(p->config->settings->type == PROCESS_TYPE_ONESHOT &&
                 w->watches[i].shown == STATE_EXITED);
}

static void check_follower(World *w, size_t i, size_t gone) {
        const Process *p = get(w, i);
        const Law *l = &w->watches[i].law;
        const Before *b = &l->before;

        if (!b->is || !w->watches[i].used || b->config != p->config || !b->runs || b->leaves ||
            b->wave == NO_WAVE || b->n_runs != w->watches[i].n_runs || l->ordered ||
            p->config->settings->on_dependency_failure == DEPENDENCY_FAILURE_IGNORE ||
            !laws_is_dependency(p->config, get(w, gone)->config, /* lasting= */ true))
                return;
        if (phase_has_child(p->phase) && !is_leaving(p))
                world_break(w, i, "does not follow what it depends on");
        if (p->config->settings->on_dependency_failure == DEPENDENCY_FAILURE_STOP &&
            p->goal == GOAL_UP)
                world_break(w, i, "follows, but is to be up");
}

static void check_following(World *w) {
        for (size_t t = 0; t < engine_size(w->engine); t++) {
                if (!has_gone(w, t))
                        continue;
                for (size_t i = 0; i < engine_size(w->engine); i++)
                        if (i != t)
                                check_follower(w, i, t);
        }
}

/* ---------------------------------------------------------------- all together */

/* Nothing of what the start of @i waits for will come by itself. */
static bool in_vain(const World *w, size_t i, unsigned depth);

static bool is_not_coming(const World *w, size_t i, unsigned depth) {
        const Process *p = get(w, i);

        if (p->start_due)
                return in_vain(w, i, depth + 1);
        return !phase_has_child(p->phase) && !phase_comes_back(p->phase);
}

static bool in_vain(const World *w, size_t i, unsigned depth) {
        const ProcessConfig *c = get(w, i)->config;

        if (depth > MAX_PROCESSES)
                return false;
        for (size_t k = 0; k < c->depends_on.n; k++) {
                const Dependency *d = &c->depends_on.items[k];
                size_t j = SIZE_MAX;

                while (next_named(w, d->name[0], &j))
                        if (!condition_holds(w, j, d->condition) && is_not_coming(w, j, depth))
                                return true;
                if (j == SIZE_MAX)
                        return true;
        }
        return false;
}

static bool is_unsettled(const World *w, size_t i) {
        const Process *p = get(w, i);
        const Watch *b = &w->watches[i];

        if (p->goal != GOAL_UP)
                return false;
        if (p->start_due)
                return !in_vain(w, i, 0);
        if (b->shown == STATE_RUNNING || p->phase == PHASE_PAUSING
                    ? b->law.ready
                    : b->shown != STATE_BACKOFF && !phase_has_child(p->phase))
                return false;
        return p->config->settings->startretries != -1 || p->failures < 3;
}

static bool is_missing(const World *w, size_t i) {
        const Process *p = get(w, i);
        const Watch *b = &w->watches[i];

        if (p->goal != GOAL_UP)
                return false;
        if (b->shown == STATE_EXITED && p->phase != PHASE_PAUSING && !p->start_due)
                return !laws_ended_well(w, i);
        return b->shown != STATE_RUNNING || !b->law.ready;
}

static void check_process(World *w, size_t i) {
        const Process *p = get(w, i);
        const Watch *b = &w->watches[i];

        if (is_prompt(w) && phase_to_state(p->phase) != b->shown)
                world_break(w, i, "a change of state was not told");
        if (!phase_has_child(p->phase) && (b->alive || b->hook.runs))
                world_break(w, i, "its phase and its tree do not agree");
        if (is_prompt(w) && phase_has_child(p->phase) && !b->alive && !b->hook.runs)
                world_break(w, i, "waits for an end that will not come");
        if ((p->next_config ? p->next_config : p->config) != b->latest)
                world_break(w, i, "not the configuration it was given");
        if (p->phase == PHASE_RUNNING && b->shown == STATE_RUNNING && p->run.ready != b->law.ready)
                world_break(w, i, "ready or not, but wrong");
        check_times(w, i);
        if (!is_prompt(w))
                return;
        check_turns(w, i);
        check_restart(w, i);
}

static void check_totals(World *w) {
        bool down = true, settled = true, ready = w->mode == SHUTDOWN_NONE;

        for (size_t i = 0; i < engine_size(w->engine); i++) {
                if (!w->watches[i].used)
                        continue;
                down &= !w->watches[i].alive && !w->watches[i].hook.runs;
                settled &= !is_unsettled(w, i);
                ready &= !is_missing(w, i);
        }
        if (engine_is_down(w->engine) != down)
                world_break(w, w->subject, "engine_is_down() is wrong");
        if (w->uncommitted)
                return;
        if (!w->cyclic && engine_is_settled(w->engine) != settled)
                world_break(w, w->subject, "engine_is_settled() is wrong");
        if (engine_is_ready(w->engine) != ready)
                world_break(w, w->subject, "engine_is_ready() is wrong");
}

void laws_check_step(World *w) {
        for (size_t i = 0; i < engine_size(w->engine) && !world_is_broken(w); i++) {
                if (w->watches[i].used != (get(w, i)->config != NULL))
                        world_break(w, i, "an entry that should not be");
                else if (w->watches[i].used)
                        check_process(w, i);
        }
        if (world_is_broken(w))
                return;
        if (is_prompt(w))
                check_totals(w);
        if (is_followed(w) && !w->reloaded &&
            w->n_orders < 2) /* what one stops another may start */
                check_following(w);
        for (size_t i = 0; i < MAX_PROCESSES; i++)
                w->watches[i].law.ordered = false;
        w->reloaded = w->removed = w->surprised = false;
        w->n_orders = 0;
}

void laws_check_rest(World *w) {
        if (w->mode != SHUTDOWN_NONE && w->bound_usec != USEC_INFINITY)
                world_break(w, SIZE_MAX, "the shutdown does not go on");
}
