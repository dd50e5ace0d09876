/*
 * Processes as `status` shows them, for it and for others.
 */
#pragma once

#include "base/json.h"
#include "ctl/session.h"

/*
 * Ask for what @words mean (all if there are none), sorted by group and name: as much of each as
 * client_list_states() gives. Returns false after saying what went wrong.
 */
bool status_fetch(Session *s, char **words, ProcessList *ret);

/*
 * Choose from @list what @words mean, in their order, and say on @errors which mean nothing. *ret,
 * up to a NULL, points into @list and is the caller's to free. Returns 0 or -ENOMEM.
 */
int status_choose(const ProcessList *list,
                  char **words,
                  FILE *errors,
                  const ProcessInfo ***ret,
                  bool *ret_all_known);

/* A line for each of @list, up to a NULL. @now is the daemon's clock. */
void status_print(FILE *f, const ProcessInfo *const *list, uint64_t now);

/* A time as seconds since the epoch with ms, null for never (0). */
void status_put_time(JsonWriter *w, const char *key, uint64_t usec);

/* One as a JSON object within an array. */
void status_put_json(JsonWriter *w, const ProcessInfo *p, uint64_t now);
