/* The levels of the main log, and what they are called by its lines, by syslog and by a terminal.
 */
#pragma once

typedef enum LogLevel { /* the numbers are Python's, as they appear in nothing but comparisons */
        LOG_LEVEL_BLATHER = 3,
        LOG_LEVEL_TRACE = 5,
        LOG_LEVEL_DEBUG = 10,
        LOG_LEVEL_INFO = 20,
        LOG_LEVEL_WARN = 30,
        LOG_LEVEL_ERROR = 40,
        LOG_LEVEL_CRITICAL = 50,
} LogLevel;

/* "CRIT", "ERRO" … as the lines carry it. A level between two has the names of the one below. */
const char *log_level_to_word(LogLevel level);

/* The priority of syslog for @level: LOG_CRIT … LOG_DEBUG. */
int log_level_to_priority(LogLevel level);

/* The escape sequence of a terminal that shows @level. */
const char *log_level_to_colour(LogLevel level);
