/* The table of processes, and what is configured: entries come, go, and change. */
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

Process *engine_entry(Engine *e, size_t i) {
        assert(i < e->n_processes && e->processes[i].config);
        return &e->processes[i];
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
        r = schedule_new(plan->n_waves, plan->n_order, &schedule);
        if (r < 0)
                return r;

        plan_free(e->plan);
        e->plan = TAKE_PTR(plan);
        schedule_free(e->schedule);
        e->schedule = TAKE_PTR(schedule);
        for (size_t i = 0; i < e->n_processes; i++) {
                Process *p = &e->processes[i];

                p->wave = e->plan->wave_of[i];
                p->place = e->plan->place_of[i];
                schedule_count(e->schedule, p->wave, p->place, 0, p->counted);
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

/* ---------------------------------------------------------------- changes */

void engine_remove(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (p->removed)
                return;
        process_want_down(e, p, now_usec);
        p->removed = true;
        process_vanish_if_down(e, p);
}

void engine_retire(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (p->removed)
                return;
        p->removed = true;
        process_set_spare(e, p, true);
        process_want_down(e, p, now_usec);
        process_vanish_if_down(e, p);
        engine_take_turns(e, now_usec);
}

void engine_set_disabled(Engine *e, size_t i, bool disabled) {
        engine_entry(e, i)->disabled = disabled;
}

bool process_begins(const Process *p, const ProcessConfig *config) {
        return config->settings->autostart && !p->disabled;
}

void engine_replace(Engine *e, size_t i, ProcessConfig *config, uint64_t now_usec) {
        Process *p = engine_entry(e, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;
        bool begins = process_begins(p, config) && (p->removed || !process_begins(p, old));
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
                process_want_anew(e, p);
}

void engine_update(Engine *e, size_t i, ProcessConfig *config, uint64_t now_usec) {
        Process *p = engine_entry(e, i);
        ProcessConfig **place = p->next_config ? &p->next_config : &p->config;
        bool begins = process_begins(p, config) && !process_begins(p, *place);

        process_config_unref(*place);
        *place = process_config_ref(config);
        process_count(e, p); /* what depends on the configuration */
        if (phase_is_ending(p->phase) && phase_has_tree(p->phase) &&
            p->config->settings->send_sigkill &&
            deadlines_get(e->deadlines, i) == USEC_INFINITY) /* its grace ran out meanwhile */
                deadlines_set(e->deadlines, i, p->run.grace_end_usec);
        if (p->phase == PHASE_PAUSING && !restart_wanted(p->config, &p->exit, p->exit_failed))
                process_step(e, p, EVENT_STOP, now_usec);
        if (begins)
                process_bring_up(e, p);
}
