/*
 * All processes together: goals, turns, deadlines. The engine is told what happened and what is
 * wanted, and answers with actions, in the order in which they are to be performed. It knows
 * neither a clock nor the kernel: time is an argument (µs of CLOCK_MONOTONIC, never going
 * backwards), a process is an index into its table.
 *
 * After each call the caller takes all actions with engine_next_action() and performs them. While
 * it performs them it may call the engine again; what follows from that is appended.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "core/plan.h"
#include "core/process.h"

/* SIGKILL is repeated this often while something of a tree survives it (a hung disk, say). */
#define KILL_AGAIN_USEC (5 * USEC_PER_SEC)

typedef enum ShutdownMode { /* each one is harder than the one before */
        SHUTDOWN_NONE,
        SHUTDOWN_GRACEFUL, /* wave by wave, each process with its grace */
        SHUTDOWN_FAST,     /* every grace, running or to come, is at most the fast timeout */
        SHUTDOWN_NOW,      /* SIGKILL for all */
} ShutdownMode;

typedef enum _packed_ ActionKind {
        ACTION_SPAWN,       /* start it; on failure call engine_spawn_failed() */
        ACTION_SIGNAL,      /* send .signal to .scope */
        ACTION_KILL,        /* SIGKILL for .scope, until it is empty */
        ACTION_HOOK,        /* run the command of .hook; engine_hook_ended() has to follow */
        ACTION_HOOK_SIGNAL, /* send .signal to that command and what it has started */
        ACTION_CHANGED,     /* the visible state went from .from to .to: tell whom it concerns */
        ACTION_WAITING,     /* its turn has come, but it depends on .other: tell whom it concerns */
        ACTION_FOLLOWS,     /* it is stopped because it depends on .other: likewise */
        ACTION_REMOVED,     /* it is down for good: drop it and call engine_forget() */
} ActionKind;

typedef struct Action {
        uint32_t process;
        uint32_t other; /* DEPENDENCY_MISSING: one that is not in the table */
        ActionKind kind;
        uint8_t signal;
        SignalScope scope;
        HookKind hook;
        ProcessState from, to;
} Action;

typedef struct Engine Engine;

typedef struct ShutdownRules {
        uint64_t fast_usec;  /* the grace that SHUTDOWN_FAST allows */
        uint64_t drain_usec; /* SHUTDOWN_GRACEFUL asks nobody to stop before this is over */
        uint64_t
                timeout_usec; /* it cuts graces so that it ends within this; USEC_INFINITY: never */
} ShutdownRules;

/* @seed drives the jitter of restart delays. Returns 0 or -ENOMEM. */
int engine_new(uint64_t seed, const ShutdownRules *rules, Engine **ret);
Engine *engine_free(Engine *e);
DEFINE_CLEANUP(Engine, engine_free);

/* --- what is configured: these take effect with engine_commit() --- */

/* Add a process, STOPPED. Takes a reference of @config. Returns 0 with its index, or -ENOMEM. */
int engine_add(Engine *e, ProcessConfig *config, size_t *ret);

/*
 * @config replaces the one of @i: at once if it is down, else it is stopped and started anew. One
 * that is being removed, but is not gone yet, stays after all; it is started again by autostart.
 */
void engine_replace(Engine *e, size_t i, ProcessConfig *config, uint64_t now_usec);

/*
 * @config takes over from the one of @i without a restart: it differs only in what is looked up
 * when it is needed (CONFIG_LIVE). What has begun already, a grace or a delay, keeps its length; a
 * restart that is not to come any more does not.
 */
void engine_update(Engine *e, size_t i, ProcessConfig *config, uint64_t now_usec);

/* The rules of a shutdown that has not begun yet. */
void engine_set_rules(Engine *e, const ShutdownRules *rules);

/* Stop @i if need be; ACTION_REMOVED follows once it is down. */
void engine_remove(Engine *e, size_t i, uint64_t now_usec);

/*
 * Like engine_remove(), for an entry whose place another of its name has taken: those that depend
 * on it stay.
 */
void engine_retire(Engine *e, size_t i, uint64_t now_usec);

/* Whether @i stands beside another of its name that counts, see Process.spare. */
void engine_set_spare(Engine *e, size_t i, bool spare);

/* Whether @i begins on its own; takes effect at once, and neither starts nor stops it. */
void engine_set_disabled(Engine *e, size_t i, bool disabled);

/* The entry of ACTION_REMOVED is given back; its index may come again with engine_add(). */
void engine_forget(Engine *e, size_t i);

/* Plan anew after any of the above. Returns 0, or -ENOMEM: the old plan goes on, added ones wait.
 */
int engine_commit(Engine *e, uint64_t now_usec);

/* --- what is wanted --- */

/*
 * Until the matching engine_release() nobody's turn comes: what is asked for in between, for
 * however many, begins together and in the order of the plan, whatever the order of the calls. Take
 * no actions in between.
 */
void engine_hold(Engine *e);
void engine_release(Engine *e, uint64_t now_usec);

/*
 * Bring @i up when its turn has come and what it depends on is there, which is started along; one
 * that is stopping is started again when it is down.
 */
void engine_start(Engine *e, size_t i, uint64_t now_usec);

/*
 * Bring @i down when its turn has come, and keep it down. Those that depend on it and are to follow
 * go before it.
 */
void engine_stop(Engine *e, size_t i, uint64_t now_usec);

/* Down, then up again. One that is down is just started. */
void engine_restart(Engine *e, size_t i, uint64_t now_usec);

/* Down, without any more grace. */
void engine_kill(Engine *e, size_t i, uint64_t now_usec);

/*
 * Bring everything down and start nothing any more; over when engine_is_down(). A call with a
 * harder mode sharpens a shutdown that has begun, one with the same or a milder mode changes
 * nothing.
 */
void engine_shutdown(Engine *e, ShutdownMode mode, uint64_t now_usec);

/* --- what happened --- */

/* No child was made, or it never reached its program: @error is the errno. */
void engine_spawn_failed(Engine *e, size_t i, int error, uint64_t now_usec);

/*
 * The main process of @i ended like @exit and was reaped; @leftovers tells whether others of its
 * tree live. If so engine_emptied() has to follow when they are gone (not with kill_mode=process).
 */
void engine_exited(Engine *e, size_t i, ProcessExit exit, bool leftovers, uint64_t now_usec);

/* The tree of @i is empty, after its main process had gone. */
void engine_emptied(Engine *e, size_t i, uint64_t now_usec);

/*
 * The command of the last ACTION_HOOK is over, or could not be started: then it has failed, and
 * @error (an errno) tells how a start has failed for it.
 */
void engine_hook_ended(Engine *e, size_t i, int error, uint64_t now_usec);

/* A forking program's starter is done (exit status 0), its main process not known yet. */
void engine_starter_gone(Engine *e, size_t i);

/* A forking program's main process is known: startsecs count from now. */
void engine_main_found(Engine *e, size_t i, uint64_t now_usec);

/* @i has shown that it is ready, as its configuration says it would. */
void engine_ready(Engine *e, size_t i, uint64_t now_usec);

/* @i cannot become ready any more: it is stopped, which counts as a failed start. */
void engine_not_ready(Engine *e, size_t i, uint64_t now_usec);

/* --- what it says while it lives, and what is found out about it (engine-life.c) --- */

/*
 * @i needs @usec more from now for what it does: to become ready, to end by itself, or to stop. As
 * with systemd that never shortens the time it has, and has to be repeated before it is over. A
 * stop is extended neither beyond what shutdown_timeout leaves for it nor in a fast shutdown.
 *
 * Returns the end of the time it has now, 0 if that has not become later.
 */
uint64_t engine_extend(Engine *e, size_t i, uint64_t usec, uint64_t now_usec);

/* @i gives a sign of life. */
void engine_alive(Engine *e, size_t i, uint64_t now_usec);

/* From now on @i gives one every @usec at the latest; 0: none. */
void engine_set_watchdog(Engine *e, size_t i, uint64_t usec, uint64_t now_usec);

/* @i reloads its configuration; over with engine_ready(). False if that means nothing now. */
bool engine_reloading(Engine *e, size_t i);

/*
 * @i is ending by itself: it is not ready any more. Its grace is what it may take for that, then it
 * is stopped as one that has failed. False if that means nothing now.
 */
bool engine_leaving(Engine *e, size_t i, uint64_t now_usec);

/*
 * @i has failed by @why: it is stopped, and started again unless autorestart is off, as after an
 * unexpected exit. One that has not been up yet has failed to start. False if it runs no more.
 */
bool engine_fail(Engine *e, size_t i, Failure why, uint64_t now_usec);

/* Time has passed: handle every deadline up to @now_usec. */
void engine_elapsed(Engine *e, uint64_t now_usec);

/* --- what follows --- */

/*
 * Take the oldest action; false if there is none. They may be taken late, with other calls in
 * between: a spawn that was overtaken by a stop or a shutdown is not given out any more, and
 * startsecs count from the moment when it is.
 */
bool engine_next_action(Engine *e, uint64_t now_usec, Action *ret);

/* When engine_elapsed() has to be called next; USEC_INFINITY: never. */
uint64_t engine_deadline(const Engine *e);

/* When the grace of @i, or whatever else it waits for, is over; USEC_INFINITY: never. */
uint64_t engine_process_deadline(const Engine *e, size_t i);

size_t engine_size(const Engine *e); /* entries, empty ones included */
const Process *engine_get(const Engine *e, size_t i);
const Plan *engine_plan(const Engine *e);
ShutdownMode engine_shutdown_mode(const Engine *e);

/* Is the start of @i due, but waits for one that it depends on? If so *ret_for is that one,
 * DEPENDENCY_MISSING if it is not in the table. */
bool engine_is_waiting(const Engine *e, size_t i, size_t *ret_for);

/* Has a shutdown begun, but nobody was asked to stop yet? */
bool engine_is_draining(const Engine *e);

/* Is no process left, nor anything of a tree? */
bool engine_is_down(const Engine *e);

/* Is every process that is to be up RUNNING and ready, or has it given up or ended by itself? */
bool engine_is_settled(const Engine *e);

/*
 * Is every process that is to be up RUNNING and ready, or has it come to its end as it should, and
 * has no shutdown begun? Unlike one that is settled, one that has given up does not count.
 */
bool engine_is_ready(const Engine *e);

/*
 * How long it takes at most until the next step of those that are to be up but are not, in µs from
 * @now_usec: the end of their startsecs, or the next attempt. 0 if there are none.
 */
uint64_t engine_remaining_start_usec(const Engine *e, uint64_t now_usec);

/*
 * How long a shutdown may still take if every process uses up its grace, in µs from @now_usec;
 * USEC_INFINITY if one of them may take for ever.
 */
uint64_t engine_remaining_stop_usec(const Engine *e, uint64_t now_usec);
