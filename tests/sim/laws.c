/* Actions, one by one. */
#include "laws.h"

#include <math.h>
#include <signal.h>
#include <string.h>

static const Process *get(const World *w, size_t i) {
        return engine_get(w->engine, i);
}

static uint64_t usec_of(int64_t configured) {
        return configured == DURATION_INFINITY ? USEC_INFINITY : (uint64_t)MAX(configured, 0);
}

static uint64_t later(uint64_t from_usec, uint64_t usec) {
        return usec == USEC_INFINITY ? USEC_INFINITY : from_usec + usec;
}

/* Are the actions of this world performed as soon as they are decided? */
static bool is_prompt(const World *w) {
        return !w->busy && !w->lazy;
}

/* What a stop of @c may take, by the sum of its ladder. */
static uint64_t grace_of(const ProcessConfig *c) {
        uint64_t sum = 0;
        StopStep step;

        if (!c->settings->send_sigkill)
                return USEC_INFINITY;
        for (size_t k = 0; process_config_stop_step(c, k, &step); k++) {
                if (step.wait_usec == DURATION_INFINITY)
                        return USEC_INFINITY;
                sum += (uint64_t)step.wait_usec;
        }
        return sum;
}

/* ---------------------------------------------------------------- orders and news */

void laws_before_order(World *w, size_t i) {
        w->n_orders++;
        for (size_t k = 0; k < MAX_PROCESSES; k++)
                w->watches[k].law.nudged = true; /* it may be started along */
        if (i != SIZE_MAX)
                w->watches[i].law.ordered = true;
}

void laws_before_kill(World *w, size_t i) {
        laws_before_order(w, i);
        w->watches[i].killed_by_order = true;
}

/* Does autorestart of @c want the process @i after the end it had? */
static bool restarts(const World *w, size_t i, const ProcessConfig *c) {
        const Watch *b = &w->watches[i];
        bool well = b->exit.kind == EXIT_STATUS && !get(w, i)->exit_failed &&
                    process_config_expects(c, b->exit.value);

        return c->settings->type != PROCESS_TYPE_ONESHOT &&
               (c->settings->autorestart == AUTORESTART_TRUE ||
                (c->settings->autorestart == AUTORESTART_UNEXPECTED && !well));
}

void laws_before_update(World *w, size_t i, const ProcessConfig *config) {
        Law *l = &w->watches[i].law;

        laws_before_order(w, i);
        if (!get(w, i)->start_due && !restarts(w, i, config))
                l->restart_usec = USEC_INFINITY;
        l->updated = true;
        l->was_lenient |= !get(w, i)->config->settings->send_sigkill;
}

void laws_before_shutdown(World *w, ShutdownMode mode) {
        if (mode <= w->mode)
                return;
        if (w->mode == SHUTDOWN_NONE)
                w->shutdown_usec = w->now_usec;
        w->mode = mode;
        for (size_t i = 0; i < engine_size(w->engine); i++) {
                Law *l = &w->watches[i].law;

                if (!w->watches[i].used)
                        continue;
                w->watches[i].killed_by_order |= mode == SHUTDOWN_NOW;
                if (mode == SHUTDOWN_FAST && get(w, i)->config->settings->send_sigkill)
                        l->limit_usec = MIN(l->limit_usec, w->now_usec + w->rules.fast_usec);
        }
}

void laws_before_end(World *w, size_t i) {
        Watch *b = &w->watches[i];

        b->alive = false;
        b->law.n_ends++;
        laws_before_over(w, i);
}

void laws_before_over(World *w, size_t i) {
        const Process *p = get(w, i);

        w->watches[i].law.by_itself = p->goal == GOAL_UP && !p->stop_due && !p->asked && !p->again;
}

void laws_before_saying(World *w, size_t i, Saying says) {
        Watch *b = &w->watches[i];
        Law *l = &b->law;
        bool runs = b->shown == STATE_STARTING || b->shown == STATE_RUNNING;

        l->ready |= says == SAYS_READY && runs && !l->leaves;
        l->leaves |= says == SAYS_LEAVING && runs;
        l->failed |= says == SAYS_FAILED && runs;
        l->ready &= !l->leaves;
}

void laws_after_extension(World *w, size_t i, uint64_t before_usec, uint64_t until_usec) {
        Law *l = &w->watches[i].law;

        if (until_usec == 0)
                return;
        l->extended = true;
        /* Its stop has begun, and that is not told yet. */
        if (get(w, i)->phase == PHASE_DRAINING && w->watches[i].shown != STATE_STOPPING)
                l->granted_usec = MAX(l->granted_usec, until_usec);
        if (w->watches[i].hook.runs && !w->watches[i].told_usec)
                l->limit_usec = MAX(l->limit_usec, until_usec);
        else if (l->limit_usec != USEC_INFINITY && until_usec > before_usec)
                l->limit_usec += until_usec - before_usec;
        if (w->mode >= SHUTDOWN_FAST && w->watches[i].shown == STATE_STOPPING)
                world_break(w, i, "an extension in a fast shutdown");
        if (w->mode != SHUTDOWN_NONE) /* announced anew */
                w->extends = true;
}

/* ---------------------------------------------------------------- starts */

static void begin_run(World *w, size_t i) {
        Watch *b = &w->watches[i];
        Law *l = &b->law;

        b->started = b->killed_by_order = false;
        b->told_usec = b->killed_usec = 0;
        l->ready = l->leaves = l->failed = l->extended = l->was_lenient = false;
        l->updated &= !is_prompt(w); /* else it may be news of this run */
        l->asked = l->lost_count = l->cleaned = false;
        l->was_up = false;
        b->exit = (ProcessExit){};
        l->limit_usec = USEC_INFINITY;
        l->n_steps = 0;
        l->step_usec = l->granted_usec = 0;
}

static void check_start(World *w, size_t i) {
        const Watch *b = &w->watches[i];

        if (w->mode != SHUTDOWN_NONE)
                world_break(w, i, "a start after shutdown began");
        if (b->alive || !virtual_is_empty(&b->child) || b->hook.runs)
                world_break(w, i, "a start beside what is left of the last run");
        if (get(w, i)->next_config)
                world_break(w, i, "a start with a configuration that was replaced");
}

static void check_spawn(World *w, size_t i) {
        Watch *b = &w->watches[i];
        const Process *p = get(w, i);

        check_start(w, i);
        for (size_t k = 0; k < engine_size(w->engine); k++)
                if (k != i && w->watches[k].alive && !p->spare && !get(w, k)->spare &&
                    strcmp(get(w, k)->config->name, p->config->name) == 0)
                        world_break(w, i, "two processes of one name");
        if (b->shown != STATE_STARTING)
                world_break(w, i, "a spawn of one that is not STARTING");
        b->alive = true;
        b->killed_by_order = false;
        b->law.spawned_usec = w->now_usec;
        b->up_usec = b->late_usec = USEC_INFINITY;
        b->law.main = p->config->settings->type != PROCESS_TYPE_FORKING;
        if (b->law.main)
                b->up_usec = later(w->now_usec, usec_of(p->config->settings->startsecs_usec));
}

/* ---------------------------------------------------------------- stops */

/* Is there somebody of a higher wave, or who depends on @i, to be seen? */
static bool has_users_left(const World *w, size_t i) {
        const Process *p = get(w, i);

        for (size_t k = 0; k < engine_size(w->engine); k++) {
                const Watch *b = &w->watches[k];
                const Process *q = get(w, k);

                if (k == i || !b->used || q->wave == NO_WAVE || (!b->alive && !b->hook.runs))
                        continue;
                if (q->wave > p->wave ||
                    (!w->cyclic && !w->uncommitted &&
                     laws_is_dependency(q->next_config ? q->next_config : q->config, p->config,
                                        /* lasting= */ false)))
                        return true;
        }
        return false;
}

/* The first thing that is done to @i to stop it, by its turn. */
static void check_turn(World *w, size_t i) {
        Watch *b = &w->watches[i];
        const Process *p = get(w, i);

        if (b->law.asked || !p->asked || b->killed_by_order || !is_prompt(w))
                return;
        b->law.asked = true;
        if (b->law.stop_usec < w->shutdown_usec || w->mode == SHUTDOWN_NONE ||
            w->mode == SHUTDOWN_NOW)
                return;
        if (p->wave != NO_WAVE && has_users_left(w, i))
                world_break(w, i, "told to stop while somebody needs it");
        if (w->mode == SHUTDOWN_GRACEFUL && w->shutdown_usec > 0 &&
            w->now_usec < w->shutdown_usec + MIN(w->rules.drain_usec, w->rules.timeout_usec))
                world_break(w, i, "told to stop before the drain was over");
}

/* The k-th signal is the one that is configured, and not too early. */
static void check_ladder(World *w, const Action *a) {
        const Process *p = get(w, a->process);
        Watch *b = &w->watches[a->process];
        Law *l = &b->law;
        StopStep step = {}, last = {};
        bool clears = a->scope == SCOPE_TREE && a->signal == SIGTERM && p->run.leader_gone;

        if (l->updated || clears || l->lost_count || !is_prompt(w)) {
                l->lost_count = true;
                return;
        }
        if (!process_config_stop_step(p->config, l->n_steps, &step))
                world_break(w, a->process, "more signals than its ladder has");
        else if (a->signal != step.signal &&
                 (l->n_steps > 0 || a->signal != p->config->settings->watchdog_signal))
                world_break(w, a->process, "a signal that is not the next of its ladder");
        if (l->n_steps > 0 && process_config_stop_step(p->config, l->n_steps - 1, &last) &&
            w->now_usec < later(l->step_usec, usec_of(last.wait_usec)))
                world_break(w, a->process, "a step of its ladder too early");
        l->n_steps++;
        l->step_usec = w->now_usec;
}

static void check_signal(World *w, const Action *a) {
        Watch *b = &w->watches[a->process];

        if (!b->alive || !b->started)
                world_break(w, a->process, "a signal to nobody");
        if (a->scope != SCOPE_TREE && !b->child.leader)
                world_break(w, a->process, "a signal to a leader that is gone");
        if (b->killed_usec)
                world_break(w, a->process, "another signal after SIGKILL");
        if (!b->told_usec)
                check_turn(w, a->process);
        check_ladder(w, a);
        b->told_usec = w->now_usec;
}

/* May graces be shorter than configured, so that all ends in time? */
static bool may_be_cut(const World *w) {
        return w->mode != SHUTDOWN_NONE && w->rules.timeout_usec != USEC_INFINITY;
}

static void check_kill(World *w, const Action *a) {
        const Process *p = get(w, a->process);
        Watch *b = &w->watches[a->process];

        if (!b->alive || !b->started)
                world_break(w, a->process, "a SIGKILL to nobody");
        if (!b->killed_by_order && !b->killed_usec && !may_be_cut(w) &&
            w->now_usec < b->law.limit_usec)
                world_break(w, a->process, "a SIGKILL before the grace was over");
        if (!p->config->settings->send_sigkill && !b->killed_by_order && !b->killed_usec &&
            !b->law.updated)
                world_break(w, a->process, "a SIGKILL to one that is to have none");
        if (b->killed_usec && w->mode != SHUTDOWN_NOW && w->subject != a->process && is_prompt(w) &&
            w->now_usec < b->killed_usec + KILL_AGAIN_USEC)
                world_break(w, a->process, "SIGKILL repeated too soon");
        b->killed_usec = w->now_usec;
}

/* ---------------------------------------------------------------- hooks */

static void check_hook(World *w, const Action *a) {
        Watch *b = &w->watches[a->process];

        if (b->hook.runs)
                world_break(w, a->process, "two hooks at once");
        switch (a->hook) {
        case HOOK_PRE_START:
                check_start(w, a->process);
                break;
        case HOOK_PRE_STOP:
                if (!b->alive || !b->law.was_up || b->told_usec || b->killed_usec)
                        world_break(w, a->process, "pre_stop_command out of its turn");
                check_turn(w, a->process);
                break;
        case HOOK_POST_STOP:
                if (b->alive || b->law.cleaned || w->mode == SHUTDOWN_NOW)
                        world_break(w, a->process, "post_stop_command out of its turn");
                b->law.cleaned = true;
                break;
        case HOOK_NONE:
                world_break(w, a->process, "no hook");
        }
}

void laws_after_hook(World *w, size_t i) {
        Watch *b = &w->watches[i];

        b->hook.limit_usec =
                later(w->now_usec, usec_of(get(w, i)->config->settings->hook_timeout_usec));
}

static void check_hook_signal(World *w, const Action *a) {
        Watch *b = &w->watches[a->process];
        Hook *h = &b->hook;
        uint64_t grace;

        if (!h->runs)
                world_break(w, a->process, "a signal to a hook that does not run");
        if (h->killed && a->signal != SIGKILL)
                world_break(w, a->process, "a milder signal to a hook that was killed");
        if (a->signal == SIGKILL) {
                if (h->kind == HOOK_PRE_START && !h->told && !b->killed_by_order)
                        world_break(w, a->process, "pre_start_command is killed unasked");
                h->killed = true;
                return;
        }
        grace = grace_of(get(w, a->process)->config);
        h->told = true;
        h->limit_usec = later(w->now_usec, grace == USEC_INFINITY ? HOOK_PATIENCE_USEC : grace);
}

/* ---------------------------------------------------------------- changes of state */

/* At least this long after the @n-th failed start in a row. */
static uint64_t least_delay(const ProcessConfig *c, unsigned n) {
        double least = (double)MAX(c->settings->backoff_min_usec, 0);

        least *= c->settings->backoff_factor <= 0 ? n : pow(c->settings->backoff_factor, n - 1);
        least = MIN(least, (double)MAX(c->settings->backoff_max_usec, 0));
        return (uint64_t)(least > 1e15 ? 1e15 : least);
}

/* It has exited: when is it started again? */
static void book_restart(World *w, size_t i) {
        const ProcessConfig *c = get(w, i)->config;
        Law *l = &w->watches[i].law;

        if (!l->by_itself)
                l->restart_usec = w->now_usec; /* when it likes: somebody has wanted so before */
        else if (!restarts(w, i, c))
                l->restart_usec = USEC_INFINITY;
        else
                l->restart_usec = MAX(w->now_usec, l->spawned_usec + least_delay(c, 1));
        l->nudged = !is_prompt(w); /* else the order may be older */
}

static void check_end(World *w, const Action *a) {
        const Process *p = get(w, a->process);
        Watch *b = &w->watches[a->process];
        Law *l = &b->law;

        if (b->alive || b->hook.runs)
                world_break(w, a->process, "shown as down while something of it runs");
        if (a->to == STATE_BACKOFF) {
                l->failures++;
                l->retry_usec = w->now_usec + least_delay(p->config, MAX(l->failures, 1U));
                l->nudged = !is_prompt(w); /* else the order may be older */
                if (is_prompt(w) && p->failures != l->failures)
                        world_break(w, a->process, "miscounts its failed starts");
        } else if (a->to != STATE_STOPPED || (l->was_up && a->from != STATE_BACKOFF) || b->replaced)
                l->failures = 0;
        if (a->to == STATE_EXITED)
                book_restart(w, a->process);
        b->replaced = false;
}

static void check_starting(World *w, const Action *a) {
        const Process *p = get(w, a->process);
        Watch *b = &w->watches[a->process];

        begin_run(w, a->process);
        if (a->from == STATE_BACKOFF && !b->law.nudged && w->now_usec < b->law.retry_usec)
                world_break(w, a->process, "a back-off shorter than configured");
        if (a->from == STATE_EXITED && !b->law.nudged && w->now_usec < b->law.restart_usec)
                world_break(w, a->process, "a restart too soon after the last start");
        if (!is_prompt(w) || w->uncommitted || w->removed || w->surprised)
                return;
        if (p->wave == NO_WAVE)
                world_break(w, a->process, "a start without a plan");
        if (!w->cyclic && !laws_conditions_hold(w, a->process))
                world_break(w, a->process, "started before what it depends on");
}

static void check_changed(World *w, const Action *a) {
        const Process *p = get(w, a->process);
        Watch *b = &w->watches[a->process];
        Law *l = &b->law;

        if (a->from != b->shown || a->to == a->from)
                world_break(w, a->process, "a change from a state it did not have");
        switch (a->to) {
        case STATE_STARTING:
                check_starting(w, a);
                return;
        case STATE_RUNNING:
                if (!b->started || w->now_usec < b->up_usec)
                        world_break(w, a->process, "RUNNING without having stayed up");
                l->was_up = true;
                l->ready |=
                        p->config->settings->readiness.kind == READINESS_STARTSECS && !l->leaves;
                return;
        case STATE_STOPPING:
                l->stop_usec = w->now_usec;
                l->limit_usec = MAX(later(w->now_usec, grace_of(p->config)), l->granted_usec);
                l->was_lenient = !p->config->settings->send_sigkill;
                if (w->mode >= SHUTDOWN_FAST && p->config->settings->send_sigkill)
                        l->limit_usec = MIN(l->limit_usec, w->now_usec + w->rules.fast_usec);
                return;
        case STATE_STOPPED:
        case STATE_EXITED:
        case STATE_BACKOFF:
        case STATE_FATAL:
                check_end(w, a);
                return;
        case _STATE_MAX:
                world_break(w, a->process, "no state");
        }
}

void laws_check_action(World *w, const Action *a) {
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
                check_hook(w, a);
                return;
        case ACTION_HOOK_SIGNAL:
                check_hook_signal(w, a);
                return;
        case ACTION_WAITING:
        case ACTION_FOLLOWS:
                if (w->mode != SHUTDOWN_NONE && is_prompt(w))
                        world_break(w, a->process, "waits or follows in a shutdown");
                return;
        case ACTION_REMOVED:
                if (w->watches[a->process].alive || w->watches[a->process].hook.runs ||
                    !get(w, a->process)->removed)
                        world_break(w, a->process, "removed, but not down for good");
                w->removed = true;
                return;
        }
}
