/*
 * Events as text and as JSON, for `events` and `why`.
 */
#pragma once

#include <stdio.h>

#include "base/json.h"
#include "ctl/client/answers.h"

/* One line about @e, with its line feed. */
void event_print(FILE *f, const DaemonEvent *e);

/* One JSON object, followed by a line feed if it is not within another value. */
void event_put_json(JsonWriter *w, const DaemonEvent *e);
