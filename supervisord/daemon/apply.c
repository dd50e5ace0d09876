/* From one configuration to another: which processes differ, and what becomes of them. */
#include "daemon/apply.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/strv.h"
#include "daemon/act/roll-job.h"
#include "daemon/act/table.h"
#include "daemon/entry/entry-sockets.h"
#include "daemon/entry/health-check.h"
#include "daemon/entry/history.h"
#include "daemon/entry/observer.h"
#include "daemon/entry/supervisor-state.h"
#include "daemon/replan.h"
#include "log/log.h"

/* ---------------------------------------------------------------- comparing */

/* What each entry of the table is, or is about to become; NULL for one that is empty. */
static int present_configs(const Supervisor *s, ProcessConfig ***ret) {
        size_t n = engine_size(s->engine);
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        ProcessConfig **configs = calloc(n + 1, sizeof(*configs));

        if (!configs)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const Process *p = engine_get(s->engine, i);

                if (!p->spare) /* one that counts has the same name */
                        configs[i] = p->next_config ?: p->config;
        }
        *ret = configs;
        return 0;
}

static bool is_in_scope(const ApplyScope *scope, const ProcessConfig *config) {
        if (!scope)
                return true;
        if (scope->section && strcmp(scope->section, config->section) != 0)
                return false;
        if (!scope->groups)
                return true;
        for (char *const *group = scope->groups; *group; group++)
                if (strcmp(*group, config->group) == 0)
                        return true;
        return false;
}

static bool is_leaving(const Supervisor *s, const ConfigChange *change) {
        return change->before != SIZE_MAX && engine_get(s->engine, change->before)->removed;
}

const ProcessConfig *
change_get_config(const Supervisor *s, const Config *config, const ConfigChange *change) {
        return change->after != SIZE_MAX ? config->processes[change->after]
                                         : engine_get(s->engine, change->before)->config;
}

ssize_t supervisor_compare(const Supervisor *s,
                           const Config *config,
                           const ApplyScope *scope,
                           ConfigChange **ret) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        _cleanup_(freep) ProcessConfig **before = NULL;
        ssize_t n, kept = 0;
        int r;

        r = present_configs(s, &before);
        if (r < 0)
                return r;
        n = config_diff(before, engine_size(s->engine), config->processes, config->n_processes,
                        &changes);
        for (ssize_t i = 0; i < n; i++) {
                ConfigChange change = changes[i];

                if (!is_in_scope(scope, change_get_config(s, config, &change)))
                        continue;
                if (is_leaving(s, &change)) {
                        if (change.kind == CHANGE_REMOVED)
                                continue;
                        change.kind = CHANGE_CHANGED; /* back again before it was gone */
                }
                changes[kept++] = change;
        }
        if (n < 0)
                return n;
        *ret = TAKE_PTR(changes);
        return kept;
}

/* ---------------------------------------------------------------- groups */

typedef struct GroupChange { /* of one process, to be sorted by its group */
        const char *group;
        Change kind;
} GroupChange;

static int compare_groups(const void *x, const void *y) {
        const GroupChange *a = x, *b = y;

        return strcmp(a->group, b->group);
}

void group_changes_done(GroupChanges *g) {
        g->added = strv_free(g->added);
        g->changed = strv_free(g->changed);
        g->removed = strv_free(g->removed);
        g->restarted = strv_free(g->restarted);
}

/* items[0..n-1] are all changes of one group. */
static int add_group(GroupChanges *g, const GroupChange *items, size_t n) {
        size_t counts[CHANGE_REMOVED + 1] = { 0 };
        int r = 0;

        for (size_t i = 0; i < n; i++)
                counts[items[i].kind]++;
        if (counts[CHANGE_NONE] == n)
                return 0;
        if (counts[CHANGE_ADDED] == n)
                return strv_extend(&g->added, items[0].group);
        if (counts[CHANGE_REMOVED] == n)
                return strv_extend(&g->removed, items[0].group);
        if (counts[CHANGE_CHANGED] + counts[CHANGE_REMOVED] > 0)
                r = strv_extend(&g->restarted, items[0].group);
        return r < 0 ? r : strv_extend(&g->changed, items[0].group);
}

int group_changes(const Supervisor *s,
                  const Config *config,
                  const ConfigChange *changes,
                  size_t n,
                  GroupChanges *ret) {
        _cleanup_(freep) GroupChange *items = calloc(n + 1, sizeof(*items));
        int r = 0;

        *ret = (GroupChanges){ 0 };
        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++)
                items[i] = (GroupChange){ change_get_config(s, config, &changes[i])->group,
                                          changes[i].kind };
        qsort(items, n, sizeof(*items), compare_groups);
        for (size_t i = 0, end; r >= 0 && i < n; i = end) {
                for (end = i + 1; end < n && strcmp(items[i].group, items[end].group) == 0; end++)
                        ;
                r = add_group(ret, items + i, end - i);
        }
        if (r < 0)
                group_changes_done(ret);
        return r;
}

/* ---------------------------------------------------------------- applying */

static void set_origin(Supervisor *s, size_t index) {
        s->entries[index]->origin = (Origin){ .cause = CAUSE_CONFIGURATION };
}

static void update(Supervisor *s, size_t i, ProcessConfig *config) {
        bool other_health = health_differs(engine_get(s->engine, i)->config, config);

        log_info("updated: %s", config->name);
        engine_update(s->engine, i, config, now_usec());
        entry_settle_sockets(s->entries[i]); /* its restart may be called off */
        if (other_health)
                entry_renew_health(s->entries[i]);
}

static int apply_change(Supervisor *s, const Config *config, const ConfigChange *change) {
        uint64_t now = now_usec();
        size_t index;
        int r;

        switch (change->kind) {
        case CHANGE_NONE:
                return 0;
        case CHANGE_REMOVED:
                set_origin(s, change->before);
                engine_remove(s->engine, change->before, now);
                return 0;
        case CHANGE_UPDATED:
                update(s, change->before, config->processes[change->after]);
                return 0;
        case CHANGE_CHANGED:
                log_info("changed: %s", config->processes[change->after]->name);
                set_origin(s, change->before);
                engine_replace(s->engine, change->before, config->processes[change->after], now);
                return 0;
        case CHANGE_ADDED:
                r = supervisor_add(s, config->processes[change->after], &index);
                if (r >= 0 &&
                    process_begins(engine_get(s->engine, index), config->processes[change->after]))
                        engine_start(s->engine, index, now);
                return r;
        }
        return -EINVAL;
}

/* ---------------------------------------------------------------- all of it */

int supervisor_apply_changes(Supervisor *s,
                             const Config *config,
                             const ConfigChange *changes,
                             size_t n,
                             size_t counts[static CHANGE_REMOVED + 1]) {
        _cleanup_(group_changes_done) GroupChanges groups = { 0 };
        int r = 0, committed;

        supervisor_cancel_rolls(s);
        /* Before the table changes, to which @changes refer. */
        if (group_changes(s, config, changes, n, &groups) < 0)
                log_warn("clients are not told which groups change: %s", strerror(ENOMEM));
        for (size_t i = 0; i < n && r >= 0; i++) {
                counts[changes[i].kind]++;
                r = apply_change(s, config, &changes[i]);
        }
        committed = supervisor_commit(s); /* what was changed at least */
        if (groups.added || groups.changed || groups.removed)
                supervisor_observe_configuration(s, &groups);
        supervisor_observe_prospects(s);
        return r < 0 ? r : committed;
}

int supervisor_apply(Supervisor *s,
                     const Config *config,
                     size_t counts[static CHANGE_REMOVED + 1]) {
        _cleanup_(freep) ConfigChange *changes = NULL;
        ssize_t n;

        n = supervisor_compare(s, config, NULL, &changes);
        return n < 0 ? (int)n : supervisor_apply_changes(s, config, changes, (size_t)n, counts);
}
