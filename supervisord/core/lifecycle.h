/*
 * What can happen to one process and what follows: the whole lifecycle as a single table of
 * phase x event. It decides; it neither acts nor keeps anything.
 *
 * A phase is finer than the state that the outside sees: STOPPING is three phases. Only the end of
 * the whole process tree leads out of a phase that has a child; a signal sent never does.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"

/* The states of Python's supervisor, which are the outside contract. */
typedef enum _packed_ ProcessState {
        STATE_STOPPED,
        STATE_STARTING,
        STATE_RUNNING,
        STATE_BACKOFF,
        STATE_STOPPING,
        STATE_EXITED,
        STATE_FATAL,
        _STATE_MAX,
} ProcessState;

typedef enum _packed_ Phase {
        PHASE_STOPPED,
        PHASE_PREPARING, /* pre_start_command runs */
        PHASE_STARTING,  /* there is a child, but it has not stayed up for long enough */
        PHASE_RUNNING,
        PHASE_BACKOFF,    /* a start failed; the next one waits for its time */
        PHASE_CANCELLING, /* pre_start_command was told to end */
        PHASE_DRAINING,   /* pre_stop_command runs, so does the grace */
        PHASE_STOPPING,   /* the stop signal is sent, the grace runs */
        PHASE_CLEARING,   /* the leader is gone, what it left of its tree was asked to end */
        PHASE_KILLING,    /* SIGKILL is sent */
        PHASE_CLEANING,   /* the tree is empty, post_stop_command runs */
        PHASE_EXITED,     /* ended by itself after it had been RUNNING */
        PHASE_PAUSING,    /* the same, and is to be started again, but not so soon */
        PHASE_FATAL,      /* too many failed starts; not tried again by itself */
        _PHASE_MAX,
} Phase;

typedef enum LifecycleEvent {
        EVENT_PREPARE, /* its turn to start, with pre_start_command first */
        EVENT_START,   /* its turn to start without that, or after it */
        EVENT_DRAIN,   /* its turn to stop, with pre_stop_command first */
        EVENT_STOP,    /* its turn to stop without that, or after it */
        EVENT_KILL,    /* the grace is over, or somebody cannot wait for that */
        EVENT_UP,      /* stayed up for startsecs */
        EVENT_LATE,    /* was not up, or not ready, when it had to be */
        EVENT_LEFT,    /* the leader is gone, the tree is not empty */
        EVENT_CLEAN,   /* the tree is empty, post_stop_command is to follow */
        /* Nothing is left. Which of these it is, restart_verdict() says. */
        EVENT_ENDED_STOPPED,
        EVENT_ENDED_EXITED,
        EVENT_ENDED_PAUSE,
        EVENT_ENDED_RETRY,
        EVENT_ENDED_FATAL,
        _EVENT_MAX,
} LifecycleEvent;

typedef enum LifecycleAction {
        DO_NOTHING,
        DO_SPAWN,
        DO_ASK,   /* send the stop signal */
        DO_CLEAR, /* ask the leftovers of the tree to end */
        DO_KILL,
        DO_HOOK,      /* run the command that belongs to the phase */
        DO_END_HOOK,  /* ask it to end */
        DO_KILL_HOOK, /* kill it */
        _DO_MAX,
} LifecycleAction;

typedef struct Transition {
        Phase phase;
        LifecycleAction action;
} Transition;

/* The transition for @event in @phase. An event that means nothing there gives @phase and
 * DO_NOTHING. */
Transition lifecycle_next(Phase phase, LifecycleEvent event);

ProcessState phase_to_state(Phase phase);

/* Is there a process, or something left of its tree, in @phase? */
bool phase_has_child(Phase phase);

/* May there be a process of the program itself, or of its tree, in @phase? Else @phase_has_child()
 * means a command that runs before or after it. */
bool phase_has_tree(Phase phase);

/* Is a start to come by itself in @phase, once its time is over? */
bool phase_comes_back(Phase phase);

/* Has a stop begun in @phase, whoever began it? */
bool phase_is_ending(Phase phase);

/* "STOPPED", "STARTING", … */
const char *process_state_to_string(ProcessState state);

/* The number that Python's supervisor gives to @state: 0, 10, 20, 30, 40, 100, 200. */
int process_state_to_code(ProcessState state);

/* "stopped", "preparing" … */
const char *phase_to_string(Phase phase);
const char *lifecycle_event_to_string(LifecycleEvent event);
