/* Who has to wait for whom, and who follows whom down. */
#include <assert.h>
#include <string.h>

#include "core/engine-internal.h"

/* What the state of one process means to those who depend on it: bits. */
enum {
        FACT_STARTED = 1U << DEPENDENCY_STARTED,
        FACT_READY = 1U << DEPENDENCY_READY,
        FACT_EXITED = 1U << DEPENDENCY_EXITED,
        FACT_NOT_COMING = 1U << (DEPENDENCY_EXITED + 1), /* nothing of that will come by itself */
};

/* An edge to one whose place another has taken, and that is gone. */
#define EDGE_DROPPED (DEPENDENCY_MISSING - 1)

typedef struct EdgeRange {
        const DependencyEdge *first, *end;
} EdgeRange;

/* Whom @p depends on, by the plan that holds; nobody before it is in one. */
static EdgeRange dependencies_of(const Engine *e, const Process *p) {
        const DependencyGraph *g = e->plan->graph;
        size_t i = (size_t)(p - e->processes);

        if (p->wave == NO_WAVE)
                return (EdgeRange){ NULL, NULL };
        return (EdgeRange){ g->edges + g->first[i], g->edges + g->first[i + 1] };
}

static bool has_exited(const Process *p) {
        return p->phase == PHASE_EXITED && process_ended_well(p);
}

static unsigned facts_of(const Engine *e, const Process *p) {
        bool is_born = !p->run.unborn && e->spawning != (size_t)(p - e->processes);
        bool stays = (p->phase == PHASE_STARTING || p->phase == PHASE_RUNNING) && is_born &&
                     !p->stop_due;
        bool done = has_exited(p) && p->config->settings->type == PROCESS_TYPE_ONESHOT;
        unsigned facts = 0;

        if ((stays && p->run.main_known) || done)
                facts |= FACT_STARTED;
        if ((stays && p->run.ready) || done)
                facts |= FACT_READY;
        if (has_exited(p))
                facts |= FACT_EXITED;
        if (p->start_due ? process_waits_in_vain(e, p)
                         : !phase_has_child(p->phase) && !phase_comes_back(p->phase))
                facts |= FACT_NOT_COMING;
        return facts;
}

static const Process *target_of(const Engine *e, const DependencyEdge *edge) {
        const Process *p;

        if (edge->process == DEPENDENCY_MISSING || edge->process == EDGE_DROPPED)
                return NULL;
        p = &e->processes[edge->process];
        return p->config ? p : NULL;
}

/* One that only takes somebody's place is waited for by nobody: the other one counts. */
static bool is_met(const Engine *e, const DependencyEdge *edge) {
        const Process *target = target_of(e, edge);

        return edge->process == EDGE_DROPPED ||
               (target && (target->spare || (target->counted_facts & 1U << edge->condition)));
}

bool process_waits(const Engine *e, const Process *p, size_t *ret_for) {
        EdgeRange edges = dependencies_of(e, p);

        for (const DependencyEdge *edge = edges.first; edge != edges.end; edge++)
                if (!is_met(e, edge)) {
                        if (ret_for)
                                *ret_for = edge->process;
                        return true;
                }
        return false;
}

bool process_waits_in_vain(const Engine *e, const Process *p) {
        EdgeRange edges = dependencies_of(e, p);

        for (const DependencyEdge *edge = edges.first; edge != edges.end; edge++) {
                const Process *target = target_of(e, edge);

                if (!is_met(e, edge) && (!target || (target->counted_facts & FACT_NOT_COMING)))
                        return true;
        }
        return false;
}

void process_recount_users(Engine *e, const Process *p) {
        const DependencyGraph *g = e->plan->graph;
        size_t i = (size_t)(p - e->processes);

        for (size_t k = i < g->n ? g->first_user[i] : 0; k < (i < g->n ? g->first_user[i + 1] : 0);
             k++) {
                Process *user = &e->processes[g->users[k]];

                if (user->config && user->start_due)
                        process_count(e, user);
        }
}

void process_count_users(Engine *e, Process *p) {
        unsigned facts = facts_of(e, p);

        if (facts == p->counted_facts)
                return;
        p->counted_facts = facts;
        process_recount_users(e, p);
}

void process_set_spare(Engine *e, Process *p, bool spare) {
        p->spare = spare;
        process_recount_users(e, p);
}

void engine_set_spare(Engine *e, size_t i, bool spare) {
        process_set_spare(e, engine_entry(e, i), spare);
}

/* Does @user depend on another of the name of @p that counts? */
static bool has_counterpart(const Engine *e, const Process *user, const Process *p) {
        EdgeRange edges = dependencies_of(e, user);

        for (const DependencyEdge *edge = edges.first; edge != edges.end; edge++) {
                const Process *target = target_of(e, edge);

                if (target && !target->spare &&
                    strcmp(target->config->name, p->config->name) == 0 &&
                    strcmp(target->config->group, p->config->group) == 0)
                        return true;
        }
        return false;
}

void engine_plan_spares(Engine *e) {
        const DependencyGraph *g = e->plan->graph;

        for (size_t i = 0; i < g->n; i++)
                for (size_t k = g->first[i]; k < g->first[i + 1]; k++) {
                        const Process *target = target_of(e, &g->edges[k]);

                        if (target && target->spare &&
                            !has_counterpart(e, &e->processes[i], target))
                                g->edges[k].process = DEPENDENCY_MISSING;
                }
}

void process_drop_edges(Engine *e, const Process *p) {
        const DependencyGraph *g = e->plan->graph;
        size_t i = (size_t)(p - e->processes);

        if (p->wave == NO_WAVE)
                return;
        for (size_t k = g->first_user[i]; k < g->first_user[i + 1]; k++)
                for (size_t j = g->first[g->users[k]]; j < g->first[g->users[k] + 1]; j++)
                        if (g->edges[j].process == i)
                                g->edges[j].process = EDGE_DROPPED;
}

static bool is_on_its_way(const Process *p) {
        assert(p->goal == GOAL_DOWN || p->again || !(p->stop_due || p->asked));
        return p->goal == GOAL_UP &&
               (p->start_due || phase_comes_back(p->phase) || phase_has_child(p->phase));
}

void process_bring_along(Engine *e, Process *p) {
        EdgeRange edges = dependencies_of(e, p);

        if (p->wave == NO_WAVE) {
                p->brings_along = true; /* when there is a plan */
                return;
        }
        p->brings_along = false;
        for (const DependencyEdge *edge = edges.first; edge != edges.end; edge++) {
                Process *target;

                if (!target_of(e, edge) || is_met(e, edge))
                        continue;
                target = &e->processes[edge->process];
                if (is_on_its_way(target))
                        continue;
                process_want_up(e, target);
                process_bring_along(e, target);
        }
}

/* Does @user depend on process @i in a way that lasts beyond the start? */
static bool depends_on(const Engine *e, const Process *user, size_t i) {
        EdgeRange edges = dependencies_of(e, user);

        for (const DependencyEdge *edge = edges.first; edge != edges.end; edge++)
                if (edge->process == i && edge->condition != DEPENDENCY_EXITED)
                        return true;
        return false;
}

void process_be_followed(Engine *e, const Process *p, uint64_t now_usec) {
        const DependencyGraph *g = e->plan->graph;
        size_t i = (size_t)(p - e->processes);

        assert(p->wave != NO_WAVE); /* else it would not have been started */
        if (e->mode != SHUTDOWN_NONE || p->spare)
                return;
        for (size_t k = g->first_user[i]; k < g->first_user[i + 1]; k++) {
                Process *user = &e->processes[g->users[k]];

                if (!user->config || !phase_has_child(user->phase) || user->stop_due ||
                    user->asked || !depends_on(e, user, i) ||
                    user->config->settings->on_dependency_failure == DEPENDENCY_FAILURE_IGNORE)
                        continue;
                engine_push(e,
                            (Action){ .kind = ACTION_FOLLOWS, .process = g->users[k], .other = i });
                if (user->config->settings->on_dependency_failure == DEPENDENCY_FAILURE_STOP)
                        process_want_down(e, user, now_usec);
                else {
                        process_want_stop(e, user, now_usec);
                        user->again = user->goal == GOAL_UP;
                }
        }
}
