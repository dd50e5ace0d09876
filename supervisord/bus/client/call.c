/* Reading arguments and answering: what all methods share. */

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/strv.h"
#include "base/utf8.h"
#include "bus/client/connection.h"

int call_fail(sd_bus_error *error, const char *name, const char *format, ...) {
        char full[64], text[1024];
        _cleanup_(freep) char *owned = NULL;
        va_list ap;

        (void)snprintf(full, sizeof(full), BUS_ERROR_PREFIX "%s", name);
        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return sd_bus_error_set(error, full, bus_text(text, &owned));
}

int call_fail_errno(sd_bus_error *error, int r) {
        if (r == -E2BIG)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT, "at most %d patterns at once",
                                 SELECT_PATTERNS_MAX);
        return call_fail(error, BUS_ERROR_FAILED, "%s", strerror(-r));
}

const char *bus_text(const char *text, char **owned) {
        size_t good;

        *owned = NULL;
        if (!text)
                return "";
        good = utf8_valid_prefix(text);
        if (text[good] == '\0')
                return text;
        *owned = strdup(text);
        if (!*owned)
                return "";
        for (char *p = *owned + good; *p; p += utf8_valid_prefix(p))
                *p = '?';
        return *owned;
}

int append_result(sd_bus_message *m, const Result *result) {
        _cleanup_(freep) char *group = NULL, *name = NULL, *message = NULL;

        return sd_bus_message_append(m, BUS_RESULT, bus_text(result->group, &group),
                                     bus_text(result->name, &name), result->done, result->error,
                                     bus_text(result->message, &message));
}

Result result_of_unknown(const Unknown *unknown) {
        return (Result){
                .group = unknown->group,
                .name = unknown->name,
                .done = "",
                .error = unknown->no_group ? BUS_ERROR_NO_SUCH_GROUP : BUS_ERROR_NO_SUCH_PROCESS,
                .message = "",
        };
}

int append_unknown(sd_bus_message *m, const Unknown *unknown) {
        Result result = result_of_unknown(unknown);

        return append_result(m, &result);
}

/* ---------------------------------------------------------------- arguments */

static int read_option(sd_bus_message *m, WaitOptions *o, sd_bus_error *error) {
        const char *key;
        int flag, r;

        r = sd_bus_message_read(m, "s", &key);
        if (r < 0)
                return r;
        if (strcmp(key, "timeout") == 0)
                return sd_bus_message_read(m, "v", "t", &o->timeout_usec);
        if (strcmp(key, "parallel") == 0) {
                r = sd_bus_message_read(m, "v", "u", &o->parallel);
                if (r >= 0 && o->parallel == 0)
                        return call_fail(error, BUS_ERROR_BAD_ARGUMENT, "parallel is at least 1");
                return r;
        }
        if (strcmp(key, "wait") != 0 && strcmp(key, "ready") != 0 && strcmp(key, "progress") != 0)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT, "there is no option %s", key);
        r = sd_bus_message_read(m, "v", "b", &flag);
        if (r < 0)
                return r;
        if (strcmp(key, "wait") == 0)
                o->wait = flag;
        else if (strcmp(key, "ready") == 0)
                o->ready = flag;
        else
                o->progress = flag;
        return 0;
}

int read_options(sd_bus_message *m, WaitOptions *ret, sd_bus_error *error) {
        WaitOptions o = { .wait = true, .timeout_usec = USEC_INFINITY, .parallel = 1 };
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_option(m, &o, error);
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(m);
        if (r < 0 && !sd_bus_error_is_set(error))
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT, "an option has a wrong type");
        if (r < 0)
                return r;
        *ret = o;
        return 0;
}

int read_names(sd_bus_message *m, char ***ret, sd_bus_error *error) {
        int r;

        r = sd_bus_message_read_strv(m, ret);
        return r < 0 ? call_fail_errno(error, r) : 0;
}

int check_not_shutting_down(const Supervisor *s, sd_bus_error *error) {
        if (engine_shutdown_mode(s->engine) == SHUTDOWN_NONE)
                return 0;
        return call_fail(error, BUS_ERROR_SHUTTING_DOWN, "supervisord is shutting down");
}

int find_process(const Supervisor *s, const char *name, size_t *ret, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(freep) char *copy = strdup(name);
        int r;

        if (!copy)
                return -ENOMEM;
        r = select_processes(s->engine, (char *const[]){ copy, NULL }, /* leaving= */ true,
                             &selection);
        if (r < 0)
                return call_fail_errno(error, r);
        if (selection.n_unknown > 0 && selection.unknown[0].no_group)
                return call_fail(error, BUS_ERROR_NO_SUCH_GROUP, "there is no group %s",
                                 selection.unknown[0].group);
        if (selection.n != 1)
                return call_fail(error, BUS_ERROR_NO_SUCH_PROCESS,
                                 selection.n > 1 ? "%s is more than one process"
                                                 : "there is no process %s",
                                 name);
        *ret = selection.items[0].index;
        return 0;
}

/* ---------------------------------------------------------------- times */

WallClock wall_clock_now(void) {
        struct timespec t;

        (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail for this clock */
        return (WallClock){
                .real_usec =
                        (uint64_t)t.tv_sec * USEC_PER_SEC + (uint64_t)t.tv_nsec / NSEC_PER_USEC,
                .monotonic_usec = supervisor_now(),
        };
}

uint64_t wall_clock_of(const WallClock *clock, uint64_t monotonic_usec) {
        if (monotonic_usec == 0 || monotonic_usec == USEC_INFINITY)
                return 0;
        return clock->real_usec - clock->monotonic_usec + monotonic_usec;
}
