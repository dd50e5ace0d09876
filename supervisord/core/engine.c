#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/engine-internal.h"

/* ---------------------------------------------------------------- the table */

int engine_new(uint64_t seed, const ShutdownRules *rules, Engine **ret) {
        _cleanup_(engine_freep) Engine *e = NULL;
        int r;

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->random = seed;
        e->rules = *rules;
        e->spawning = NOBODY;
        e->shutdown_end_usec = e->share_usec = USEC_INFINITY;

        r = deadlines_new(&e->deadlines);
        if (r < 0)
                return r;
        r = engine_commit(e, 0);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(e);
        return 0;
}

static void process_done(Process *p) {
        p->config = process_config_unref(p->config);
        p->next_config = process_config_unref(p->next_config);
}

Engine *engine_free(Engine *e) {
        if (!e)
                return NULL;
        for (size_t i = 0; i < e->n_processes; i++)
                process_done(&e->processes[i]);
        free(e->processes);
        plan_free(e->plan);
        schedule_free(e->schedule);
        deadlines_free(e->deadlines);
        free(e->actions);
        free(e);
        return NULL;
}

static int reserve_processes(Engine *e, size_t n) {
        Process *processes;
        size_t wanted;

        if (n <= e->n_allocated)
                return 0;
        wanted = MAX(n, 2 * e->n_allocated);
        processes = reallocarray(e->processes, wanted, sizeof(*processes));
        if (!processes)
                return -ENOMEM;
        memset(processes + e->n_allocated, 0, (wanted - e->n_allocated) * sizeof(*processes));
        e->processes = processes;
        e->n_allocated = wanted;
        return 0;
}

int engine_add(Engine *e, ProcessConfig *config, size_t *ret) {
        size_t i = e->n_processes;
        int r;

        if (e->n_free > 0)
                for (i = 0; e->processes[i].config; i++)
                        ;

        r = reserve_processes(e, i + 1);
        if (r >= 0)
                r = engine_reserve_actions(e, i + 1);
        if (r >= 0)
                r = deadlines_reserve(e->deadlines, i + 1);
        if (r < 0)
                return r;

        e->processes[i] = (Process){ .config = process_config_ref(config), .wave = NO_WAVE };
        if (i < e->n_processes)
                e->n_free--;
        else
                e->n_processes++;
        *ret = i;
        return 0;
}

void engine_forget(Engine *e, size_t i) {
        Process *p = engine_entry(e, i);

        if (p->spare)
                process_drop_edges(e, p);
        process_done(p);
        e->n_free++;
        *p = (Process){ .wave = NO_WAVE };
        process_recount_users(e, p);
}

/* ---------------------------------------------------------------- turns */

/* Tell those to stop whose wave is the highest that has anything leaving. */
static void take_stop_turns(Engine *e, uint64_t now_usec) {
        size_t w = schedule_highest(e->schedule, DUE_LEAVING);

        if (e->drain_end_usec > now_usec || w == NO_WAVE ||
            schedule_get(e->schedule, w, DUE_STOP) == 0)
                return;

        engine_share_out(e, w, now_usec);
        for (size_t k = 0; k < e->plan->waves[w].n; k++) {
                Process *p = &e->processes[e->plan->order[e->plan->waves[w].first + k]];

                if (!p->stop_due || p->wave != w)
                        continue;
                process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
                process_step(e, p, process_stop_event(p), now_usec);
        }
}

/* Start what is due, lowest wave first, up to a wave with a member that has to go down before it.
 */
static void take_start_turns(Engine *e, uint64_t now_usec) {
        size_t w;

        while ((w = schedule_lowest(e->schedule, DUE_START)) != NO_WAVE) {
                if (schedule_lowest(e->schedule, DUE_AGAIN) < w)
                        return;

                for (size_t k = 0; k < e->plan->waves[w].n; k++) {
                        Process *p = &e->processes[e->plan->order[e->plan->waves[w].first + k]];

                        if (p->start_due && p->wave == w && !process_waits(e, p, NULL))
                                process_step(e, p, process_start_event(p), now_usec);
                }
        }
}

void engine_take_turns(Engine *e, uint64_t now_usec) {
        if (e->n_holds > 0)
                return;
        take_stop_turns(e, now_usec);
        take_start_turns(e, now_usec);
}

void engine_hold(Engine *e) {
        e->n_holds++;
}

void engine_release(Engine *e, uint64_t now_usec) {
        assert(e->n_holds > 0);
        e->n_holds--;
        engine_take_turns(e, now_usec);
}

int engine_commit(Engine *e, uint64_t now_usec) {
        _cleanup_(freep) const ProcessConfig **configs = NULL;
        _cleanup_(schedule_freep) Schedule *schedule = NULL;
        _cleanup_(plan_freep) Plan *plan = NULL;
        int r;

        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        configs = calloc(e->n_processes + 1, sizeof(*configs));
        if (!configs)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_processes;
             i++) /* one being replaced has its new place at once */
                configs[i] = e->processes[i].next_config ? e->processes[i].next_config
                                                         : e->processes[i].config;

        r = plan_new(configs, e->n_processes, &plan);
        if (r < 0)
                return r;
        r = schedule_new(plan->n_waves, &schedule);
        if (r < 0)
                return r;

        plan_free(e->plan);
        e->plan = TAKE_PTR(plan);
        schedule_free(e->schedule);
        e->schedule = TAKE_PTR(schedule);
        for (size_t i = 0; i < e->n_processes; i++) {
                Process *p = &e->processes[i];

                p->wave = e->plan->wave_of[i];
                schedule_count(e->schedule, p->wave, 0, p->counted);
        }
        engine_plan_spares(e);
        /* Those that others depend on come first. */
        for (size_t k = 0; k < e->plan->n_order; k++)
                process_count(e, &e->processes[e->plan->order[k]]);
        for (size_t k = 0; k < e->plan->n_order; k++)
                if (e->processes[e->plan->order[k]].brings_along)
                        process_bring_along(e, &e->processes[e->plan->order[k]]);

        engine_take_turns(e, now_usec);
        return 0;
}

/* ---------------------------------------------------------------- what is wanted */

Process *engine_entry(Engine *e, size_t i) {
        assert(i < e->n_processes && e->processes[i].config);
        return &e->processes[i];
}

static Process *entry(Engine *e, size_t i) {
        return engine_entry(e, i);
}

void process_want_up(Engine *e, Process *p) {
        bool takes_back = p->stop_due && !p->again && !p->next_config;

        if (e->mode != SHUTDOWN_NONE || p->removed)
                return;
        process_set_goal(e, p, GOAL_UP);
        if (!phase_has_child(p->phase)) {
                process_set_due(e, p, /* start_due= */ true, p->stop_due, p->asked);
                return;
        }
        if (takes_back) /* its turn to stop has not come: it just goes on */
                process_set_due(e, p, p->start_due, /* stop_due= */ false, p->asked);
        if (p->stop_due || phase_is_ending(p->phase))
                p->again = true;
}

void process_want_stop(Engine *e, Process *p, uint64_t now_usec) {
        p->again = false;
        process_set_due(e, p,
                        /* start_due= */ false,
                        /* stop_due= */ phase_has_child(p->phase) && !p->asked, p->asked);
        if (p->phase == PHASE_BACKOFF)
                process_step(e, p, EVENT_STOP, now_usec);
        if (p->stop_due)
                process_be_followed(e, p, now_usec);
}

void process_want_down(Engine *e, Process *p, uint64_t now_usec) {
        process_set_goal(e, p, GOAL_DOWN);
        process_want_stop(e, p, now_usec);
}

/* Up, and with it what it depends on: somebody has ordered so. */
static void bring_up(Engine *e, Process *p) {
        process_want_up(e, p);
        if (p->goal == GOAL_UP)
                process_bring_along(e, p);
}

void engine_start(Engine *e, size_t i, uint64_t now_usec) {
        bring_up(e, entry(e, i));
        engine_take_turns(e, now_usec);
}

void engine_stop(Engine *e, size_t i, uint64_t now_usec) {
        process_want_down(e, entry(e, i), now_usec);
        engine_take_turns(e, now_usec);
}

/* Up again once it is down, which it may be already. */
static void want_anew(Engine *e, Process *p) {
        if (e->mode != SHUTDOWN_NONE || p->removed)
                return;
        process_set_goal(e, p, GOAL_UP);
        p->again = phase_has_child(p->phase);
        if (!p->again)
                bring_up(e, p);
}

void engine_restart(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = entry(e, i);

        if (e->mode != SHUTDOWN_NONE || p->removed)
                return;
        process_want_stop(e, p, now_usec);
        want_anew(e, p);
        engine_take_turns(e, now_usec);
}

void engine_kill(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = entry(e, i);

        process_want_down(e, p, now_usec);
        if (phase_has_child(p->phase)) {
                process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
                process_step(e, p, EVENT_KILL, now_usec);
        }
        engine_take_turns(e, now_usec);
}

static void vanish_if_down(Engine *e, Process *p) {
        if (!p->removed || phase_has_child(p->phase) || p->removal_waits)
                return;
        p->removal_waits = true;
        engine_push(e, (Action){ .kind = ACTION_REMOVED, .process = (size_t)(p - e->processes) });
}

void engine_remove(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = entry(e, i);

        if (p->removed)
                return;
        process_want_down(e, p, now_usec);
        p->removed = true;
        vanish_if_down(e, p);
}

void engine_retire(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (p->removed)
                return;
        p->removed = true;
        process_set_spare(e, p, true);
        process_want_down(e, p, now_usec);
        vanish_if_down(e, p);
        engine_take_turns(e, now_usec);
}

void engine_replace(Engine *e, size_t i, ProcessConfig *config, uint64_t now_usec) {
        Process *p = entry(e, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;
        bool begins = process_config_begins(config) && (p->removed || !process_config_begins(old));
        bool up = p->goal == GOAL_UP || begins;

        p->removed = false;
        process_config_unref(p->next_config);
        p->next_config = process_config_ref(config);
        process_want_stop(e, p, now_usec);

        if (!phase_has_child(p->phase)) {
                process_config_unref(p->config);
                p->config = TAKE_PTR(p->next_config);
                p->failures = 0;
        }
        if (up)
                want_anew(e, p);
}

void engine_update(Engine *e, size_t i, ProcessConfig *config) {
        Process *p = entry(e, i);
        ProcessConfig **place = p->next_config ? &p->next_config : &p->config;
        bool begins = process_config_begins(config) && !process_config_begins(*place);

        process_config_unref(*place);
        *place = process_config_ref(config);
        process_count(e, p); /* what depends on the configuration */
        if (begins)
                bring_up(e, p);
}

/* ---------------------------------------------------------------- what happened */

void process_ended(Engine *e, Process *p, uint64_t now_usec) {
        RunEnd end = {
                .exit = p->exit,
                .asked = p->asked,
                .early = p->early,
                .failed = p->failure != FAILURE_NONE,
                .wanted = p->goal == GOAL_UP && e->mode == SHUTDOWN_NONE,
                .failures = p->failures,
        };
        bool again = p->again && end.wanted, asked = p->asked;
        LifecycleEvent verdict =
                again && !p->asked ? EVENT_ENDED_EXITED : restart_verdict(p->config, &end);

        p->again = false;
        p->exit_failed = end.failed;
        p->ended_usec = now_usec;
        if (verdict == EVENT_ENDED_RETRY)
                p->failures++;
        else if (verdict != EVENT_ENDED_STOPPED || p->was_up)
                p->failures = 0;
        process_step(e, p, verdict, now_usec);
        if (!asked && !(p->config->type == PROCESS_TYPE_ONESHOT && verdict == EVENT_ENDED_EXITED))
                process_be_followed(e, p, now_usec);
        process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ false);

        if (p->next_config) {
                process_config_unref(p->config);
                p->config = TAKE_PTR(p->next_config);
                p->failures = 0;
                process_count(e, p);
        }
        if (again || (end.wanted && verdict == EVENT_ENDED_EXITED &&
                      restart_wanted(p->config, &p->exit, p->failure != FAILURE_NONE)))
                process_want_up(e, p);
        vanish_if_down(e, p);
        engine_take_turns(e, now_usec);
}

void process_never_began(Engine *e, Process *p, uint64_t now_usec) {
        p->exit = (ProcessExit){ .kind = EXIT_NONE };
        process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
        process_run_over(e, p, now_usec);
}

void engine_spawn_failed(Engine *e, size_t i, int error, uint64_t now_usec) {
        Process *p = entry(e, i);

        if (!phase_has_tree(p->phase))
                return;
        p->exit = (ProcessExit){ .kind = EXIT_SPAWN_FAILED, .value = error };
        p->leader_gone = true;
        process_run_over(e, p, now_usec);
}

void engine_exited(Engine *e, size_t i, ProcessExit exit, bool leftovers, uint64_t now_usec) {
        Process *p = entry(e, i);

        if (!phase_has_tree(p->phase))
                return;

        /* It had stayed up for long enough, only nobody had looked yet. */
        if (p->phase == PHASE_STARTING && p->main_known &&
            now_usec >= deadlines_get(e->deadlines, i))
                process_step(e, p, EVENT_UP, now_usec);
        if (p->phase == PHASE_STARTING)
                p->early = true;

        p->exit = exit;
        p->leader_gone = true;
        if (!leftovers || p->config->kill_mode == KILL_MODE_PROCESS)
                process_run_over(e, p, now_usec);
        else if (p->phase == PHASE_KILLING && p->kill_scope != SCOPE_TREE)
                process_step(e, p, EVENT_KILL, now_usec); /* a reload has widened what is killed */
        else
                process_step(e, p, EVENT_LEFT, now_usec);
}

void engine_emptied(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = entry(e, i);

        if (!p->leader_gone || !phase_has_tree(p->phase))
                return;
        if (p->phase == PHASE_STARTING) /* a forking program that came to nothing */
                p->early = true;
        process_run_over(e, p, now_usec);
}

void engine_starter_gone(Engine *e, size_t i) {
        Process *p = entry(e, i);

        p->exit = (ProcessExit){ .kind = EXIT_STATUS, .value = 0 };
        p->leader_gone = true;
}

void engine_main_found(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = entry(e, i);

        p->leader_gone = false;
        if (p->main_known)
                return;
        p->main_known = true;
        process_count(e, p);
        if (p->phase == PHASE_STARTING)
                deadlines_set(e->deadlines, i, process_deadline(e, p, now_usec));
        if (p->phase == PHASE_KILLING) /* the SIGKILL was for others */
                process_step(e, p, EVENT_KILL, now_usec);
        engine_take_turns(e, now_usec);
}

void engine_elapsed(Engine *e, uint64_t now_usec) {
        size_t i;

        while (deadlines_next(e->deadlines, &i) <= now_usec) {
                Process *p = &e->processes[i];

                deadlines_set(e->deadlines, i, USEC_INFINITY);
                switch (p->phase) {
                case PHASE_PREPARING: /* hook_timeout */
                        process_step(e, p, EVENT_LATE, now_usec);
                        break;
                case PHASE_STARTING:
                        process_step(e, p, p->main_known ? EVENT_UP : EVENT_LATE, now_usec);
                        break;
                case PHASE_BACKOFF: /* a retry keeps the order too */
                        process_want_up(e, p);
                        break;
                case PHASE_CANCELLING:
                case PHASE_DRAINING:
                case PHASE_STOPPING:
                case PHASE_CLEARING:
                case PHASE_KILLING:
                case PHASE_CLEANING:
                        process_grace_over(e, p, now_usec);
                        break;
                case PHASE_RUNNING:
                        process_overdue(e, p, now_usec);
                        break;
                case PHASE_STOPPED:
                case PHASE_EXITED:
                case PHASE_FATAL:
                case _PHASE_MAX:
                        assert(false);
                }
        }
        if (e->drain_end_usec <= now_usec)
                e->drain_end_usec = 0;
        engine_take_turns(e, now_usec);
}
