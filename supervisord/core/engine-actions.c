#include <assert.h>
#include <errno.h>

#include "core/engine-internal.h"

/*
 * The most actions that can wait for one process at once, however late they are taken. The longest
 * way to the next spawn is RUNNING, STOPPING, stop signal, SIGTERM for the leftovers, SIGKILL
 * (which waits only once), STOPPED, STARTING, spawn. Before that is taken only STOPPING can follow;
 * and instead of STARTING only the removal, after which nothing does.
 */
#define ACTIONS_PER_PROCESS 18

/* When so many places were used at once the memory of the ring is exchanged for untouched one. */
#define MANY_ACTIONS 4096

int engine_reserve_actions(Engine *e, size_t n_processes) {
        size_t wanted = ACTIONS_PER_PROCESS * n_processes;
        Action *actions;

        if (wanted <= e->n_actions_allocated)
                return 0;
        wanted = MAX(wanted, 2 * e->n_actions_allocated);
        actions = calloc(wanted, sizeof(*actions));
        if (!actions)
                return -ENOMEM;
        for (size_t i = 0; i < e->n_actions; i++)
                actions[i] = e->actions[(e->first_action + i) % e->n_actions_allocated];
        free(e->actions);
        e->actions = actions;
        e->n_actions_allocated = wanted;
        e->n_actions_used = e->n_actions;
        e->first_action = 0;
        return 0;
}

void engine_push(Engine *e, Action action) {
        Process *p = &e->processes[action.process];
        size_t place;

        if (action.kind == ACTION_SIGNAL || action.kind == ACTION_KILL) {
                if (p->run.unborn || (action.kind == ACTION_KILL && p->kill_waits))
                        return;
                p->kill_waits = action.kind == ACTION_KILL;
        }
        assert(e->n_actions < e->n_actions_allocated);
        place = (e->first_action + e->n_actions++) % e->n_actions_allocated;
        e->actions[place] = action;
        e->n_actions_used = MAX(e->n_actions_used, place + 1);
}

/* The ring is empty: what a start or a stop of many has filled is given back. */
static void renew_ring(Engine *e) {
        Action *fresh;

        e->first_action = 0; /* little of its memory is ever touched */
        if (e->n_actions_used < MANY_ACTIONS)
                return;
        fresh = reallocarray(NULL, e->n_actions_allocated, sizeof(*fresh));
        if (!fresh)
                return;
        free(e->actions);
        e->actions = fresh;
        e->n_actions_used = 0;
}

static Action pop(Engine *e) {
        Action action = e->actions[e->first_action];

        e->first_action = (e->first_action + 1) % e->n_actions_allocated;
        if (--e->n_actions == 0)
                renew_ring(e);
        return action;
}

/* The spawn is taken now: the run begins, unless it was told to end before. */
static bool begins(Engine *e, Process *p, uint64_t now_usec) {
        p->run.unborn = false;
        if (p->stop_due || phase_is_ending(p->phase)) {
                process_never_began(e, p, now_usec);
                return false;
        }
        p->n_runs++;
        p->spawned_usec = now_usec;
        p->run.begun = true;
        e->spawning = (size_t)(p - e->processes);
        deadlines_set(e->deadlines, e->spawning, process_deadline(e, p, now_usec));
        return true;
}

/* The next action is asked for: the spawn before it has not failed. */
static void has_spawned(Engine *e, uint64_t now_usec) {
        size_t i = e->spawning;

        if (i == NOBODY)
                return;
        e->spawning = NOBODY;
        process_count(e, &e->processes[i]);
        engine_take_turns(e, now_usec); /* who only waited for it to be started */
}

/* Is there still somebody to perform @action on? Things may have happened since it was decided. */
static bool is_due(Engine *e, const Action *action, uint64_t now_usec) {
        Process *p = &e->processes[action->process];

        switch (action->kind) {
        case ACTION_SPAWN:
                return begins(e, p, now_usec);
        case ACTION_KILL:
                p->kill_waits = false;
                __attribute__((fallthrough));
        case ACTION_SIGNAL:
                return phase_has_tree(p->phase) && !p->run.unborn && !p->run.tree_gone &&
                       (action->scope == SCOPE_TREE || !p->run.leader_gone);
        case ACTION_REMOVED: /* it may have been replaced after all */
                p->removal_waits = false;
                return p->removed && !phase_has_child(p->phase);
        case ACTION_HOOK:
                return process_begins_hook(e, p, now_usec);
        case ACTION_HOOK_SIGNAL:
                return p->run.hook != HOOK_NONE && !p->run.hook_waits;
        case ACTION_WAITING:
                return p->start_due && process_waits(e, p, NULL);
        default: /* news stays news */
                return true;
        }
}

bool engine_next_action(Engine *e, uint64_t now_usec, Action *ret) {
        has_spawned(e, now_usec);
        while (e->n_actions > 0) {
                Action action = pop(e);

                if (!is_due(e, &action, now_usec))
                        continue;
                *ret = action;
                return true;
        }
        return false;
}
