/* Frees what the daemon has answered. */
#include "ctl/client/answers.h"

#include "base/macro.h"
#include "base/strv.h"

void process_info_done(ProcessInfo *p) {
        free(p->group);
        free(p->name);
        free(p->state);
        free(p->goal);
        free(p->phase);
        free(p->spawn_error);
        free(p->exit_kind);
        free(p->status_text);
        free(p->log[0]);
        free(p->log[1]);
        free(p->health);
        free(p->health_text);
        *p = (ProcessInfo){ 0 };
}

void outcomes_done(Outcomes *r) {
        for (size_t i = 0; i < r->n; i++) {
                free(r->items[i].group);
                free(r->items[i].name);
                free(r->items[i].done);
                free(r->items[i].message);
        }
        free(r->items);
        *r = (Outcomes){ 0 };
}

void process_list_done(ProcessList *l) {
        for (size_t i = 0; i < l->n; i++)
                process_info_done(&l->items[i]);
        free(l->items);
        outcomes_done(&l->unknown);
        *l = (ProcessList){ 0 };
}

void configured_list_done(ConfiguredList *l) {
        for (size_t i = 0; i < l->n; i++) {
                free(l->items[i].group);
                free(l->items[i].name);
        }
        free(l->items);
        *l = (ConfiguredList){ 0 };
}

void daemon_event_done(DaemonEvent *e) {
        free(e->group);
        free(e->name);
        free(e->from);
        free(e->to);
        free(e->cause);
        free(e->message);
        for (size_t i = 0; i < ELEMENTSOF(e->groups); i++)
                (void)strv_free(e->groups[i]);
        free(e->how);
        *e = (DaemonEvent){ 0 };
}

void explanation_done(Explanation *e) {
        process_info_done(&e->process);
        for (size_t i = 0; i < e->n_changes; i++)
                daemon_event_done(&e->changes[i]);
        free(e->changes);
        (void)strv_free(e->output);
        *e = (Explanation){ 0 };
}

void update_plan_done(UpdatePlan *p) {
        for (size_t i = 0; i < p->n; i++) {
                free(p->items[i].group);
                free(p->items[i].name);
                free(p->items[i].action);
                (void)strv_free(p->items[i].keys);
        }
        free(p->items);
        *p = (UpdatePlan){ 0 };
}

void daemon_plan_done(DaemonPlan *p) {
        for (size_t i = 0; i < p->n; i++) {
                free(p->items[i].group);
                free(p->items[i].name);
        }
        free(p->items);
        *p = (DaemonPlan){ 0 };
}

void opened_log_done(OpenedLog *f) {
        f->fd = safe_close(f->fd);
        free(f->path);
        f->path = NULL;
}
