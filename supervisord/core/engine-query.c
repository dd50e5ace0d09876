#include <assert.h>

#include "core/engine-internal.h"

uint64_t engine_deadline(const Engine *e) {
        uint64_t usec = deadlines_next(e->deadlines, NULL);

        return e->drain_end_usec > 0 ? MIN(usec, e->drain_end_usec) : usec;
}

uint64_t engine_process_deadline(const Engine *e, size_t i) {
        return deadlines_get(e->deadlines, i);
}

size_t engine_size(const Engine *e) {
        return e->n_processes;
}

const Process *engine_get(const Engine *e, size_t i) {
        assert(i < e->n_processes);
        return &e->processes[i];
}

const Plan *engine_plan(const Engine *e) {
        return e->plan;
}

ShutdownMode engine_shutdown_mode(const Engine *e) {
        return e->mode;
}

bool engine_is_waiting(const Engine *e, size_t i, size_t *ret_for) {
        const Process *p = &e->processes[i];

        return p->config && p->start_due && process_waits(e, p, ret_for);
}

bool engine_is_draining(const Engine *e) {
        return e->drain_end_usec > 0;
}

bool engine_is_down(const Engine *e) {
        return e->n_alive == 0;
}

bool engine_is_settled(const Engine *e) {
        return e->n_unsettled == 0;
}

bool engine_is_ready(const Engine *e) {
        return e->n_missing == 0 && e->mode == SHUTDOWN_NONE;
}

uint64_t engine_remaining_start_usec(const Engine *e, uint64_t now_usec) {
        uint64_t longest = 0;

        for (size_t i = 0; i < e->n_processes; i++) {
                const Process *p = &e->processes[i];
                uint64_t deadline = deadlines_get(e->deadlines, i);

                if (!p->config || !process_is_unsettled(e, p) || deadline == USEC_INFINITY)
                        continue;
                longest = MAX(longest, deadline > now_usec ? deadline - now_usec : 0);
        }
        return longest;
}

/* When the stop that @p is in is over at the latest, but for post_stop_command. */
static uint64_t stop_end(const Engine *e, size_t i) {
        const Process *p = &e->processes[i];

        switch (p->phase) {
        case PHASE_KILLING:
        case PHASE_CLEANING:
                return deadlines_get(e->deadlines, i);
        default:
                return p->run.grace_end_usec;
        }
}

static uint64_t remaining_usec(const Engine *e, size_t i, uint64_t now_usec) {
        const Process *p = &e->processes[i];
        uint64_t end;

        if (!p->config || !phase_has_child(p->phase))
                return 0;
        if (!phase_is_ending(p->phase))
                return usec_add(process_full_grace(e, p), process_cleaning_usec(p));
        end = stop_end(e, i);
        if (end == USEC_INFINITY)
                return USEC_INFINITY;
        return usec_add(end > now_usec ? end - now_usec : 0, process_cleaning_usec(p));
}

uint64_t wave_remaining_usec(const Engine *e, size_t w, uint64_t now_usec) {
        uint64_t longest = 0;

        for (size_t k = 0; k < e->plan->waves[w].n; k++)
                longest =
                        MAX(longest, remaining_usec(e, e->plan->order[e->plan->waves[w].first + k],
                                                    now_usec));
        return longest;
}

/* Is there one that no end of a shutdown kills? What runs before and after a program always can be.
 */
static bool somebody_is_spared(const Engine *e) {
        for (size_t i = 0; i < e->n_processes; i++) {
                const Process *p = &e->processes[i];

                if (p->config && !p->config->settings->send_sigkill && phase_has_tree(p->phase))
                        return true;
        }
        return false;
}

uint64_t engine_remaining_stop_usec(const Engine *e, uint64_t now_usec) {
        uint64_t sum = 0;

        if (e->drain_end_usec > now_usec)
                sum = e->drain_end_usec - now_usec;
        for (size_t w = 0; w < e->plan->n_waves; w++)
                sum = usec_add(sum, wave_remaining_usec(e, w, now_usec));
        if (e->shutdown_end_usec != USEC_INFINITY && !somebody_is_spared(e))
                sum = MIN(sum,
                          e->shutdown_end_usec > now_usec ? e->shutdown_end_usec - now_usec : 0);
        return sum;
}
