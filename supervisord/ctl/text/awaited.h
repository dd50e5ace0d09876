/*
 * Who an order waits for, in words.
 */
#pragma once

#include "ctl/client/answers.h"

/*
 * "waiting for db (stopping, SIGKILL in 8 s), web (starting) and 3 more" about the processes of
 * @list that are on their way to another state; NULL if none is. *ret is the caller's. Returns 0 or
 * -ENOMEM.
 */
int awaited_describe(const ProcessList *list, char **ret);
