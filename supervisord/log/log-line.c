#include "log/log-line.h"

#include <string.h>

static const char *second_text(LogClock *c, time_t second) {
        struct tm tm;

        if (c->second == second && *c->text)
                return c->text;
        if (!localtime_r(&second, &tm))
                tm = (struct tm){ .tm_mday = 1 };
        (void)strftime(c->text, sizeof(c->text), "%Y-%m-%d %H:%M:%S", &tm);
        c->second = second;
        return c->text;
}

void log_record_stamp(LogRecord *record, LogClock *clock) {
        struct timespec now;
        unsigned ms;
        char *end;

        (void)clock_gettime(CLOCK_REALTIME, &now);
        ms = (unsigned)(now.tv_nsec / 1000000);
        end = stpcpy(record->stamp, second_text(clock, now.tv_sec));
        *end++ = ',';
        *end++ = (char)('0' + ms / 100);
        *end++ = (char)('0' + ms / 10 % 10);
        *end++ = (char)('0' + ms % 10);
        *end = '\0';
}

size_t log_line_room(const LogRecord *record, const char *before, const char *after) {
        return strlen(record->stamp) + strlen(before) + strlen(log_level_to_word(record->level)) +
               strlen(after) + record->size + sizeof("  \n");
}

size_t log_line_format(const LogRecord *record, const char *before, const char *after, char *line) {
        char *end;

        end = stpcpy(line, record->stamp);
        if (end > line)
                *end++ = ' ';
        end = stpcpy(stpcpy(stpcpy(end, before), log_level_to_word(record->level)), after);
        *end++ = ' ';
        end = mempcpy(end, record->text, record->size);
        *end++ = '\n';
        return (size_t)(end - line);
}
