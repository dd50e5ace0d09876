/* What a level of the log is for others: syslog, a terminal. Its word is in log.h. */
#pragma once

#include "log/log.h"

/* The priority of syslog for @level: LOG_CRIT … LOG_DEBUG. */
int log_level_to_priority(LogLevel level);

/* The escape sequence of a terminal that shows @level. */
const char *log_level_to_colour(LogLevel level);
