#include "rolls.h"

#include <stdlib.h>
#include <string.h>

#include "core/roll.h"
#include "laws.h"

typedef struct Touched {
        bool is, done, surges;
        size_t process, spare; /* SIZE_MAX: gone, or none */
        unsigned n_runs;       /* before */
} Touched;

struct WorldRoll {
        Roll *roll;
        size_t parallel;
        size_t n;
        bool failed;
        Touched touched[MAX_PROCESSES];
};

void rolls_free(World *w) {
        if (w->roll)
                roll_free(w->roll->roll);
        free(w->roll);
        w->roll = NULL;
}

void rolls_begin(World *w, Random *r) {
        size_t members[MAX_PROCESSES], n = 0;
        WorldRoll *x;

        if (w->roll || w->mode != SHUTDOWN_NONE)
                return;
        for (size_t i = 0; i < engine_size(w->engine); i++)
                if (w->watches[i].used && !engine_get(w->engine, i)->spare && !random_one_in(r, 4))
                        members[n++] = i;
        x = calloc(1, sizeof(*x));
        if (!x)
                abort();
        w->roll = x;
        x->n = n;
        x->parallel = 1 + random_below(r, 3);
        for (size_t k = 0; k < n; k++)
                x->touched[k] = (Touched){ .process = members[k], .spare = SIZE_MAX };
        world_trace(w, "roll of %zu, %zu at a time", n, x->parallel);
        if (roll_new(members, n, x->parallel, &x->roll) < 0)
                abort();
}

/* ---------------------------------------------------------------- what is seen of it */

static bool is_up(const World *w, size_t i) {
        return i != SIZE_MAX && w->watches[i].used && w->watches[i].shown == STATE_RUNNING &&
               w->watches[i].law.ready;
}

static void look(World *w) {
        WorldRoll *x = w->roll;

        for (size_t k = 0; k < x->n; k++) {
                Touched *t = &x->touched[k];
                const Watch *b;

                if (!t->is || t->done || t->process == SIZE_MAX || t->surges)
                        continue; /* a spare is told by its retirement */
                b = &w->watches[t->process];
                t->done = is_up(w, t->process) && b->n_runs > t->n_runs;
                x->failed |= !t->done && b->n_runs > t->n_runs && !b->alive &&
                             (b->shown == STATE_FATAL || b->shown == STATE_BACKOFF);
        }
}

static void touch(World *w, size_t process) {
        WorldRoll *x = w->roll;
        size_t n = 0;

        if (x->failed && !w->lazy && !w->busy)
                world_break(w, process, "the roll goes on after a failure");
        for (size_t k = 0; k < x->n; k++) {
                Touched *t = &x->touched[k];

                n += t->is && !t->done;
                if (t->process != process || t->is)
                        continue;
                t->is = true;
                t->n_runs = w->watches[process].n_runs;
        }
        if (n >= x->parallel && !w->lazy && !w->busy) /* else what is shown is not what is */
                world_break(w, process, "the roll touches more than it may at a time");
        if (w->mode != SHUTDOWN_NONE)
                world_break(w, process, "a roll goes on in a shutdown");
        laws_before_order(w, process);
}

/* ---------------------------------------------------------------- steps */

static void add_spare(World *w, size_t process) {
        WorldRoll *x = w->roll;
        ProcessConfig *config = engine_get(w->engine, process)->config;
        size_t spare = SIZE_MAX;

        touch(w, process);
        if (config != w->watches[process].latest)
                world_break(w, process, "a spare with a configuration that was replaced");
        for (size_t i = 0; i < MAX_PROCESSES && spare == SIZE_MAX; i++)
                if (!w->watches[i].used && engine_add(w->engine, config, &spare) < 0)
                        abort();
        if (spare != SIZE_MAX) {
                world_trace(w, "spare %zu for %zu", spare, process);
                world_watch(w, spare, config);
                engine_set_spare(w->engine, spare, true);
                if (engine_commit(w->engine, w->now_usec) < 0)
                        abort();
                engine_start(w->engine, spare, w->now_usec);
                w->watches[spare].law.ordered = true;
        }
        for (size_t k = 0; k < x->n; k++)
                if (x->touched[k].process == process)
                        x->touched[k] = (Touched){
                                .is = true, .surges = true, .process = process, .spare = spare
                        };
        w->reloaded = true;
        roll_spare_added(x->roll, process, spare);
}

static void retire(World *w, const RollStep *step) {
        WorldRoll *x = w->roll;

        world_trace(w, "%zu takes over from %zu", step->spare, step->process);
        if (!is_up(w, step->spare) && !w->lazy && !w->busy)
                world_break(w, step->process, "retired before its spare is ready");
        for (size_t k = 0; k < x->n; k++)
                x->touched[k].done |= x->touched[k].spare == step->spare;
        laws_before_order(w, step->process);
        engine_set_spare(w->engine, step->spare, false);
        engine_retire(w->engine, step->process, w->now_usec);
}

static void perform(World *w, const RollStep *step) {
        w->n_events += step->kind != ROLL_WAIT && step->kind != ROLL_OVER;
        switch (step->kind) {
        case ROLL_RESTART:
                world_trace(w, "roll restarts %zu", step->process);
                touch(w, step->process);
                engine_restart(w->engine, step->process, w->now_usec);
                break;
        case ROLL_ADD_SPARE:
                add_spare(w, step->process);
                break;
        case ROLL_RETIRE:
                retire(w, step);
                break;
        case ROLL_DROP_SPARE:
                world_trace(w, "spare %zu is dropped", step->spare);
                w->roll->failed = true;
                laws_before_order(w, step->spare);
                engine_retire(w->engine, step->spare, w->now_usec);
                break;
        case ROLL_WAIT:
        case ROLL_OVER:
                break;
        }
}

void rolls_advance(World *w) {
        while (w->roll && !world_is_broken(w)) {
                RollStep step;

                if (w->mode != SHUTDOWN_NONE)
                        roll_cancel(w->roll->roll);
                look(w);
                step = roll_next(w->roll->roll, w->engine);
                perform(w, &step);
                if (step.kind == ROLL_WAIT)
                        return;
                if (step.kind == ROLL_OVER) {
                        world_trace(w, "the roll is over%s",
                                    roll_failed(w->roll->roll) ? ", failed" : "");
                        rolls_free(w);
                        return;
                }
                perform_actions(w);
        }
}

void rolls_cancel(World *w) {
        if (w->roll)
                roll_cancel(w->roll->roll);
        rolls_advance(w);
}

void rolls_forget(World *w, size_t i) {
        if (!w->roll)
                return;
        roll_forget(w->roll->roll, i);
        for (size_t k = 0; k < w->roll->n; k++) {
                Touched *t = &w->roll->touched[k];

                if (t->process == i) /* a failure, or as it should be: no matter for the others */
                        t->process = SIZE_MAX;
                if (t->spare == i)
                        t->spare = SIZE_MAX;
        }
}

static bool is_under_way(const World *w, size_t i) {
        const Process *p = i == SIZE_MAX ? NULL : engine_get(w->engine, i);

        return p && p->config && (phase_has_child(p->phase) || p->start_due);
}

void rolls_check_rest(World *w) {
        const WorldRoll *x = w->roll;

        if (!x)
                return;
        for (size_t k = 0; k < x->n; k++)
                if (x->touched[k].is &&
                    (!x->touched[k].done || x->touched[k].surges || w->lazy || w->busy) &&
                    (is_under_way(w, x->touched[k].process) ||
                     is_under_way(w, x->touched[k].spare)))
                        return;
        world_break(w, SIZE_MAX, "the roll waits for nobody");
}
