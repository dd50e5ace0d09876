/* What happened: ends of processes, news of their main process, time. */
#include <assert.h>

#include "core/engine-internal.h"

void process_vanish_if_down(Engine *e, Process *p) {
        if (!p->removed || phase_has_child(p->phase) || p->removal_waits)
                return;
        p->removal_waits = true;
        engine_push(e, (Action){ .kind = ACTION_REMOVED, .process = (size_t)(p - e->processes) });
}

static void count_failure(Process *p, LifecycleEvent verdict) {
        if (verdict == EVENT_ENDED_RETRY)
                p->failures++;
        else if (verdict != EVENT_ENDED_STOPPED || p->run.was_up)
                p->failures = 0;
}

static void take_next_config(Engine *e, Process *p) {
        if (!p->next_config)
                return;
        process_config_unref(p->config);
        p->config = TAKE_PTR(p->next_config);
        p->failures = 0;
        process_count(e, p);
}

void process_ended(Engine *e, Process *p, uint64_t now_usec) {
        RunEnd end = {
                .exit = p->exit,
                .asked = p->asked,
                .early = p->run.early,
                .failed = p->run.failure != FAILURE_NONE,
                .wanted = p->goal == GOAL_UP,
                .soon = now_usec < process_next_start(p),
                .failures = p->failures,
        };
        bool again = p->again, asked = p->asked;
        LifecycleEvent verdict =
                again && !p->asked ? EVENT_ENDED_EXITED : restart_verdict(p->config, &end);

        assert(!again || end.wanted);
        assert(!end.wanted || e->mode == SHUTDOWN_NONE);
        p->again = false;
        p->exit_failed = end.failed;
        p->ended_usec = now_usec;
        count_failure(p, verdict);
        process_step(e, p, verdict, now_usec);
        if (!asked &&
            !(p->config->settings->type == PROCESS_TYPE_ONESHOT && verdict == EVENT_ENDED_EXITED))
                process_be_followed(e, p, now_usec);
        process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ false);
        take_next_config(e, p);
        if (again || (end.wanted && verdict == EVENT_ENDED_EXITED &&
                      restart_wanted(p->config, &p->exit, p->run.failure != FAILURE_NONE)))
                process_want_up(e, p);
        process_vanish_if_down(e, p);
        engine_take_turns(e, now_usec);
}

void process_never_began(Engine *e, Process *p, uint64_t now_usec) {
        p->exit = (ProcessExit){ .kind = EXIT_NONE };
        process_set_due(e, p, p->start_due, /* stop_due= */ false, /* asked= */ true);
        process_run_over(e, p, now_usec);
}

void engine_spawn_failed(Engine *e, size_t i, int error, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!phase_has_tree(p->phase))
                return;
        p->exit = (ProcessExit){ .kind = EXIT_SPAWN_FAILED, .value = error };
        p->run.leader_gone = true;
        process_run_over(e, p, now_usec);
}

void engine_exited(Engine *e, size_t i, ProcessExit exit, bool leftovers, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!phase_has_tree(p->phase))
                return;

        /* It had stayed up for long enough, only nobody had looked yet. */
        if (p->phase == PHASE_STARTING && p->run.main_known &&
            now_usec >= deadlines_get(e->deadlines, i))
                process_step(e, p, EVENT_UP, now_usec);
        if (p->phase == PHASE_STARTING)
                p->run.early = true;

        p->exit = exit;
        p->run.leader_gone = true;
        if (!leftovers || p->config->settings->kill_mode == KILL_MODE_PROCESS)
                process_run_over(e, p, now_usec);
        else if (p->phase == PHASE_KILLING && p->run.kill_scope != SCOPE_TREE)
                process_step(e, p, EVENT_KILL, now_usec); /* a reload has widened what is killed */
        else
                process_step(e, p, EVENT_LEFT, now_usec);
}

void engine_emptied(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        if (!p->run.leader_gone || !phase_has_tree(p->phase))
                return;
        if (p->phase == PHASE_STARTING) /* a forking program that came to nothing */
                p->run.early = true;
        process_run_over(e, p, now_usec);
}

void engine_starter_gone(Engine *e, size_t i) {
        Process *p = engine_entry(e, i);

        p->exit = (ProcessExit){ .kind = EXIT_STATUS, .value = 0 };
        p->run.leader_gone = true;
}

void engine_main_found(Engine *e, size_t i, uint64_t now_usec) {
        Process *p = engine_entry(e, i);

        p->run.leader_gone = false;
        if (p->run.main_known)
                return;
        p->run.main_known = true;
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
                        process_step(e, p, p->run.main_known ? EVENT_UP : EVENT_LATE, now_usec);
                        break;
                case PHASE_BACKOFF: /* a retry keeps the order too */
                case PHASE_PAUSING:
                        process_want_up(e, p);
                        break;
                case PHASE_RUNNING:
                        process_overdue(e, p, now_usec);
                        break;
                default:
                        assert(phase_is_ending(p->phase));
                        process_grace_over(e, p, now_usec);
                }
        }
        if (e->drain_end_usec <= now_usec)
                e->drain_end_usec = 0;
        engine_take_turns(e, now_usec);
}
