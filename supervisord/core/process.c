#include "core/process.h"

bool process_is_ready(const Process *p) {
        return p->phase == PHASE_RUNNING && p->run.ready;
}

bool process_is_missing(const Process *p) {
        if (p->goal != GOAL_UP)
                return false;
        if (p->phase == PHASE_EXITED && !p->start_due)
                return !process_ended_well(p);
        return !process_is_ready(p);
}

bool process_ended_well(const Process *p) {
        return !p->exit_failed && exit_is_expected(p->config, &p->exit);
}
