/*
 * Has a process reached what a client waits for, and if not, can it still? Long operations
 * (operation.h) decide by it. Pure.
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
        VERDICT_IN_VAIN,      /* it waits for another that it depends on, which is not coming */
        VERDICT_UNWANTED,     /* somebody wants the opposite by now */
} Verdict;

/*
 * Judge process @p, whose visible state is @state as it was told last, which may lag behind @p.
 * @patient is for a client that gave no order of its own and only waits: then the verdict is
 * VERDICT_WAIT also for a failed start that is tried again, for a process that waits in vain, and
 * for one that is to stop although nobody has asked it to.
 */
Verdict verdict_of(const Process *p, ProcessState state, WaitTarget target, bool patient);
