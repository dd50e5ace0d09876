#include "core/lifecycle.h"

#include <assert.h>

#include "base/macro.h"

/* A transition into PHASE_STOPPED without action is all zeroes: `is` tells it from an empty cell.
 */
typedef struct Cell {
        bool is;
        Transition to;
} Cell;

/* clang-format off */
#define TO(to_phase, to_action) { true, { PHASE_##to_phase, DO_##to_action } }

#define ENDS                                                                                       \
        [EVENT_ENDED_STOPPED] = TO(STOPPED,  NOTHING),                                             \
        [EVENT_ENDED_EXITED]  = TO(EXITED,   NOTHING),                                             \
        [EVENT_ENDED_PAUSE]   = TO(PAUSING,  NOTHING),                                             \
        [EVENT_ENDED_RETRY]   = TO(BACKOFF,  NOTHING),                                             \
        [EVENT_ENDED_FATAL]   = TO(FATAL,    NOTHING)

#define STARTS                                                                                     \
        [EVENT_PREPARE] = TO(PREPARING, HOOK),                                                     \
        [EVENT_START]   = TO(STARTING,  SPAWN)

static const Cell table[_PHASE_MAX][_EVENT_MAX] = {
        [PHASE_STOPPED] = {
                STARTS,
        },
        [PHASE_PREPARING] = {
                [EVENT_START] = TO(STARTING,   SPAWN),
                [EVENT_STOP]  = TO(CANCELLING, END_HOOK),
                [EVENT_KILL]  = TO(CANCELLING, KILL_HOOK),
                [EVENT_LATE]  = TO(CANCELLING, END_HOOK),
                [EVENT_CLEAN] = TO(CLEANING,   HOOK),
                ENDS,
        },
        [PHASE_STARTING] = {
                [EVENT_STOP]  = TO(STOPPING, ASK),
                [EVENT_KILL]  = TO(KILLING,  KILL),
                [EVENT_UP]    = TO(RUNNING,  NOTHING),
                [EVENT_LATE]  = TO(STOPPING, ASK),
                [EVENT_LEFT]  = TO(CLEARING, CLEAR),
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_RUNNING] = {
                [EVENT_DRAIN] = TO(DRAINING, HOOK),
                [EVENT_STOP]  = TO(STOPPING, ASK),
                [EVENT_KILL]  = TO(KILLING,  KILL),
                [EVENT_LATE]  = TO(STOPPING, ASK),
                [EVENT_LEFT]  = TO(CLEARING, CLEAR),
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_BACKOFF] = {
                STARTS,
                [EVENT_STOP]  = TO(STOPPED,  NOTHING),
        },
        [PHASE_CANCELLING] = {
                [EVENT_KILL]  = TO(CANCELLING, KILL_HOOK),
                [EVENT_CLEAN] = TO(CLEANING,   HOOK),
                ENDS,
        },
        [PHASE_DRAINING] = {
                [EVENT_STOP]  = TO(STOPPING, ASK),
                [EVENT_KILL]  = TO(KILLING,  KILL),
                [EVENT_LEFT]  = TO(CLEARING, CLEAR),
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_STOPPING] = {
                [EVENT_KILL]  = TO(KILLING,  KILL),
                [EVENT_LEFT]  = TO(CLEARING, CLEAR),
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_CLEARING] = {
                [EVENT_KILL]  = TO(KILLING,  KILL),
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_KILLING] = {
                [EVENT_KILL]  = TO(KILLING,  KILL),
                /* EVENT_LEFT: the kill lasts until the tree is empty */
                [EVENT_CLEAN] = TO(CLEANING, HOOK),
                ENDS,
        },
        [PHASE_CLEANING] = {
                [EVENT_KILL]  = TO(CLEANING, KILL_HOOK),
                ENDS,
        },
        [PHASE_EXITED] = {
                STARTS,
        },
        [PHASE_PAUSING] = {
                STARTS,
                [EVENT_STOP]  = TO(EXITED,   NOTHING),
        },
        [PHASE_FATAL] = {
                STARTS,
        },
};
/* clang-format on */

static const struct {
        const char *name;
        ProcessState state;
        bool has_child;
        bool is_ending;
} phases[_PHASE_MAX] = {
        [PHASE_STOPPED] = { "stopped", STATE_STOPPED, false, false },
        [PHASE_PREPARING] = { "preparing", STATE_STARTING, true, false },
        [PHASE_STARTING] = { "starting", STATE_STARTING, true, false },
        [PHASE_RUNNING] = { "running", STATE_RUNNING, true, false },
        [PHASE_BACKOFF] = { "backoff", STATE_BACKOFF, false, false },
        [PHASE_CANCELLING] = { "cancelling", STATE_STOPPING, true, true },
        [PHASE_DRAINING] = { "draining", STATE_STOPPING, true, true },
        [PHASE_STOPPING] = { "stopping", STATE_STOPPING, true, true },
        [PHASE_CLEARING] = { "clearing", STATE_STOPPING, true, true },
        [PHASE_KILLING] = { "killing", STATE_STOPPING, true, true },
        [PHASE_CLEANING] = { "cleaning", STATE_STOPPING, true, true },
        [PHASE_EXITED] = { "exited", STATE_EXITED, false, false },
        [PHASE_PAUSING] = { "pausing", STATE_EXITED, false, false },
        [PHASE_FATAL] = { "fatal", STATE_FATAL, false, false },
};

static const struct {
        const char *name;
        int code;
} states[_STATE_MAX] = {
        [STATE_STOPPED] = { "STOPPED", 0 },    [STATE_STARTING] = { "STARTING", 10 },
        [STATE_RUNNING] = { "RUNNING", 20 },   [STATE_BACKOFF] = { "BACKOFF", 30 },
        [STATE_STOPPING] = { "STOPPING", 40 }, [STATE_EXITED] = { "EXITED", 100 },
        [STATE_FATAL] = { "FATAL", 200 },
};

static const char *const events[_EVENT_MAX] = {
        [EVENT_PREPARE] = "prepare",
        [EVENT_START] = "start",
        [EVENT_DRAIN] = "drain",
        [EVENT_STOP] = "stop",
        [EVENT_KILL] = "kill",
        [EVENT_UP] = "up",
        [EVENT_LATE] = "late",
        [EVENT_LEFT] = "left",
        [EVENT_CLEAN] = "clean",
        [EVENT_ENDED_STOPPED] = "ended-stopped",
        [EVENT_ENDED_EXITED] = "ended-exited",
        [EVENT_ENDED_PAUSE] = "ended-pause",
        [EVENT_ENDED_RETRY] = "ended-retry",
        [EVENT_ENDED_FATAL] = "ended-fatal",
};

Transition lifecycle_next(Phase phase, LifecycleEvent event) {
        assert(phase < _PHASE_MAX && event < _EVENT_MAX);

        const Cell *cell = &table[phase][event];

        return cell->is ? cell->to : (Transition){ phase, DO_NOTHING };
}

ProcessState phase_to_state(Phase phase) {
        assert(phase < _PHASE_MAX);
        return phases[phase].state;
}

bool phase_has_child(Phase phase) {
        assert(phase < _PHASE_MAX);
        return phases[phase].has_child;
}

bool phase_has_tree(Phase phase) {
        return phase_has_child(phase) && phase != PHASE_PREPARING && phase != PHASE_CANCELLING &&
               phase != PHASE_CLEANING;
}

bool phase_is_ending(Phase phase) {
        assert(phase < _PHASE_MAX);
        return phases[phase].is_ending;
}

bool phase_comes_back(Phase phase) {
        return phase == PHASE_BACKOFF || phase == PHASE_PAUSING;
}

const char *process_state_to_string(ProcessState state) {
        assert(state < _STATE_MAX);
        return states[state].name;
}

int process_state_to_code(ProcessState state) {
        assert(state < _STATE_MAX);
        return states[state].code;
}

const char *phase_to_string(Phase phase) {
        assert(phase < _PHASE_MAX);
        return phases[phase].name;
}

const char *lifecycle_event_to_string(LifecycleEvent event) {
        assert(event < _EVENT_MAX);
        return events[event];
}
