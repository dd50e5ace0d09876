#include "bus/client/verdict.h"

static Verdict failure_of(const Process *p) {
        return p->exit.kind == EXIT_SPAWN_FAILED ? VERDICT_SPAWN_FAILED : VERDICT_FAILED;
}

static Verdict verdict_down(const Process *p, ProcessState state, bool patient) {
        switch (state) {
        case STATE_STOPPED:
        case STATE_EXITED:
        case STATE_FATAL:
                return VERDICT_REACHED;
        case STATE_RUNNING: /* wanted again before its turn to stop had come */
                return !patient && p->goal == GOAL_UP && !p->again && !p->stop_due && !p->asked &&
                                       !p->next_config
                               ? VERDICT_UNWANTED
                               : VERDICT_WAIT;
        case STATE_STARTING:
        case STATE_BACKOFF:
        case STATE_STOPPING:
        case _STATE_MAX:
                break;
        }
        return VERDICT_WAIT;
}

/* Its start is due. As long as it is not settled, it is on its way or waits for one that is. */
static Verdict verdict_due(const Process *p, bool patient) {
        return patient || p->counted_unsettled ? VERDICT_WAIT : VERDICT_IN_VAIN;
}

/* It has ended. Is it on its way up again? */
static Verdict verdict_ended(const Process *p, ProcessState state, bool patient) {
        if (p->goal == GOAL_DOWN)
                return VERDICT_UNWANTED;
        if (p->start_due)
                return verdict_due(p, patient);
        if (patient && p->phase == PHASE_PAUSING)
                return VERDICT_WAIT;
        if (state == STATE_EXITED && p->config->settings->type == PROCESS_TYPE_ONESHOT &&
            exit_is_expected(p->config, &p->exit))
                return VERDICT_REACHED;
        return state == STATE_STOPPED ? VERDICT_WAIT : failure_of(p);
}

static Verdict verdict_up(const Process *p, ProcessState state, WaitTarget target, bool patient) {
        switch (state) {
        case STATE_RUNNING:
                return target == TARGET_UP || p->run.ready ? VERDICT_REACHED : VERDICT_WAIT;
        case STATE_BACKOFF:
                if (p->goal == GOAL_DOWN)
                        return VERDICT_UNWANTED;
                return patient ? VERDICT_WAIT : failure_of(p);
        case STATE_STOPPED:
        case STATE_EXITED:
        case STATE_FATAL:
                return verdict_ended(p, state, patient);
        case STATE_STARTING:
        case STATE_STOPPING:
        case _STATE_MAX:
                break;
        }
        return VERDICT_WAIT;
}

Verdict verdict_of(const Process *p, ProcessState state, WaitTarget target, bool patient) {
        return target == TARGET_DOWN ? verdict_down(p, state, patient)
                                     : verdict_up(p, state, target, patient);
}
