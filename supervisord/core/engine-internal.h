/*
 * The engine's inside, shared by its files: engine-table.c (entries and what is configured),
 * engine.c (turns, and what is wanted), engine-events.c (what happened), engine-step.c (one step of
 * one process), engine-hooks.c, engine-life.c (what a process says while it lives),
 * engine-dependencies.c, engine-shutdown.c, engine-actions.c (what waits to be performed) and
 * engine-query.c (questions). Nobody else includes this but the
 * model checker, tests/verify.
 */
#pragma once

#include "core/deadlines.h"
#include "core/engine.h"

/* A program that is never given up counts as settled after so many failed starts. */
#define SETTLED_FAILURES 3

#define NOBODY SIZE_MAX

struct Engine {
        Process *processes;
        size_t n_processes;
        size_t n_free; /* empty entries among them */
        size_t n_allocated;
        Plan *plan;
        Schedule *schedule;
        Deadlines *deadlines;

        Action *actions; /* a ring */
        size_t first_action;
        size_t n_actions;
        size_t n_actions_allocated;
        size_t n_actions_used; /* so many places from the first were ever written to */

        size_t spawning; /* whose ACTION_SPAWN was the last action, which may have failed; or NOBODY
                          */

        unsigned n_holds; /* of engine_hold() */
        ShutdownMode mode;
        ShutdownRules rules;
        uint64_t drain_end_usec;    /* 0: nobody is waited for */
        uint64_t shutdown_end_usec; /* by shutdown_timeout; USEC_INFINITY: none */
        uint64_t share_usec;        /* what the wave whose turn it is may take of that */
        uint64_t random;
        size_t n_alive;     /* with a child, or something left of it */
        size_t n_unsettled; /* to be up, but neither up nor given up */
        size_t n_missing;   /* to be up, but neither ready nor well at its end */
};

/* A configured duration as µs from now: negative ones act like 0. */
uint64_t usec_from(int64_t configured);

/* @a + @b, USEC_INFINITY instead of an overflow. */
uint64_t usec_add(uint64_t a, uint64_t b);

/* The grace of @p as configured, or as a fast shutdown allows; shutdown_timeout may cut it. */
uint64_t process_full_grace(const Engine *e, const Process *p);

/* How long the members of wave @w may still take to stop, if that is not cut; USEC_INFINITY: for
 * ever. */
uint64_t wave_remaining_usec(const Engine *e, size_t w, uint64_t now_usec);

/* How long @p may take beyond its grace: for post_stop_command. */
uint64_t process_cleaning_usec(const Process *p);

/* The time of the phase of @p is over: the next signal of the ladder is due, or SIGKILL. */
void process_grace_over(Engine *e, Process *p, uint64_t now_usec);

/* Is @p to be up, but neither up nor given up? */
bool process_is_unsettled(const Engine *e, const Process *p);

/* Bring the counters in line with @p; to be called after each change of it. */
void process_count(Engine *e, Process *p);

/* Tell those to stop and to start whose turn it is; to be called after whatever may have made it
 * somebody's turn. */
void engine_take_turns(Engine *e, uint64_t now_usec);

/* engine-shutdown.c: what wave @w may take of a shutdown that has to end in time, so that lower
 * ones get theirs, too. */
void engine_share_out(Engine *e, size_t w, uint64_t now_usec);

/* Bring @p up when its turn has come and those it depends on are there. */
void process_want_up(Engine *e, Process *p);

/* The same, and with it what it depends on: somebody has ordered so. */
void process_bring_up(Engine *e, Process *p);

/* Up again once it is down, which it may be already. */
void process_want_anew(Engine *e, Process *p);

/* Bring @p down when its turn has come, whatever its goal is. */
void process_want_stop(Engine *e, Process *p, uint64_t now_usec);

/* Bring @p down when its turn has come, and keep it down. */
void process_want_down(Engine *e, Process *p, uint64_t now_usec);

/* Nothing of the tree of @p is left: post_stop_command is next, or that was all. */
void process_run_over(Engine *e, Process *p, uint64_t now_usec);

/* @p is to be removed: if it is down its entry can be given back. */
void process_vanish_if_down(Engine *e, Process *p);

/* That was all: where it leads, and who is next. */
void process_ended(Engine *e, Process *p, uint64_t now_usec);

/* --- engine-hooks.c --- */

/* Which way the start and the stop of @p begin. */
LifecycleEvent process_start_event(const Process *p);
LifecycleEvent process_stop_event(const Process *p);

/* @action of the table, which concerns the hook of the phase that @p has entered. */
void process_act_on_hook(Engine *e, Process *p, LifecycleAction action);

/* pre_stop_command, if it runs, has had its time: it is killed. */
void process_abandon_hook(Engine *e, Process *p);

/* ACTION_HOOK is taken: is it still to be performed? If not what follows from that is done. */
bool process_begins_hook(Engine *e, Process *p, uint64_t now_usec);

/* --- engine-dependencies.c --- */

/* Those who depend on @p may be concerned: its state has changed for them. Called by
 * process_count(). */
void process_count_users(Engine *e, Process *p);

/* The same, whatever has changed; also for an entry that is empty now. */
void process_recount_users(Engine *e, const Process *p);

/* @p takes somebody's place, or counts itself. */
void process_set_spare(Engine *e, Process *p, bool spare);

/* There is a new plan: who depends on nobody but one that could not take somebody's place, depends
 * on nobody. */
void engine_plan_spares(Engine *e);

/* @p, whose place another has taken, is gone: nobody waits for it until there is a new plan. */
void process_drop_edges(Engine *e, const Process *p);

/* Does @p wait for somebody it depends on? If so, *ret_for (may be NULL) is the first of them,
 * DEPENDENCY_MISSING if nobody has the name. */
bool process_waits(const Engine *e, const Process *p, size_t *ret_for);

/* Does @p wait for somebody who is not on his way? */
bool process_waits_in_vain(const Engine *e, const Process *p);

/* Bring those up that @p depends on and that are down. */
void process_bring_along(Engine *e, Process *p);

/* @p ends, by itself or by command: stop or restart those that are configured to follow it. */
void process_be_followed(Engine *e, const Process *p, uint64_t now_usec);

/* Make room for all actions that @n_processes can have waiting, so that engine_push() cannot fail.
 * Returns 0 or -ENOMEM. */
int engine_reserve_actions(Engine *e, size_t n_processes);

/* Queue @action. A signal for one that was not spawned yet, or a second SIGKILL, is left out. */
void engine_push(Engine *e, Action action);

/* @p was told to end before its spawn was taken: no child was made, it is down already. */
void process_never_began(Engine *e, Process *p, uint64_t now_usec);

/* The fields that decide turns are written by these two only, so that all counters agree with them.
 */
void process_set_due(Engine *e, Process *p, bool start_due, bool stop_due, bool asked);
void process_set_goal(Engine *e, Process *p, Goal goal);

/* Let @event happen to @p: its next phase, deadline and counters, and the actions that follow. */
void process_step(Engine *e, Process *p, LifecycleEvent event, uint64_t now_usec);

/* When the phase that @p has entered has to be looked at again. */
uint64_t process_deadline(Engine *e, const Process *p, uint64_t now_usec);

/* When @p, if it ends by itself, may be started again by itself at the earliest. */
uint64_t process_next_start(const Process *p);

/* engine-life.c: @p is RUNNING or has become ready: its watch begins. */
void process_begin_watch(Process *p, uint64_t now_usec);

/* engine-life.c: when @p, which is RUNNING, has to be looked at again. */
uint64_t process_life_deadline(const Engine *e, const Process *p);

/* engine-life.c: that time has come. */
void process_overdue(Engine *e, Process *p, uint64_t now_usec);

/* The entry @i, which is not empty. */
Process *engine_entry(Engine *e, size_t i);
