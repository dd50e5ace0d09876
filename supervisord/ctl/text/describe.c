/*
 * Words for parts of what the daemon answers. Where Python's supervisorctl has words for something,
 * these are the same; scripts look for them.
 */
#include "ctl/text/describe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/macro.h"
#include "base/parse.h"

int state_code(const char *state) {
        static const struct {
                const char *name;
                int code;
        } table[] = {
                { "STOPPED", 0 },   { "STARTING", 10 }, { "RUNNING", 20 }, { "BACKOFF", 30 },
                { "STOPPING", 40 }, { "EXITED", 100 },  { "FATAL", 200 },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++)
                if (strcmp(table[i].name, state) == 0)
                        return table[i].code;
        return 1000;
}

bool state_is_down(const char *state) {
        int code = state_code(state);

        return code == 0 || code >= 100;
}

const char *describe_uptime(uint64_t usec, char buffer[static DESCRIBE_UPTIME_MAX]) {
        uint64_t s = usec / USEC_PER_SEC, days = s / 86400;
        int n = 0;

        if (days > 0)
                n = snprintf(buffer, DESCRIBE_UPTIME_MAX, "%" PRIu64 " day%s, ", days,
                             days == 1 ? "" : "s");
        (void)snprintf(buffer + n, DESCRIBE_UPTIME_MAX - (size_t)n,
                       "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / 3600 % 24, s / 60 % 60, s % 60);
        return buffer;
}

const char *describe_duration(uint64_t usec, char buffer[static DESCRIBE_DURATION_MAX]) {
        uint64_t s = usec / USEC_PER_SEC, tenths = usec / (USEC_PER_SEC / 10) % 10;

        if (usec == UINT64_MAX)
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "for ever");
        else if (s == 0)
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "%" PRIu64 " ms",
                               usec / USEC_PER_MSEC);
        else if (s < 10 && tenths > 0)
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "%" PRIu64 ".%" PRIu64 " s", s,
                               tenths);
        else if (s < 60)
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "%" PRIu64 " s", s);
        else if (s < 3600)
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "%" PRIu64 " min %" PRIu64 " s",
                               s / 60, s % 60);
        else
                (void)snprintf(buffer, DESCRIBE_DURATION_MAX, "%" PRIu64 " h %" PRIu64 " min",
                               s / 3600, s / 60 % 60);
        return buffer;
}

const char *describe_exit(const ProcessInfo *p, char buffer[static DESCRIBE_EXIT_MAX]) {
        if (strcmp(p->exit_kind, "status") == 0) {
                (void)snprintf(buffer, DESCRIBE_EXIT_MAX, "exit status %d", p->exit_value);
                return buffer;
        }
        if (strcmp(p->exit_kind, "signal") == 0) {
                const char *name = signal_name(p->exit_value);

                if (name)
                        (void)snprintf(buffer, DESCRIBE_EXIT_MAX, "%s%s", name,
                                       p->dumped_core ? " (core dumped)" : "");
                else
                        (void)snprintf(buffer, DESCRIBE_EXIT_MAX, "signal %d%s", p->exit_value,
                                       p->dumped_core ? " (core dumped)" : "");
                return buffer;
        }
        if (strcmp(p->exit_kind, "spawn-failed") == 0)
                return strerror(p->exit_value);
        return NULL;
}

static size_t format_time(const struct tm *tm, TimeStyle style, char *buffer, size_t size) {
        switch (style) {
        case TIME_SHORT:
                return strftime(buffer, size, "%b %d %H:%M:%S", tm);
        case TIME_COMPLETE:
                return strftime(buffer, size, "%Y-%m-%d %H:%M:%S", tm);
        case TIME_PYTHON:
        default:
                return strftime(buffer, size, "%b %d %I:%M %p", tm);
        }
}

const char *describe_time(uint64_t usec, TimeStyle style, char buffer[static DESCRIBE_TIME_MAX]) {
        time_t seconds = (time_t)(usec / USEC_PER_SEC);
        struct tm tm;

        if (!localtime_r(&seconds, &tm) || format_time(&tm, style, buffer, DESCRIBE_TIME_MAX) == 0)
                buffer[0] = '\0';
        return buffer;
}

static int copy_text(const char *text, char **ret) {
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

int describe_process(const ProcessInfo *p, uint64_t now, char **ret) {
        char uptime[DESCRIBE_UPTIME_MAX], time[DESCRIBE_TIME_MAX];

        switch (state_code(p->state)) {
        case 20:
                /* 0 if the clock was set back since then */
                describe_uptime(now > p->started ? now - p->started : 0, uptime);
                return asprintf(ret, "pid %d, uptime %s", p->pid, uptime) < 0 ? -ENOMEM : 0;
        case 30:
        case 200:
                if (*p->spawn_error)
                        return copy_text(p->spawn_error, ret);
                return asprintf(ret, "unknown error (try \"tail %s\")", p->name) < 0 ? -ENOMEM : 0;
        case 0:
        case 100:
                if (p->started == 0)
                        return copy_text("Not started", ret);
                return copy_text(describe_time(p->stopped, TIME_PYTHON, time), ret);
        default:
                return copy_text("", ret);
        }
}
