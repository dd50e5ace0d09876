/*
 * Changes as text and as JSON, for `events` and `why`.
 */
#pragma once

#include <stdio.h>

#include "base/json.h"
#include "ctl/client/client.h"

/* One line about @e, with its end. */
void event_print(FILE *f, const Event *e);

/* One JSON object; at the top it ends its line. */
void event_put_json(JsonWriter *w, const Event *e);
