/*
 * Processes as `status` shows them.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/json.h"
#include "ctl/client/answers.h"

/* A line for each process of @list, up to a NULL. @now is the daemon's clock, µs. */
void status_print(FILE *f, const ProcessInfo *const *list, uint64_t now);

/* A time in µs as seconds since the epoch with ms, null for never (0). */
void status_put_time(JsonWriter *w, const char *key, uint64_t usec);

/* One process as a JSON object within an array. @now as above. */
void status_put_json(JsonWriter *w, const ProcessInfo *p, uint64_t now);
