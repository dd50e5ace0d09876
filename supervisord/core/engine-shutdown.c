/* Everything down, within the time there is. */
#include "core/budget.h"
#include "core/engine-internal.h"

void engine_set_rules(Engine *e, const ShutdownRules *rules) {
        e->rules = *rules;
}

void engine_share_out(Engine *e, size_t w, uint64_t now_usec) {
        uint64_t available, total = 0;

        if (e->shutdown_end_usec == USEC_INFINITY)
                return;
        available = e->shutdown_end_usec > now_usec ? e->shutdown_end_usec - now_usec : 0;
        for (size_t v = 0; v <= w; v++)
                total = usec_add(total, MIN(wave_remaining_usec(e, v, now_usec), available));
        e->share_usec = budget_share(available, wave_remaining_usec(e, w, now_usec), total);
}

/* A stop that has begun already ends by @end_usec. */
static void sharpen_grace(Engine *e, Process *p, uint64_t end_usec) {
        size_t i = (size_t)(p - e->processes);

        switch (p->phase) {
        case PHASE_CANCELLING:
                break;
        case PHASE_CLEANING:
                p->run.hook_end_usec = MIN(p->run.hook_end_usec, end_usec);
                break;
        case PHASE_DRAINING:
        case PHASE_STOPPING:
        case PHASE_CLEARING:
                if (p->config->settings->send_sigkill)
                        break;
                return;
        default:
                return;
        }
        p->run.grace_end_usec = MIN(p->run.grace_end_usec, end_usec);
        deadlines_set(e->deadlines, i, MIN(deadlines_get(e->deadlines, i), end_usec));
}

static void begin_shutdown(Engine *e, ShutdownMode mode, uint64_t now_usec) {
        if (e->mode == SHUTDOWN_NONE) {
                e->shutdown_end_usec = usec_add(now_usec, e->rules.timeout_usec);
                e->drain_end_usec = usec_add(now_usec, e->rules.drain_usec);
                e->drain_end_usec = MIN(e->drain_end_usec, e->shutdown_end_usec);
        }
        if (mode != SHUTDOWN_GRACEFUL || e->drain_end_usec <= now_usec)
                e->drain_end_usec = 0;
        e->mode = mode;
}

void engine_shutdown(Engine *e, ShutdownMode mode, uint64_t now_usec) {
        if (mode <= e->mode)
                return;
        begin_shutdown(e, mode, now_usec);

        for (size_t i = 0; i < e->n_processes; i++) {
                Process *p = &e->processes[i];

                if (!p->config)
                        continue;
                process_want_down(e, p, now_usec);
                sharpen_grace(e, p, e->shutdown_end_usec);
                if (mode == SHUTDOWN_FAST)
                        sharpen_grace(e, p, usec_add(now_usec, e->rules.fast_usec));
                if (mode == SHUTDOWN_NOW && phase_has_child(p->phase)) {
                        process_set_due(e, p, p->start_due, /* stop_due= */ false,
                                        /* asked= */ true);
                        process_step(e, p, EVENT_KILL, now_usec);
                }
        }
        engine_take_turns(e, now_usec);
}
