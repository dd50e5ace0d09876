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
        if (p->leader_gone || p->config->kill_mode == KILL_MODE_CONTROL_GROUP)
                return SCOPE_TREE;
        return p->config->stopasgroup ? SCOPE_GROUP : SCOPE_LEADER;
}

static SignalScope kill_scope(const Process *p) {
        if (p->leader_gone || p->config->kill_mode != KILL_MODE_PROCESS)
                return SCOPE_TREE;
        return p->config->killasgroup ? SCOPE_GROUP : SCOPE_LEADER;
}

static void act(Engine *e, Process *p, LifecycleAction action) {
        size_t i = (size_t)(p - e->processes);

        switch (action) {
        case DO_NOTHING:
                return;
        case DO_SPAWN:
                engine_push(e, (Action){ .kind = ACTION_SPAWN, .process = i });
                return;
        case DO_ASK:
                engine_push(e, (Action){ .kind = ACTION_SIGNAL,
                                         .process = i,
                                         .signal = p->config->stopsignal,
                                         .scope = ask_scope(p) });
                return;
        case DO_CLEAR:
                engine_push(e, (Action){ .kind = ACTION_SIGNAL,
                                         .process = i,
                                         .signal = SIGTERM,
                                         .scope = SCOPE_TREE });
                return;
        case DO_KILL:
                p->killed |= !p->unborn;
                engine_push(e, (Action){ .kind = ACTION_KILL,
                                         .process = i,
                                         .signal = SIGKILL,
                                         .scope = kill_scope(p) });
                return;
        case _DO_MAX:
                break;
        }
        assert(false);
}

uint64_t process_grace(const Engine *e, const Process *p) {
        uint64_t usec = usec_from(p->config->stopwait_usec);

        return e->mode >= SHUTDOWN_FAST ? MIN(usec, e->fast_usec) : usec;
}

/* splitmix64: public domain arithmetic, enough to spread restarts. */
static uint64_t next_random(Engine *e) {
        uint64_t z = e->random += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        return z ^ z >> 31;
}

/* When the phase that @p has just entered from @before has to be looked at again. */
uint64_t process_deadline(Engine *e, const Process *p, Phase before, uint64_t now_usec) {
        size_t i = (size_t)(p - e->processes);

        switch (p->phase) {
        case PHASE_STARTING:
                if (p->unborn) /* time counts from its spawn */
                        return USEC_INFINITY;
                return usec_add(now_usec,
                                usec_from(p->main_known ? p->config->startsecs_usec
                                                        : p->config->readiness_timeout_usec));
        case PHASE_BACKOFF:
                return usec_add(now_usec, restart_delay(p->config, p->failures, next_random(e)));
        case PHASE_STOPPING:
                return usec_add(now_usec, process_grace(e, p));
        case PHASE_CLEARING: /* what is left of the grace, if it had begun */
                return before == PHASE_STOPPING ? deadlines_get(e->deadlines, i)
                                                : usec_add(now_usec, process_grace(e, p));
        case PHASE_KILLING:
                return usec_add(now_usec, KILL_AGAIN_USEC);
        case PHASE_STOPPED:
        case PHASE_RUNNING:
        case PHASE_EXITED:
        case PHASE_FATAL:
        case _PHASE_MAX:
                break;
        }
        return USEC_INFINITY;
}

bool process_is_unsettled(const Process *p) {
        bool never_given_up = p->config->startretries == -1;

        if (p->goal != GOAL_UP)
                return false;
        if (p->start_due)
                return true;
        if (p->phase == PHASE_RUNNING || (p->phase != PHASE_BACKOFF && !phase_has_child(p->phase)))
                return false;
        return !never_given_up || p->failures < SETTLED_FAILURES;
}

/* Bring the counters in line with @p; to be called after each change of it. */
static void count(Engine *e, Process *p) {
        bool alive = phase_has_child(p->phase), leaving = alive && (p->stop_due || p->asked);
        bool unsettled = process_is_unsettled(p);
        DueSet due = 0;

        if (p->start_due)
                due |= 1U << DUE_START;
        if (p->stop_due)
                due |= 1U << DUE_STOP;
        if (leaving)
                due |= 1U << DUE_LEAVING;
        if (leaving && p->goal == GOAL_UP)
                due |= 1U << DUE_AGAIN;

        schedule_count(e->schedule, p->wave, p->counted, due);
        e->n_alive = e->n_alive + alive - p->counted_alive;
        e->n_unsettled = e->n_unsettled + unsettled - p->counted_unsettled;
        p->counted = due;
        p->counted_alive = alive;
        p->counted_unsettled = unsettled;
}

/* The fields that decide turns are written here only, so that the counters always agree with them.
 */
void process_set_due(Engine *e, Process *p, bool start_due, bool stop_due, bool asked) {
        p->start_due = start_due;
        p->stop_due = stop_due;
        p->asked = asked;
        count(e, p);
}

void process_set_goal(Engine *e, Process *p, Goal goal) {
        p->goal = goal;
        count(e, p);
}

static void prepare_run(Engine *e, Process *p) {
        process_set_due(e, p, /* start_due= */ false, /* stop_due= */ false, /* asked= */ false);
        p->killed = p->early = p->was_up = p->leader_gone = false;
        p->main_known = p->config->type != PROCESS_TYPE_FORKING;
        p->unborn = true;
        p->asked_usec = 0;
}

void process_step(Engine *e, Process *p, LifecycleEvent event, uint64_t now_usec) {
        Transition next = lifecycle_next(p->phase, event);
        Phase before = p->phase;
        ProcessState from = phase_to_state(before), to = phase_to_state(next.phase);

        if (next.phase == before && next.action == DO_NOTHING)
                return;
        if (next.action == DO_SPAWN)
                prepare_run(e, p);
        if (event == EVENT_LATE)
                p->early = true;
        if (next.phase == PHASE_RUNNING)
                p->was_up = true;
        if (phase_is_ending(next.phase) && !phase_is_ending(before))
                p->asked_usec = now_usec;

        p->phase = next.phase;
        count(e, p);
        deadlines_set(e->deadlines, (size_t)(p - e->processes),
                      process_deadline(e, p, before, now_usec));

        if (from != to) {
                p->changed_usec = now_usec;
                engine_push(e, (Action){ .kind = ACTION_CHANGED,
                                         .process = (size_t)(p - e->processes),
                                         .from = from,
                                         .to = to });
        }
        act(e, p, next.action);
}
