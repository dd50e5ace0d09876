/* What standard output is connected to. */
#pragma once

#include <stdbool.h>

/* Is it the stream that systemd connected to the journal? */
bool console_is_journal(void);

/* Is it a terminal that shows colours, and does nobody object to them (NO_COLOR)? */
bool console_wants_colours(void);
