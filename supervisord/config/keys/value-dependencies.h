/*
 * What a process depends on, as a value: DependencyList, "db, cache:started". Whom a name means is
 * not looked at here.
 */
#pragma once

#include "config/keys/value-type.h"
#include "config/model/config.h"

/*
 * Read "db, cache:started" into *@list, which is all zero or valid; what it held is freed, on
 * success only. Returns 0; -EINVAL and the caller's *reterr_why; or -ENOMEM.
 */
int dependencies_parse(const char *text, DependencyList *list, char **reterr_why);

/* "started", "ready", "exited" */
const char *dependency_condition_to_string(DependencyCondition condition);

ValueStore dependencies_store;
ValueClear dependencies_clear;
ValueEqual dependencies_equal;
ValuePrint dependencies_print;
ValueJson dependencies_json;
