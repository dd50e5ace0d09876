/* What an operator does to the engine: any order, at any moment, about anything. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../unit/sample-config.h"
#include "rules.h"
#include "world.h"

#define INFINITE DURATION_INFINITY

static void pick_restart(ProcessConfig *c, Random *r) {
        static const int64_t starts[] = { -1, 0, SEC, SEC, SEC, 5 * SEC, INFINITE };
        static const int64_t retries[] = { -1, 0, 1, 3, 3 };
        static const int64_t least[] = { 0, SEC / 4, SEC, SEC, -5 };
        static const int64_t most[] = { INFINITE, INFINITE, 3 * SEC, 0 };
        static const double factors[] = { 0, 0, 1, 2, 1.5 };
        static const double jitters[] = { 0, 0, 0.5, 1 };

        c->autostart = !random_one_in(r, 4);
        c->autorestart = (AutoRestart)random_below(r, 3);
        c->startsecs_usec = RANDOM_PICK(r, starts);
        c->startretries = RANDOM_PICK(r, retries);
        c->backoff_min_usec = RANDOM_PICK(r, least);
        c->backoff_max_usec = RANDOM_PICK(r, most);
        c->backoff_factor = RANDOM_PICK(r, factors);
        c->backoff_jitter = RANDOM_PICK(r, jitters);
}

static void pick_stop(ProcessConfig *c, Random *r) {
        static const int64_t waits[] = { 10 * SEC, 10 * SEC, SEC, 1, 0, -1, INFINITE };
        static const int signals[] = { SIGTERM, SIGTERM, SIGINT, 0 };

        c->stopwait_usec = RANDOM_PICK(r, waits);
        c->stopsignal = RANDOM_PICK(r, signals);
        c->kill_mode = (KillMode)random_below(r, 3);
        c->killasgroup = random_one_in(r, 2);
        c->stopasgroup = c->killasgroup && random_one_in(r, 2);
}

static ProcessConfig *pick_config(Random *r) {
        static const int64_t timeouts[] = { 2 * SEC, SEC, 0, INFINITE };
        ProcessConfig *c = sample_config((const char[]){ (char)('a' + random_below(r, 26)), 0 });

        c->group_priority = random_below(r, 2);
        c->priority = random_below(r, 3);
        c->readiness_timeout_usec = RANDOM_PICK(r, timeouts);
        if (random_one_in(r, 5))
                c->type = PROCESS_TYPE_FORKING;
        pick_restart(c, r);
        pick_stop(c, r);
        return c;
}

/* An entry in use that the engine may still be told about; SIZE_MAX: none. */
static size_t pick_process(const World *w, Random *r) {
        unsigned from = random_below(r, MAX_PROCESSES);

        for (unsigned k = 0; k < MAX_PROCESSES; k++)
                if (w->watches[(from + k) % MAX_PROCESSES].used)
                        return (from + k) % MAX_PROCESSES;
        return SIZE_MAX;
}

static void start(World *w, size_t i) {
        world_trace(w, "start %zu", i);
        rules_before_start(w, i);
        engine_start(w->engine, i, w->now_usec);
}

static bool is_full(const World *w) {
        for (size_t i = 0; i < MAX_PROCESSES; i++)
                if (!w->watches[i].used)
                        return false;
        return true;
}

/* Returns whether it is to be started once the plan is made. */
static bool add(World *w, Random *r, size_t *ret) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = pick_config(r);

        if (engine_add(w->engine, c, ret) < 0)
                abort();
        world_trace(w, "add %zu, priority %d:%d", *ret, (int)c->group_priority, (int)c->priority);
        w->watches[*ret].used = true;
        w->watches[*ret].latest = c;
        return c->autostart;
}

static void replace(World *w, Random *r, size_t i) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = pick_config(r);

        world_trace(w, "replace %zu, priority %d:%d", i, (int)c->group_priority, (int)c->priority);
        rules_before_replace(w, i, c);
        engine_replace(w->engine, i, c, w->now_usec);
}

/* What can change without a restart: all but what it is and where it stands. */
static void update(World *w, Random *r, size_t i) {
        _cleanup_(process_config_unrefp) ProcessConfig *c = pick_config(r);
        const Process *p = engine_get(w->engine, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;

        world_trace(w, "update %zu", i);
        c->type = old->type;
        c->kill_mode = old->kill_mode;
        c->priority = old->priority;
        c->group_priority = old->group_priority;
        if (c->autostart && !old->autostart)
                rules_before_start(w, i);
        w->watches[i].latest = c;
        engine_update(w->engine, i, c);
}

/* Any number of changes, one new plan, then the start of what is new. */
static void reload(World *w, Random *r) {
        size_t added[4], n_added = 0;
        unsigned n = 1 + random_below(r, 4);

        while (n-- > 0) {
                size_t i = pick_process(w, r);

                switch (random_below(r, 5)) {
                case 0:
                        if (i == SIZE_MAX)
                                break;
                        world_trace(w, "remove %zu", i);
                        rules_before_stop(w, i);
                        engine_remove(w->engine, i, w->now_usec);
                        break;
                case 1:
                        if (i != SIZE_MAX)
                                replace(w, r, i);
                        break;
                case 2:
                        if (i != SIZE_MAX && !w->pending) /* else the books mix old and new */
                                update(w, r, i);
                        break;
                default:
                        if (!is_full(w) && add(w, r, &added[n_added]))
                                n_added++;
                }
                if (random_one_in(r, 2))
                        perform_actions(w);
        }
        world_trace(w, "commit");
        if (engine_commit(w->engine, w->now_usec) < 0)
                abort();
        perform_actions(w);
        if (w->mode != SHUTDOWN_NONE) { /* another plan, another time that it takes */
                w->bound_usec = USEC_INFINITY;
                rules_after_shutdown(w);
        }
        for (size_t k = 0; k < n_added; k++)
                if (w->watches[added[k]].used) /* not removed again by the same reload */
                        start(w, added[k]);
}

void operator_shuts_down(World *w, ShutdownMode mode) {
        world_trace(w, "shutdown, mode %d", (int)mode);
        w->n_events++;
        rules_before_shutdown(w, mode);
        engine_shutdown(w->engine, mode, w->now_usec);
        rules_after_shutdown(w);
        perform_actions(w);
}

void operator_acts(World *w, Random *r) {
        size_t i = pick_process(w, r);

        if (i == SIZE_MAX || random_one_in(r, 12)) {
                w->n_events++;
                w->subject = i;
                reload(w, r);
                perform_actions(w);
                return;
        }
        if (w->mode != SHUTDOWN_NONE && random_one_in(r, 10)) {
                operator_shuts_down(w, (ShutdownMode)(1 + random_below(r, 3)));
                return;
        }

        w->subject = i;
        w->n_events++;
        switch (random_below(r, 8)) {
        case 0:
        case 1:
        case 2:
                start(w, i);
                break;
        case 3:
        case 4:
                world_trace(w, "stop %zu", i);
                rules_before_stop(w, i);
                engine_stop(w->engine, i, w->now_usec);
                break;
        case 5:
        case 6:
                world_trace(w, "restart %zu", i);
                rules_before_restart(w, i);
                engine_restart(w->engine, i, w->now_usec);
                break;
        default:
                world_trace(w, "kill %zu", i);
                rules_before_stop(w, i);
                w->watches[i].killed_by_order = w->watches[i].alive;
                engine_kill(w->engine, i, w->now_usec);
        }
        perform_actions(w);
}
