#include <assert.h>

#include "core/engine-internal.h"

uint64_t engine_deadline(const Engine *e) {
        return deadlines_next(e->deadlines, NULL);
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

bool engine_is_down(const Engine *e) {
        return e->n_alive == 0;
}

bool engine_is_settled(const Engine *e) {
        return e->n_unsettled == 0;
}

uint64_t engine_remaining_start_usec(const Engine *e, uint64_t now_usec) {
        uint64_t longest = 0;

        for (size_t i = 0; i < e->n_processes; i++) {
                const Process *p = &e->processes[i];
                uint64_t deadline = deadlines_get(e->deadlines, i);

                if (!p->config || !process_is_unsettled(p) || deadline == USEC_INFINITY)
                        continue;
                longest = MAX(longest, deadline > now_usec ? deadline - now_usec : 0);
        }
        return longest;
}

static uint64_t remaining_usec(const Engine *e, size_t i, uint64_t now_usec) {
        const Process *p = &e->processes[i];
        uint64_t deadline;

        if (!p->config || !phase_has_child(p->phase))
                return 0;
        if (!phase_is_ending(p->phase))
                return process_grace(e, p);
        deadline = deadlines_get(e->deadlines, i);
        if (deadline == USEC_INFINITY)
                return USEC_INFINITY;
        return deadline > now_usec ? deadline - now_usec : 0;
}

uint64_t engine_remaining_stop_usec(const Engine *e, uint64_t now_usec) {
        uint64_t sum = 0;

        for (size_t w = 0; w < e->plan->n_waves; w++) {
                uint64_t longest = 0;

                for (size_t k = 0; k < e->plan->waves[w].n; k++)
                        longest = MAX(longest,
                                      remaining_usec(e, e->plan->order[e->plan->waves[w].first + k],
                                                     now_usec));
                sum = usec_add(sum, longest);
        }
        return sum;
}
