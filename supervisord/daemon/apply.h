/*
 * From one configuration to another: which processes differ, and what becomes of them.
 */
#pragma once

#include "config/model/diff.h"
#include <stddef.h>
#include <sys/types.h>

typedef struct Supervisor Supervisor;

/* What of a configuration is to be compared and applied; NULL: everything. */
typedef struct ApplyScope {
        char *const *groups; /* or NULL: all */
        const char *section; /* or NULL: all */
} ApplyScope;

typedef struct GroupChanges { /* names, sorted, each NULL if empty */
        char **added, **changed, **removed;
        char **restarted; /* those of changed of which something is stopped */
} GroupChanges;

/*
 * Bring the table in line with @config: what is new is added (and started if it is to),
 * what has changed is replaced, what is gone is removed. counts[] are increased by kind. 0 or
 * -errno.
 */
int supervisor_apply(Supervisor *s, const Config *config, size_t counts[static CHANGE_REMOVED + 1]);

/*
 * What changes with @config for what is in @scope, the unchanged included. *ret is the
 * caller's; valid until the table changes. Returns their number or -ENOMEM.
 */
ssize_t supervisor_compare(const Supervisor *s,
                           const Config *config,
                           const ApplyScope *scope,
                           ConfigChange **ret);

/* The process that @change is about. */
const ProcessConfig *
change_get_config(const Supervisor *s, const Config *config, const ConfigChange *change);

void group_changes_done(GroupChanges *g);

/* The same by groups. Returns 0 or -ENOMEM. */
int group_changes(const Supervisor *s,
                  const Config *config,
                  const ConfigChange *changes,
                  size_t n,
                  GroupChanges *ret);

/* Make @changes true. counts[] are increased by kind. Returns 0 or -errno. */
int supervisor_apply_changes(Supervisor *s,
                             const Config *config,
                             const ConfigChange *changes,
                             size_t n,
                             size_t counts[static CHANGE_REMOVED + 1]);
