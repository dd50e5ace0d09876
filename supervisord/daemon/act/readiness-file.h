/*
 * A file that is there while the daemon is ready: for those that look instead of being told, as a
 * container's probe or a load balancer's check does.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"

typedef struct ReadinessFile ReadinessFile;

/*
 * Nothing is ready yet: what an earlier run left at @path is removed; a failure to do so is logged.
 * @path may be NULL: no file is wanted, and there is none. Returns 0 or -ENOMEM.
 */
int readiness_file_new(const char *path, ReadinessFile **ret);

/* Remove the file if it is shown. */
ReadinessFile *readiness_file_free(ReadinessFile *f);
DEFINE_CLEANUP(ReadinessFile, readiness_file_free);

/*
 * Make or remove the file if that has changed since the last time. A failure is logged, once for
 * each change. @f may be NULL.
 */
void readiness_file_show(ReadinessFile *f, bool is_ready);
