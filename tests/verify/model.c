/* A state as a whole: made, copied away and back. */
#include "model.h"

#include <assert.h>
#include <string.h>

#include "../unit/sample-config.h"

static void make_configs(Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                for (unsigned v = 0; v < 2; v++) {
                        m->configs[i][v] = sample_config((const char[]){ (char)('a' + i), 0 });
                        m->scenario->configure(m->configs[i][v], i, v);
                }
}

void model_init(Model *m, const Scenario *scenario) {
        *m = (Model){ .scenario = scenario };
        make_configs(m);
        model_reset(m);
}

void model_done(Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                for (unsigned v = 0; v < 2; v++) {
                        m->configs[i][v]->n_ref = 1; /* an engine that was left has taken some */
                        m->configs[i][v] = process_config_unref(m->configs[i][v]);
                }
}

/* References are counted outside the arena: as many as the engine of this state has. */
static void count_references(Model *m) {
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                for (unsigned v = 0; v < 2; v++)
                        m->configs[i][v]->n_ref = 1;
        for (size_t i = 0; i < engine_size(m->engine); i++) {
                const Process *p = engine_get(m->engine, i);

                (void)process_config_ref(p->config);
                (void)process_config_ref(p->next_config);
        }
}

static void start_all(Model *m) {
        engine_hold(m->engine);
        for (size_t i = 0; i < m->scenario->n_processes; i++)
                if (process_begins(engine_get(m->engine, i), m->configs[i][0]))
                        engine_start(m->engine, i, m->now_usec);
        engine_release(m->engine, m->now_usec);
}

void model_reset(Model *m) {
        Model first = { .scenario = m->scenario, .now_usec = 1000 * TICK_USEC, .trace = m->trace };
        int r;

        memcpy(first.configs, m->configs, sizeof(first.configs));
        *m = first;
        arena_clear();
        arena_open();
        r = engine_new(/* seed= */ 1, &m->scenario->rules, &m->engine);
        for (size_t i = 0; r >= 0 && i < m->scenario->n_processes; i++) {
                size_t k;

                r = engine_add(m->engine, m->configs[i][0], &k);
                m->watches[i].limit_usec = USEC_INFINITY;
        }
        if (r >= 0)
                r = engine_commit(m->engine, m->now_usec);
        assert(r >= 0);
        (void)r;
        count_references(m);
        start_all(m);
        m->has_pending = true;
        if (!m->scenario->lazy)
                environment_perform(m, /* all= */ true);
        arena_close();
        rules_check(m, (Move){ .kind = MOVE_START });
}

void model_save(const Model *m, Snapshot *ret) {
        ret->model = *m;
        arena_save(&ret->image);
}

void model_load(Model *m, const Snapshot *snapshot) {
        bool trace = m->trace;

        *m = snapshot->model;
        m->trace = trace;
        arena_load(&snapshot->image);
        count_references(m);
}
