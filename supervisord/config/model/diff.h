/*
 * What a new configuration changes, process by process. A process is the same before and after if
 * group and name are.
 */
#pragma once

#include <stddef.h>

#include "config/model/config.h"

typedef enum Change {
        CHANGE_NONE,
        CHANGE_ADDED,
        CHANGE_UPDATED, /* by settings that a running process takes over */
        CHANGE_CHANGED, /* it has to be started anew */
        CHANGE_REMOVED,
} Change;

typedef struct ConfigChange {
        Change kind;
        size_t before; /* index into the arrays compared; SIZE_MAX where there is none */
        size_t after;
} ConfigChange;

/*
 * Compare @before[0..n_before-1], where NULL entries are skipped, with @after[0..n_after-1]. Of
 * several in
 * @after with the same group and name the first counts, as with Python's supervisord. *ret is the
 * caller's: one entry per process, those of @after in their order, then what is removed.
 * Returns the number of entries or -ENOMEM.
 */
ssize_t config_diff(ProcessConfig *const *before,
                    size_t n_before,
                    ProcessConfig *const *after,
                    size_t n_after,
                    ConfigChange **ret);
