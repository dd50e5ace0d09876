/*
 * What a process depends on: the value of `depends_on`, and whom its names mean.
 */
#pragma once

#include "config/model/config.h"

/*
 * Read "db, cache:started" into *@list, which is all zero or valid; what it held is freed, on
 * success only. Whom a name means is not looked at. Returns 0; -EINVAL and the caller's
 * *reterr_why; or -ENOMEM.
 */
int dependencies_parse(const char *text, DependencyList *list, char **reterr_why);
void dependencies_done(DependencyList *list);

bool dependencies_equal(const DependencyList *a, const DependencyList *b);

/* As it could stand in a file. */
void dependencies_print(FILE *f, const DependencyList *list);

/* "started", "ready", "exited" */
const char *dependency_condition_to_string(DependencyCondition condition);

/*
 * Finds processes by the names that `depends_on` may use: a group (all of its processes), a program
 * (all of its copies, in whatever group) or GROUP:NAME. If a group and a program have one name it
 * is the group's.
 */
typedef struct NameIndex NameIndex;

/* Of @configs[0..n-1]; NULL entries are left out. Borrows them. Returns 0 or -ENOMEM. */
int name_index_new(const ProcessConfig *const *configs, size_t n, NameIndex **ret);
NameIndex *name_index_free(NameIndex *x);
DEFINE_CLEANUP(NameIndex, name_index_free);

/*
 * The processes that @name means. Returns their number; *ret points to their indexes in @configs,
 * valid as long as the NameIndex is. 0: nobody has this name.
 */
size_t name_index_find(const NameIndex *x, const char *name, const size_t **ret);
