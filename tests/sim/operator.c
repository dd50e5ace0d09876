/* What an operator does to the engine: any order, at any moment, about anything. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys/value-dependencies.h"
#include "laws.h"
#include "rolls.h"
#include "rules.h"
#include "world.h"

/* An entry in use that the engine may still be told about; SIZE_MAX: none. */
static size_t pick_process(const World *w, Random *r) {
        unsigned from = random_below(r, MAX_PROCESSES);

        for (unsigned k = 0; k < MAX_PROCESSES; k++) {
                size_t i = (from + k) % MAX_PROCESSES;

                if (w->watches[i].used && !engine_get(w->engine, i)->spare)
                        return i;
        }
        return SIZE_MAX;
}

static void start(World *w, size_t i) {
        world_trace(w, "start %zu", i);
        w->n_events++;
        rules_before_start(w, i);
        engine_start(w->engine, i, w->now_usec);
}

/* Of an entry that counts, or that was one and is not gone yet. */
static bool has_name(const World *w, char letter) {
        for (size_t i = 0; i < engine_size(w->engine); i++)
                if (w->watches[i].used && engine_get(w->engine, i)->config->name[0] == letter)
                        return true;
        return false;
}

/* One that nobody has: there are more letters than entries. */
static char free_letter(const World *w, Random *r) {
        unsigned from = random_below(r, WORLD_LETTERS);
        unsigned k = 0;

        while (has_name(w, (char)('a' + (from + k) % WORLD_LETTERS)))
                k++;
        return (char)('a' + (from + k) % WORLD_LETTERS);
}

static bool is_full(const World *w) {
        for (size_t i = 0; i < MAX_PROCESSES; i++)
                if (!w->watches[i].used)
                        return false;
        return true;
}

/* What @c says about its place, for the trace. */
static void trace_config(const World *w, const char *what, size_t i, const ProcessConfig *c) {
        char text[128] = "";
        size_t n = 0;

        for (size_t k = 0; w->trace && k < c->depends_on.n; k++)
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s:%s",
                                      k ? "," : ", depends on ", c->depends_on.items[k].name,
                                      dependency_condition_to_string(
                                              c->depends_on.items[k].condition));
        world_trace(w, "%s %zu (%s), priority %d:%d%s%s%s", what, i, c->name,
                    (int)c->group_priority, (int)c->priority,
                    c->settings->type == PROCESS_TYPE_ONESHOT   ? ", oneshot"
                    : c->settings->type == PROCESS_TYPE_FORKING ? ", forking"
                                                                : "",
                    c->settings->send_sigkill ? "" : ", no SIGKILL", text);
}

/* Returns whether it is to be started once the plan is made. */
static bool add(World *w, Random *r, size_t *ret) {
        const char name[] = { free_letter(w, r), 0 };
        _cleanup_(process_config_unrefp) ProcessConfig *c = pick_config(w, r, name);

        if (engine_add(w->engine, c, ret) < 0)
                abort();
        trace_config(w, "add", *ret, c);
        w->n_events++;
        world_watch(w, *ret, c);
        return c->settings->autostart;
}

static void replace(World *w, Random *r, size_t i) {
        _cleanup_(process_config_unrefp) ProcessConfig *c =
                pick_config(w, r, engine_get(w->engine, i)->config->name);

        trace_config(w, "replace", i, c);
        w->n_events++;
        rules_before_replace(w, i, c);
        engine_replace(w->engine, i, c, w->now_usec);
}

/* What can change without a restart: all but what it is and where it stands. */
static void update(World *w, Random *r, size_t i) {
        _cleanup_(process_config_unrefp) ProcessConfig *c =
                pick_config(w, r, engine_get(w->engine, i)->config->name);
        const Process *p = engine_get(w->engine, i);
        const ProcessConfig *old = p->next_config ? p->next_config : p->config;

        w->n_events++;
        c->settings->type = old->settings->type;
        if (w->rich)
                c->settings->readiness.kind = old->settings->readiness.kind;
        else {
                c->settings->kill_mode = old->settings->kill_mode;
                c->priority = old->priority;
                c->group_priority = old->group_priority;
        }
        trace_config(w, "update", i, c);
        rules_before_update(w, i, c);
        engine_update(w->engine, i, c, w->now_usec);
}

/* Any number of changes, one new plan, then the start of what is new. */
static void reload(World *w, Random *r) {
        size_t added[4], n_added = 0;
        unsigned n = 1 + random_below(r, 4);

        if (w->rich && w->mode != SHUTDOWN_NONE)
                return; /* nothing is reloaded then */
        rolls_cancel(w);
        w->uncommitted = w->reloaded = true;
        while (n-- > 0) {
                size_t i = pick_process(w, r);

                switch (random_below(r, 5)) {
                case 0:
                        if (i == SIZE_MAX)
                                break;
                        world_trace(w, "remove %zu", i);
                        w->n_events++;
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
        w->n_events++;
        if (engine_commit(w->engine, w->now_usec) < 0)
                abort();
        w->uncommitted = false;
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

/* Several orders that are meant as one. */
static void act_on_many(World *w, Random *r) {
        unsigned what = random_below(r, 3);

        world_trace(w, "%s some:", what == 0 ? "start" : what == 1 ? "stop" : "restart");
        laws_before_order(w, SIZE_MAX);
        engine_hold(w->engine);
        for (size_t i = 0; i < MAX_PROCESSES; i++) {
                if (!w->watches[i].used || engine_get(w->engine, i)->spare || random_one_in(r, 3))
                        continue;
                world_trace(w, "  %zu", i);
                w->n_events++;
                laws_before_order(w, i);
                if (what == 0)
                        engine_start(w->engine, i, w->now_usec);
                else if (what == 1)
                        engine_stop(w->engine, i, w->now_usec);
                else
                        engine_restart(w->engine, i, w->now_usec);
        }
        engine_release(w->engine, w->now_usec);
        perform_actions(w);
}

void operator_acts(World *w, Random *r) {
        size_t i = pick_process(w, r);

        if (i == SIZE_MAX || random_one_in(r, 32)) {
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
        if (w->rich && random_one_in(r, 5)) {
                if (random_one_in(r, 2)) {
                        w->subject = SIZE_MAX;
                        act_on_many(w, r);
                } else
                        rolls_begin(w, r);
                return;
        }
        switch (random_below(r, 8)) {
        case 0:
        case 1:
        case 2:
                start(w, i);
                perform_actions(w);
                return;
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
                w->watches[i].killed_by_order = w->watches[i].alive || w->rich;
                engine_kill(w->engine, i, w->now_usec);
        }
        w->n_events++;
        perform_actions(w);
}
