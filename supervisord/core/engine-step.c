#include <assert.h>
#include <signal.h>

#include "core/engine-internal.h"

uint64_t usec_from(int64_t configured) {
        if (configured == DURATION_INFINITY)
                return USEC_INFINITY;
        return configured > 0 ? (uint64_t)configured : 0;
}

uint64_t usec_add(uint64_t a, uint64_t b) {
        uint64_t sum;

        return __builtin_add_overflow(a, b, &sum) ? USEC_INFINITY : sum;
}

static SignalScope ask_scope(const Process *p) {
        if (p->run.leader_gone || p->config->settings->kill_mode == KILL_MODE_CONTROL_GROUP)
                return SCOPE_TREE;
        return p->config->settings->stopasgroup ? SCOPE_GROUP : SCOPE_LEADER;
}

static SignalScope kill_scope(const Process *p) {
        if (p->run.leader_gone || p->config->settings->kill_mode != KILL_MODE_PROCESS)
                return SCOPE_TREE;
        return p->config->settings->killasgroup ? SCOPE_GROUP : SCOPE_LEADER;
}

/* Send the signal of the step that @p's stop has reached. */
static void ask(Engine *e, Process *p) {
        StopStep step;
        bool silent = p->run.failure == FAILURE_WATCHDOG && p->run.stop_step == 0;
        bool found = process_config_stop_step(p->config, p->run.stop_step, &step);

        assert(found);
        (void)found; /* without assertions */
        if (silent && p->config->settings->watchdog_signal > 0)
                step.signal = p->config->settings->watchdog_signal;
        engine_push(e, (Action){ .kind = ACTION_SIGNAL,
                                 .process = (size_t)(p - e->processes),
                                 .signal = step.signal,
                                 .scope = ask_scope(p) });
}

static void act(Engine *e, Process *p, LifecycleAction action) {
        size_t i = (size_t)(p - e->processes);

        switch (action) {
        case DO_SPAWN:
                engine_push(e, (Action){ .kind = ACTION_SPAWN, .process = i });
                return;
        case DO_ASK:
                ask(e, p);
                return;
        case DO_CLEAR:
                engine_push(e, (Action){ .kind = ACTION_SIGNAL,
                                         .process = i,
                                         .signal = SIGTERM,
                                         .scope = SCOPE_TREE });
                return;
        case DO_KILL:
                p->run.killed |= !p->run.unborn;
                p->run.kill_scope = kill_scope(p);
                engine_push(e, (Action){ .kind = ACTION_KILL,
                                         .process = i,
                                         .signal = SIGKILL,
                                         .scope = p->run.kill_scope });
                return;
        case DO_HOOK:
        case DO_END_HOOK:
        case DO_KILL_HOOK:
                process_act_on_hook(e, p, action);
                return;
        default:
                assert(action == DO_NOTHING);
        }
}

/* What is spared SIGKILL is the program, not the command that runs before it. */
static bool may_be_killed(const Process *p) {
        return p->config->settings->send_sigkill || p->phase == PHASE_PREPARING;
}

uint64_t process_full_grace(const Engine *e, const Process *p) {
        uint64_t usec = usec_from(process_config_grace_usec(p->config));

        if (p->phase == PHASE_PREPARING && usec == USEC_INFINITY)
                usec = HOOK_LAST_USEC;
        return e->mode >= SHUTDOWN_FAST && may_be_killed(p) ? MIN(usec, e->rules.fast_usec) : usec;
}

/* The grace that @p gets if it is told to stop at @now_usec. */
static uint64_t grace(const Engine *e, const Process *p, uint64_t now_usec) {
        uint64_t usec = process_full_grace(e, p);

        if (!may_be_killed(p) || e->shutdown_end_usec == USEC_INFINITY)
                return usec;
        usec = MIN(usec, e->share_usec - MIN(e->share_usec, process_cleaning_usec(p)));
        return MIN(usec, e->shutdown_end_usec > now_usec ? e->shutdown_end_usec - now_usec : 0);
}

/* Until the signal of the present step has had its time, or the whole grace is over. */
static uint64_t step_deadline(const Process *p, uint64_t now_usec) {
        StopStep step;
        uint64_t usec;

        if (!process_config_stop_step(p->config, p->run.stop_step, &step))
                return p->run.grace_end_usec; /* a reload has shortened the ladder */
        usec = usec_add(now_usec, usec_from(step.wait_usec));
        return MIN(MAX(usec, p->run.extended_usec), p->run.grace_end_usec);
}

/* Less than this is not called a cut: what fits exactly lacks what the loop was late. */
#define CUT_MIN_USEC (50 * USEC_PER_MSEC)

/* The stop of @p begins: the first signal, and the end of its grace. */
static void begin_grace(Engine *e, Process *p, uint64_t now_usec) {
        uint64_t full = process_full_grace(e, p);
        uint64_t usec = grace(e, p, now_usec);

        p->run.stop_step = 0;
        p->run.extended_usec = 0;
        p->run.asked_usec = now_usec;
        p->run.grace_end_usec = usec_add(now_usec, usec);
        p->run.is_cut = e->mode == SHUTDOWN_GRACEFUL && usec < full && full - usec >= CUT_MIN_USEC;
}

/* Go on with the ladder if the grace is not over: the next signal, or none if a reload has
 * shortened it. */
static bool climb(Engine *e, Process *p, uint64_t now_usec) {
        StopStep step;

        if (p->phase != PHASE_STOPPING || now_usec >= p->run.grace_end_usec)
                return false;
        p->run.stop_step++;
        if (process_config_stop_step(p->config, p->run.stop_step, &step))
                ask(e, p);
        deadlines_set(e->deadlines, (size_t)(p - e->processes), step_deadline(p, now_usec));
        return true;
}

/* Does pre_stop_command still run, though the program has gone before it was done? */
static bool hook_runs_on(const Process *p) {
        return p->run.hook == HOOK_PRE_STOP && !p->run.hook_waits && !p->run.hook_killed;
}

void process_grace_over(Engine *e, Process *p, uint64_t now_usec) {
        bool is_hook = p->phase == PHASE_CANCELLING || p->phase == PHASE_CLEANING;

        if (p->run.tree_gone) {
                process_abandon_hook(e, p);
                deadlines_set(e->deadlines, (size_t)(p - e->processes),
                              usec_add(now_usec, KILL_AGAIN_USEC));
        } else if (p->phase == PHASE_CLEARING && now_usec < p->run.grace_end_usec) {
                process_abandon_hook(e, p); /* if it still runs: hook_timeout */
                deadlines_set(e->deadlines, (size_t)(p - e->processes), p->run.grace_end_usec);
        } else if (p->phase == PHASE_DRAINING && now_usec < p->run.grace_end_usec)
                process_step(e, p, EVENT_STOP, now_usec); /* hook_timeout */
        else if (climb(e, p, now_usec))
                return;
        else if (is_hook || p->config->settings->send_sigkill || p->phase == PHASE_KILLING)
                process_step(e, p, EVENT_KILL, now_usec);
        else
                process_abandon_hook(e, p); /* only the program is spared */
}

/* splitmix64: public domain arithmetic, enough to spread restarts. */
static uint64_t next_random(Engine *e) {
        uint64_t z = e->random += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

static uint64_t starting_deadline(const Process *p, uint64_t now_usec) {
        if (p->run.unborn || p->config->settings->type == PROCESS_TYPE_ONESHOT)
                return USEC_INFINITY; /* time counts from its spawn, or does not count */
        return usec_add(now_usec,
                        usec_from(p->run.main_known ? p->config->settings->startsecs_usec
                                                    : p->config->settings->readiness_timeout_usec));
}

uint64_t process_next_start(const Process *p) {
        return usec_add(p->spawned_usec, restart_distance(p->config));
}

/* When the phase that @p has just entered has to be looked at again. */
uint64_t process_deadline(Engine *e, const Process *p, uint64_t now_usec) {
        switch (p->phase) {
        case PHASE_PREPARING:
                return p->run.hook_waits ? USEC_INFINITY : p->run.hook_end_usec;
        case PHASE_CANCELLING:
                return p->run.hook_killed ? usec_add(now_usec, KILL_AGAIN_USEC)
                                          : p->run.grace_end_usec;
        case PHASE_DRAINING: /* even before it has begun: the grace runs */
                return p->run.hook_waits ? p->run.grace_end_usec : p->run.hook_end_usec;
        case PHASE_CLEANING:
                if (p->run.hook_killed)
                        return usec_add(now_usec, KILL_AGAIN_USEC);
                return p->run.hook_waits ? USEC_INFINITY : p->run.hook_end_usec;
        case PHASE_STARTING:
                return starting_deadline(p, now_usec);
        case PHASE_BACKOFF:
                return usec_add(now_usec, restart_delay(p->config, p->failures, next_random(e)));
        case PHASE_PAUSING:
                return process_next_start(p);
        case PHASE_STOPPING:
                return step_deadline(p, now_usec);
        case PHASE_CLEARING: /* what is left of the grace, or all of it if it begins now */
                return hook_runs_on(p) ? MIN(p->run.hook_end_usec, p->run.grace_end_usec)
                                       : p->run.grace_end_usec;
        case PHASE_KILLING:
                return usec_add(now_usec, KILL_AGAIN_USEC);
        case PHASE_RUNNING:
                return process_life_deadline(e, p);
        default: /* nothing of it is left */
                return USEC_INFINITY;
        }
}

bool process_is_unsettled(const Engine *e, const Process *p) {
        bool never_given_up = p->config->settings->startretries == -1;

        if (p->goal != GOAL_UP)
                return false;
        if (p->start_due)
                return !process_waits_in_vain(e, p);
        if ((p->phase == PHASE_RUNNING || p->phase == PHASE_PAUSING) && p->run.ready)
                return false; /* it is up, or was until it ended by itself */
        if (!phase_comes_back(p->phase) && !phase_has_child(p->phase))
                return false;
        return !never_given_up || p->failures < SETTLED_FAILURES;
}

/* The start of @p is due. Can it be now? If not, tell so once. */
static bool may_start(Engine *e, Process *p) {
        size_t other;

        if (!process_waits(e, p, &other))
                return true;
        if (!p->told_waiting) {
                p->told_waiting = true;
                engine_push(e, (Action){ .kind = ACTION_WAITING,
                                         .process = (size_t)(p - e->processes),
                                         .other = other });
        }
        return false;
}

void process_count(Engine *e, Process *p) {
        bool alive = phase_has_child(p->phase), leaving = alive && (p->stop_due || p->asked);
        bool unsettled = process_is_unsettled(e, p), missing = process_is_missing(p);
        DueSet due = 0;

        if (p->start_due && may_start(e, p))
                due |= 1U << DUE_START;
        if (p->stop_due)
                due |= 1U << DUE_STOP;
        if (leaving)
                due |= 1U << DUE_LEAVING;
        if (leaving && p->goal == GOAL_UP)
                due |= 1U << DUE_AGAIN;

        schedule_count(e->schedule, p->wave, p->place, p->counted, due);
        e->n_alive = e->n_alive + alive - p->counted_alive;
        e->n_unsettled = e->n_unsettled + unsettled - p->counted_unsettled;
        e->n_missing = e->n_missing + missing - p->counted_missing;
        p->counted = due;
        p->counted_alive = alive;
        p->counted_unsettled = unsettled;
        p->counted_missing = missing;
        process_count_users(e, p);
}

/* The fields that decide turns are written here only, so that the counters always agree with them.
 */
void process_set_due(Engine *e, Process *p, bool start_due, bool stop_due, bool asked) {
        if (p->start_due == start_due && p->stop_due == stop_due && p->asked == asked)
                return;
        p->start_due = start_due;
        p->stop_due = stop_due;
        p->asked = asked;
        process_count(e, p);
}

void process_set_goal(Engine *e, Process *p, Goal goal) {
        if (p->goal == goal)
                return;
        p->goal = goal;
        process_count(e, p);
}

/* A run of @p begins: nothing of the one before it counts any more. */
static void begin_run(Engine *e, Process *p) {
        process_set_due(e, p, /* start_due= */ false, /* stop_due= */ false, /* asked= */ false);
        p->told_waiting = false;
        p->run = (Run){
                .unborn = true,
                .main_known = p->config->settings->type != PROCESS_TYPE_FORKING,
                .watchdog_usec = process_config_watchdog_usec(p->config),
        };
}

void process_step(Engine *e, Process *p, LifecycleEvent event, uint64_t now_usec) {
        Transition next = lifecycle_next(p->phase, event);
        Phase before = p->phase;
        ProcessState from = phase_to_state(before), to = phase_to_state(next.phase);

        if (next.phase == before && next.action == DO_NOTHING)
                return;
        if (phase_has_child(next.phase) && !phase_has_child(before))
                begin_run(e, p);
        if (event == EVENT_LATE)
                p->run.early = true;
        if (next.phase == PHASE_RUNNING) {
                p->run.was_up = true;
                p->run.ready |= p->config->settings->readiness.kind == READINESS_STARTSECS &&
                                !p->run.leaving;
                process_begin_watch(p, now_usec);
        }
        if (phase_is_ending(next.phase) && !phase_is_ending(before))
                begin_grace(e, p, now_usec);
        if (next.phase == PHASE_KILLING) /* there is none left for post_stop_command either */
                p->run.grace_end_usec = MIN(p->run.grace_end_usec, now_usec);

        p->phase = next.phase;
        if (next.phase == PHASE_STOPPING || next.phase == PHASE_KILLING)
                process_abandon_hook(e, p);
        process_count(e, p);

        if (from != to) {
                p->changed_usec = now_usec;
                engine_push(e, (Action){ .kind = ACTION_CHANGED,
                                         .process = (size_t)(p - e->processes),
                                         .from = from,
                                         .to = to });
        }
        act(e, p, next.action);
        deadlines_set(e->deadlines, (size_t)(p - e->processes), process_deadline(e, p, now_usec));
}
