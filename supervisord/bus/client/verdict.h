/*
 * Has a process reached what somebody waits for, can it still? Pure: what long operations decide
 * by.
 */
#pragma once

#include <stdbool.h>

#include "core/engine.h"

typedef enum WaitTarget {
        TARGET_UP,    /* RUNNING, or a oneshot that has run to its end */
        TARGET_READY, /* that and ready */
        TARGET_DOWN,  /* nothing is left of its tree, and nothing is tried again */
} WaitTarget;

typedef enum Verdict {
        VERDICT_WAIT,
        VERDICT_REACHED,
        VERDICT_SPAWN_FAILED, /* it cannot be started */
        VERDICT_FAILED,       /* it ended before it got there */
        VERDICT_IN_VAIN,      /* it waits for one that it depends on, and that is not coming */
        VERDICT_UNWANTED,     /* somebody wants the opposite now */
} Verdict;

/*
 * @state is the visible state as it was last told, which may lag behind @p. With @patient a failed
 * start that is tried again is waited for, one that waits in vain, and the end of what nobody has
 * asked to stop.
 */
Verdict verdict_of(const Process *p, ProcessState state, WaitTarget target, bool patient);
