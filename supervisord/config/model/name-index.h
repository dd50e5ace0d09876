/*
 * Finds processes by the names that `depends_on` may use: a group (all of its processes), a program
 * (all of its copies, in whatever group) or GROUP:NAME. If a group and a program have one name it
 * is the group's.
 */
#pragma once

#include "config/model/config.h"

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
