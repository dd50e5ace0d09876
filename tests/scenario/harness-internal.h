/* Between the parts of the harness. */
#pragma once

#include "harness.h"

/* Take in what the daemon has written, waiting at most @msec for the first of it. */
void log_receive(Scenario *s, int msec);
_Noreturn void log_fail(Scenario *s, const char *what);
