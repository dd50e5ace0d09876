#include "log/log-level.h"

#include <syslog.h>

#include "base/macro.h"

static const struct {
        LogLevel level;
        const char *word;
        int priority;
        const char *colour;
} levels[] = {
        { LOG_LEVEL_CRITICAL, "CRIT", LOG_CRIT, "\033[1;31m" },
        { LOG_LEVEL_ERROR, "ERRO", LOG_ERR, "\033[31m" },
        { LOG_LEVEL_WARN, "WARN", LOG_WARNING, "\033[33m" },
        { LOG_LEVEL_INFO, "INFO", LOG_INFO, "\033[32m" },
        { LOG_LEVEL_DEBUG, "DEBG", LOG_DEBUG, "\033[2m" },
        { LOG_LEVEL_TRACE, "TRAC", LOG_DEBUG, "\033[2m" },
        { LOG_LEVEL_BLATHER, "BLAT", LOG_DEBUG, "\033[2m" },
};

static size_t level_index(LogLevel level) {
        size_t i = 0;

        while (i < ELEMENTSOF(levels) - 1 && level < levels[i].level)
                i++;
        return i;
}

const char *log_level_to_word(LogLevel level) {
        return levels[level_index(level)].word;
}

int log_level_to_priority(LogLevel level) {
        return levels[level_index(level)].priority;
}

const char *log_level_to_colour(LogLevel level) {
        return levels[level_index(level)].colour;
}
