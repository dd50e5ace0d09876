/*
 * Arguments that several methods have, and the errors that refuse a call. Nothing is done to a
 * process here.
 */
#include "bus/client/call-arguments.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/parse.h"
#include "bus/client/message.h"
#include "bus/client/select.h"
#include "protocol/bus-names.h"

int call_fail(sd_bus_error *error, const char *name, const char *format, ...) {
        char full[64], text[1024];
        _cleanup_(freep) char *owned = NULL;
        va_list ap;

        (void)snprintf(full, sizeof(full), BUS_ERROR_PREFIX "%s", name);
        va_start(ap, format);
        (void)vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return sd_bus_error_set(error, full, message_text(text, &owned));
}

int call_fail_errno(sd_bus_error *error, int r) {
        if (r == -E2BIG)
                return call_fail(error, BUS_ERROR_BAD_ARGUMENT, "at most %d patterns at once",
                                 SELECT_PATTERNS_MAX);
        return call_fail(error, BUS_ERROR_FAILED, "%s", strerror(-r));
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

int read_signal(const char *text, int *ret, sd_bus_error *error) {
        if (parse_signal(text, ret) < 0 || *ret <= 0)
                return call_fail(error, BUS_ERROR_BAD_SIGNAL, "there is no signal %s", text);
        return 0;
}

/* ---------------------------------------------------------------- processes */

int check_not_shutting_down(const Engine *e, sd_bus_error *error) {
        if (engine_shutdown_mode(e) == SHUTDOWN_NONE)
                return 0;
        return call_fail(error, BUS_ERROR_SHUTTING_DOWN, "supervisord is shutting down");
}

int find_process(const Engine *e, const char *name, size_t *ret, sd_bus_error *error) {
        _cleanup_(selection_done) Selection selection = { 0 };
        _cleanup_(freep) char *copy = strdup(name);
        int r;

        if (!copy)
                return -ENOMEM;
        r = select_processes(e, (char *const[]){ copy, NULL }, /* leaving= */ true, &selection);
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
