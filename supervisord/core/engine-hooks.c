/* The commands that run before a start, before a stop and after the end of a run. */
#include <assert.h>
#include <errno.h>
#include <signal.h>

#include "core/engine-internal.h"

LifecycleEvent process_start_event(const Process *p) {
        return p->config->settings->pre_start.argv ? EVENT_PREPARE : EVENT_START;
}

LifecycleEvent process_stop_event(const Process *p) {
        return p->config->settings->pre_stop.argv && p->phase == PHASE_RUNNING ? EVENT_DRAIN
                                                                               : EVENT_STOP;
}

uint64_t process_cleaning_usec(const Process *p) {
        if (!p->config->settings->post_stop.argv || p->run.cleaned)
                return 0;
        return MIN(usec_from(p->config->settings->hook_timeout_usec), HOOK_LAST_USEC);
}

static HookKind hook_of(Phase phase) {
        switch (phase) {
        case PHASE_PREPARING:
                return HOOK_PRE_START;
        case PHASE_DRAINING:
                return HOOK_PRE_STOP;
        default:
                assert(phase == PHASE_CLEANING);
                return HOOK_POST_STOP;
        }
}

static void signal_hook(Engine *e, Process *p, int signo) {
        assert(p->run.hook != HOOK_NONE);
        if (p->run.hook_killed)
                return;
        p->run.hook_killed = signo == SIGKILL;
        if (!p->run.hook_waits)
                engine_push(e, (Action){ .kind = ACTION_HOOK_SIGNAL,
                                         .process = (size_t)(p - e->processes),
                                         .signal = signo });
}

void process_act_on_hook(Engine *e, Process *p, LifecycleAction action) {
        switch (action) {
        case DO_HOOK:
                p->run.hook = hook_of(p->phase);
                p->run.hook_waits = true;
                p->run.hook_killed = false;
                engine_push(e, (Action){ .kind = ACTION_HOOK,
                                         .process = (size_t)(p - e->processes),
                                         .hook = p->run.hook });
                return;
        case DO_END_HOOK:
                signal_hook(e, p, SIGTERM);
                return;
        default:
                assert(action == DO_KILL_HOOK);
                signal_hook(e, p, SIGKILL);
        }
}

void process_abandon_hook(Engine *e, Process *p) {
        if (p->run.hook == HOOK_PRE_STOP)
                signal_hook(e, p, SIGKILL);
}

/* Until when a hook that begins now may run. */
static uint64_t hook_end(const Engine *e, const Process *p, uint64_t now_usec) {
        uint64_t end = usec_add(now_usec, usec_from(p->config->settings->hook_timeout_usec));

        if (p->run.hook == HOOK_PRE_STOP)
                return MIN(end, p->run.grace_end_usec);
        if (p->run.hook == HOOK_POST_STOP) {
                uint64_t last = usec_add(now_usec, e->mode == SHUTDOWN_FAST
                                                           ? MIN(HOOK_LAST_USEC, e->rules.fast_usec)
                                                           : HOOK_LAST_USEC);

                end = MIN(end, MAX(p->run.grace_end_usec, last));
                end = MIN(end, e->shutdown_end_usec);
        }
        return end;
}

static void hook_over(Engine *e, Process *p, int error, uint64_t now_usec) {
        HookKind hook = p->run.hook;

        p->run.hook = HOOK_NONE;
        p->run.hook_waits = false;
        switch (hook) {
        case HOOK_PRE_START:
                if (p->phase == PHASE_PREPARING && error == 0 && !p->stop_due) {
                        process_step(e, p, EVENT_START, now_usec);
                        return;
                }
                p->exit = (ProcessExit){ .kind = EXIT_NONE };
                if (!p->asked && !p->stop_due)
                        p->exit = (ProcessExit){ .kind = EXIT_SPAWN_FAILED,
                                                 .value = error > 0 ? error : ETIMEDOUT };
                p->asked |= p->stop_due;
                process_run_over(e, p, now_usec);
                return;
        case HOOK_PRE_STOP:
                if (p->run.tree_gone) {
                        p->run.tree_gone = false; /* what runs next has a time of its own */
                        process_run_over(e, p, now_usec);
                } else if (p->phase == PHASE_DRAINING)
                        process_step(e, p, EVENT_STOP, now_usec);
                return;
        case HOOK_POST_STOP:
                process_ended(e, p, now_usec);
                return;
        default:
                return; /* it had none */
        }
}

bool process_begins_hook(Engine *e, Process *p, uint64_t now_usec) {
        bool wanted = p->phase == PHASE_PREPARING  ? !p->stop_due
                      : p->phase == PHASE_DRAINING ? !p->run.tree_gone
                                                   : p->phase == PHASE_CLEANING;

        p->run.hook_waits = false;
        if (!wanted || p->run.hook_killed) {
                hook_over(e, p, ECANCELED, now_usec);
                return false;
        }
        p->run.begun = true;
        p->run.hook_end_usec = hook_end(e, p, now_usec);
        deadlines_set(e->deadlines, (size_t)(p - e->processes), process_deadline(e, p, now_usec));
        return true;
}

void engine_hook_ended(Engine *e, size_t i, int error, uint64_t now_usec) {
        assert(i < e->n_processes && e->processes[i].config);
        hook_over(e, &e->processes[i], error, now_usec);
        engine_take_turns(e, now_usec);
}

void process_run_over(Engine *e, Process *p, uint64_t now_usec) {
        if (p->run.hook != HOOK_NONE) {
                p->run.tree_gone = true; /* it may finish what it does, within the grace */
                return;
        }
        assert(!p->run.cleaned);
        if (p->config->settings->post_stop.argv && p->run.begun && e->mode != SHUTDOWN_NOW) {
                p->run.cleaned = true;
                process_step(e, p, EVENT_CLEAN, now_usec);
                return;
        }
        process_ended(e, p, now_usec);
}
