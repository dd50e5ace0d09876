/* What moves do to the engine and to the bodies. */
#include <assert.h>
#include <errno.h>
#include <signal.h>

#include "model.h"

/* ---------------------------------------------------------------- what is performed */

static void doom(const Model *m, Body *b, bool leader, bool rest, bool hook) {
        if (!b->leader_doomed && !b->rest_doomed && !b->hook_doomed)
                b->doomed_usec = m->now_usec;
        b->leader_doomed |= leader;
        b->rest_doomed |= rest;
        b->hook_doomed |= hook;
}

static void perform(Model *m, const Action *a) {
        Body *b = &m->bodies[a->process];
        Watch *w = &m->watches[a->process];
        const ProcessConfig *c = engine_get(m->engine, a->process)->config;

        switch (a->kind) {
        case ACTION_SPAWN:
                *b = (Body){ .leader = true,
                             .fresh = true,
                             .starter = c->settings->type == PROCESS_TYPE_FORKING };
                return;
        case ACTION_KILL:
                w->killed = true;
                doom(m, b, b->leader, b->rest && a->scope == SCOPE_TREE, false);
                return;
        case ACTION_HOOK:
                b->hook = a->hook;
                b->hook_doomed = false;
                return;
        case ACTION_HOOK_SIGNAL:
                if (a->signal == SIGKILL)
                        doom(m, b, false, false, true);
                return;
        case ACTION_CHANGED:
                w->shown = a->to;
                return;
        case ACTION_REMOVED:
                engine_forget(m->engine, a->process);
                *w = (Watch){ .is_removed = true, .limit_usec = USEC_INFINITY };
                return;
        case ACTION_SIGNAL: /* what comes of it is a move of its own */
        case ACTION_WAITING:
        case ACTION_FOLLOWS:
                return;
        }
}

static void trace_action(const Model *m, const Action *a) {
        static const char *const kinds[] = {
                [ACTION_SPAWN] = "spawn",    [ACTION_SIGNAL] = "signal",
                [ACTION_KILL] = "kill",      [ACTION_HOOK] = "hook",
                [ACTION_CHANGED] = NULL,     [ACTION_HOOK_SIGNAL] = "signal to the hook",
                [ACTION_WAITING] = "wait",   [ACTION_FOLLOWS] = "follow",
                [ACTION_REMOVED] = "remove",
        };

        if (a->kind == ACTION_CHANGED)
                model_trace(m, "        %u is %s", a->process, process_state_to_string(a->to));
        else
                model_trace(m, "        %s %u (signal %d, scope %d, hook %d)", kinds[a->kind],
                            a->process, a->signal, (int)a->scope, (int)a->hook);
}

void environment_perform(Model *m, bool all) {
        Action a;

        do {
                m->has_pending = engine_next_action(m->engine, m->now_usec, &a);
                rules_follow(m);
                if (!m->has_pending)
                        return;
                trace_action(m, &a);
                rules_check_action(m, &a);
                perform(m, &a);
        } while (all && !m->broken);
}

/* ---------------------------------------------------------------- what happens */

static void reload(Model *m, Move move) {
        ProcessConfig *const *c = m->configs[move.process];
        size_t i = move.process;

        switch (move.kind) {
        case MOVE_REPLACE:
        case MOVE_REPLACE_BACK:
                m->watches[i].replaced = phase_has_child(engine_get(m->engine, i)->phase);
                if (!m->watches[i].replaced)
                        m->watches[i].failures = 0;
                engine_replace(m->engine, i, c[move.kind == MOVE_REPLACE], m->now_usec);
                break;
        case MOVE_UPDATE:
        case MOVE_UPDATE_BACK:
                engine_update(m->engine, i, c[move.kind == MOVE_UPDATE], m->now_usec);
                m->watches[i].lenient |= !c[move.kind == MOVE_UPDATE]->settings->send_sigkill;
                break;
        case MOVE_REMOVE:
                engine_remove(m->engine, i, m->now_usec);
                break;
        default:
                assert(move.kind == MOVE_ADD);
                if (engine_add(m->engine, c[0], &i) < 0 || i != move.process)
                        model_break(m, "added elsewhere");
                m->watches[move.process].is_removed = false;
                engine_start(m->engine, i, m->now_usec);
        }
        if (engine_commit(m->engine, m->now_usec) < 0)
                model_break(m, "no memory");
}

static void shut_down(Model *m, ShutdownMode mode) {
        if (m->mode == SHUTDOWN_NONE)
                m->drain_end_usec = m->now_usec + MIN(m->scenario->rules.drain_usec,
                                                      m->scenario->rules.timeout_usec);
        m->mode = mode;
        for (size_t i = 0; i < m->scenario->n_processes; i++) {
                Watch *w = &m->watches[i];
                const Process *p = engine_get(m->engine, i);

                w->killable |= mode == SHUTDOWN_NOW;
                if (mode == SHUTDOWN_FAST && p->config && w->ends &&
                    (p->config->settings->send_sigkill || p->phase == PHASE_CANCELLING))
                        w->limit_usec =
                                MIN(w->limit_usec, m->now_usec + m->scenario->rules.fast_usec);
        }
        engine_shutdown(m->engine, mode, m->now_usec);
}

static void order(Model *m, Move move) {
        size_t i = move.process;

        /* Alone it has its turn at once. */
        if ((move.kind == MOVE_STOP || move.kind == MOVE_KILL) && m->mode == SHUTDOWN_NONE &&
            m->scenario->n_processes == 1)
                m->watches[i].told_down = phase_has_child(engine_get(m->engine, i)->phase);
        switch (move.kind) {
        case MOVE_START:
                engine_start(m->engine, i, m->now_usec);
                return;
        case MOVE_STOP:
                engine_stop(m->engine, i, m->now_usec);
                return;
        case MOVE_RESTART:
                engine_restart(m->engine, i, m->now_usec);
                if (m->mode == SHUTDOWN_NONE && phase_is_ending(engine_get(m->engine, i)->phase) &&
                    !engine_get(m->engine, i)->again)
                        model_break(m, "a restart is forgotten");
                return;
        case MOVE_KILL:
                m->watches[i].killable = true;
                engine_kill(m->engine, i, m->now_usec);
                return;
        case MOVE_SHUTDOWN:
        case MOVE_SHUTDOWN_FAST:
        case MOVE_SHUTDOWN_NOW:
                shut_down(m, (ShutdownMode)(move.kind - MOVE_SHUTDOWN + SHUTDOWN_GRACEFUL));
                return;
        default:
                reload(m, move);
        }
}

static ProcessExit exit_of(MoveKind kind) {
        switch (kind) {
        case MOVE_EXIT:
        case MOVE_EXIT_LEAVING:
                return (ProcessExit){ .kind = EXIT_STATUS, .value = 0 };
        case MOVE_FAIL:
        case MOVE_FAIL_LEAVING:
                return (ProcessExit){ .kind = EXIT_STATUS, .value = 3 };
        default:
                return (ProcessExit){ .kind = EXIT_SIGNAL, .value = SIGSEGV };
        }
}

static void end(Model *m, Move move, bool leaves) {
        Body *b = &m->bodies[move.process];
        Watch *w = &m->watches[move.process];
        KillMode mode = engine_get(m->engine, move.process)->config->settings->kill_mode;

        b->leader = b->leader_doomed = b->starter = false;
        b->rest_doomed &= b->rest; /* what was forked at the last moment has escaped the SIGKILL */
        b->rest = leaves && mode != KILL_MODE_PROCESS; /* else it is nobody's business */
        b->rest_doomed &= b->rest;
        w->exit = exit_of(move.kind);
        engine_exited(m->engine, move.process, w->exit, leaves, m->now_usec);
}

static void extend(Model *m, size_t i) {
        Watch *w = &m->watches[i];
        uint64_t before = engine_process_deadline(m->engine, i);
        uint64_t until = engine_extend(m->engine, i, 2 * TICK_USEC, m->now_usec);

        if (until == 0)
                return;
        if (m->mode >= SHUTDOWN_FAST && w->shown == STATE_STOPPING)
                model_break(m, "an extension in a fast shutdown");
        if (w->limit_usec != USEC_INFINITY)
                w->limit_usec = m->bodies[i].hook != HOOK_NONE || until <= before
                                        ? MAX(w->limit_usec, until)
                                        : w->limit_usec + (until - before);
        m->bound_usec = 0; /* announced anew */
}

static void speak(Model *m, Move move) {
        size_t i = move.process;
        Phase phase = engine_get(m->engine, i)->phase;
        bool runs = phase == PHASE_STARTING || phase == PHASE_RUNNING;
        Watch *w = &m->watches[i];

        switch (move.kind) {
        case MOVE_SAYS_READY:
                w->said_ready |= runs && !w->leaves;
                engine_ready(m->engine, i, m->now_usec);
                return;
        case MOVE_SAYS_NOT_READY:
                engine_not_ready(m->engine, i, m->now_usec);
                return;
        case MOVE_SAYS_LEAVING:
                w->leaves |= runs;
                if (engine_leaving(m->engine, i, m->now_usec) && !runs)
                        model_break(m, "one that does not run is leaving");
                return;
        case MOVE_SAYS_RELOADING:
                (void)engine_reloading(m->engine, i); /* or that means nothing now */
                return;
        case MOVE_SAYS_ALIVE:
                engine_alive(m->engine, i, m->now_usec);
                return;
        case MOVE_SAYS_EXTEND:
                extend(m, i);
                return;
        default:
                assert(move.kind == MOVE_UNHEALTHY);
                w->failed |= runs;
                if (engine_fail(m->engine, i, FAILURE_UNHEALTHY, m->now_usec) != runs)
                        model_break(m, "its failure is not taken as one");
        }
}

static void find_main(Model *m, size_t i) {
        Body *b = &m->bodies[i];

        b->leader = true;
        b->leader_doomed = b->rest_doomed;
        b->rest = b->rest_doomed = b->starter = false;
        engine_main_found(m->engine, i, m->now_usec);
}

static void end_hook(Model *m, size_t i, int error) {
        Body *b = &m->bodies[i];
        bool prepares = b->hook == HOOK_PRE_START;

        b->hook = HOOK_NONE;
        b->hook_doomed = false;
        engine_hook_ended(m->engine, i, error, m->now_usec);
        if (prepares && error && engine_get(m->engine, i)->phase == PHASE_STARTING)
                model_break(m, "started though pre_start_command has failed");
}

static void happen(Model *m, Move move) {
        size_t i = move.process;
        Body *b = &m->bodies[i];

        switch (move.kind) {
        case MOVE_SPAWN_FAILS:
                *b = (Body){ .hook = b->hook, .hook_doomed = b->hook_doomed };
                m->watches[i].exit = (ProcessExit){ EXIT_SPAWN_FAILED, ENOENT, false };
                engine_spawn_failed(m->engine, i, ENOENT, m->now_usec);
                return;
        case MOVE_EXIT:
        case MOVE_FAIL:
        case MOVE_DIE:
                end(m, move, /* leaves= */ false);
                return;
        case MOVE_EXIT_LEAVING:
        case MOVE_FAIL_LEAVING:
        case MOVE_DIE_LEAVING:
                end(m, move, /* leaves= */ true);
                return;
        case MOVE_EMPTIED:
                b->rest = b->rest_doomed = b->starter = false;
                engine_emptied(m->engine, i, m->now_usec);
                return;
        case MOVE_STARTER_GONE:
                b->leader = b->leader_doomed = false;
                b->rest = true;
                m->watches[i].exit = (ProcessExit){ .kind = EXIT_STATUS, .value = 0 };
                engine_starter_gone(m->engine, i);
                return;
        case MOVE_MAIN_FOUND:
                find_main(m, i);
                return;
        default:
                assert(move.kind == MOVE_HOOK_DONE || move.kind == MOVE_HOOK_FAILS);
                end_hook(m, i, move.kind == MOVE_HOOK_DONE ? 0 : ECANCELED);
        }
}

/* To the next tick, or the next deadline if that is earlier. */
static void tick(Model *m) {
        uint64_t deadline = engine_deadline(m->engine);

        m->now_usec = MIN(m->now_usec + TICK_USEC, deadline);
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                m->bodies[i].fresh = false;
}

static void dispatch(Model *m, Move move) {
        if (move_is_order(move.kind))
                order(m, move);
        else if (move.kind == MOVE_TICK)
                tick(m);
        else if (move.kind == MOVE_ELAPSED)
                engine_elapsed(m->engine, m->now_usec);
        else if (move.kind == MOVE_TAKE)
                environment_perform(m, /* all= */ false);
        else if (move.kind < MOVE_SAYS_READY)
                happen(m, move);
        else
                speak(m, move);
}

void model_make(Model *m, Move move) {
        model_trace(m, "%zu: %s", move.process, move_to_string(move.kind));
        rules_look_at(m, move);
        arena_open();
        dispatch(m, move);
        rules_follow(m);
        if (!m->scenario->lazy)
                environment_perform(m, /* all= */ true);
        else
                m->has_pending |= move.kind != MOVE_TAKE && move.kind != MOVE_TICK;
        arena_close();
        rules_check(m, move);
}
