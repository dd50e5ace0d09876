/*
 * A client of the control socket for the tests: plain libsystemd, as anybody's would be. Results
 * are written down as text, "web:a started, b NotRunning".
 */
#pragma once

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/macro.h"
#include "harness.h"
#include "protocol/bus-names.h"

/* For [supervisord] of a test. */
#define CONTROL_KEYS "control_socket=%(here)s/control\n"

#define _client_ _cleanup_(sd_bus_close_unrefp) sd_bus *
#define _message_ _cleanup_(sd_bus_message_unrefp) sd_bus_message *
#define _error_ _cleanup_(sd_bus_error_free) sd_bus_error

static inline sd_bus *client_at(const char *path) {
        char address[256];
        sd_bus *bus = NULL;

        (void)snprintf(address, sizeof(address), "unix:path=%s", path);
        cr_assert(sd_bus_new(&bus) >= 0);
        cr_assert(sd_bus_set_address(bus, address) >= 0);
        cr_assert(sd_bus_set_method_call_timeout(bus, PATIENCE_MSEC * 1000ULL) >= 0);
        if (sd_bus_start(bus) < 0) {
                sd_bus_unref(bus);
                return NULL;
        }
        return bus;
}

static inline sd_bus *client_new(Scenario *s) {
        char *path = scenario_path(s, "control");
        sd_bus *bus = client_at(path);

        cr_assert(bus, "cannot connect to %s", path);
        free(path);
        return bus;
}

/* Connected to the raw socket; -1 if that was refused. */
static inline int client_raw(Scenario *s) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/control", s->dir);
        cr_assert(fd >= 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
                (void)close(fd);
                return -1;
        }
        return fd;
}

static inline sd_bus_message *new_call(sd_bus *bus, const char *member) {
        sd_bus_message *m = NULL;

        cr_assert(sd_bus_message_new_method_call(bus, &m, "org.supervisord", BUS_PATH, BUS_MANAGER,
                                                 member) >= 0);
        return m;
}

/* The names of @words, separated by blanks, as "as". */
static inline void append_names(sd_bus_message *m, const char *words) {
        char *copy = strdup(words), *rest = copy;

        cr_assert(sd_bus_message_open_container(m, 'a', "s") >= 0);
        for (char *word; (word = strsep(&rest, " "));)
                if (*word)
                        cr_assert(sd_bus_message_append(m, "s", word) >= 0);
        cr_assert(sd_bus_message_close_container(m) >= 0);
        free(copy);
}

/* Results of @m as text; the caller's. */
static inline char *results_text(sd_bus_message *m) {
        const char *group, *name, *done, *error, *message;
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        cr_assert(sd_bus_message_enter_container(m, 'a', BUS_RESULT) >= 0);
        while (sd_bus_message_read(m, BUS_RESULT, &group, &name, &done, &error, &message) > 0) {
                (void)fprintf(f, "%s", ftell(f) > 0 ? ", " : "");
                if (strcmp(group, name) == 0)
                        (void)fprintf(f, "%s", name);
                else
                        (void)fprintf(f, "%s:%s", group, name);
                (void)fprintf(f, " %s%s", done, error);
        }
        (void)fclose(f);
        return text;
}

/* Send @m and give the answer, or NULL with the name of the error (without its prefix) in @error.
 */
static inline sd_bus_message *ask_message(sd_bus *bus, sd_bus_message *m, char error[static 64]) {
        _error_ failure = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;

        error[0] = '\0';
        if (sd_bus_call(bus, m, 0, &failure, &reply) < 0) {
                const char *dot = failure.name ? strrchr(failure.name, '.') : NULL;

                (void)snprintf(error, 64, "%s", dot ? dot + 1 : "no answer");
        }
        return reply;
}

/* Call @member, whose arguments are "as" and an empty "a{sv}" (or "as" alone), and expect. */
static inline void
expect_order(sd_bus *bus, const char *member, const char *names, const char *expected) {
        bool alone = strcmp(member, "Enable") == 0 || strcmp(member, "Disable") == 0 ||
                     strcmp(member, "ClearLog") == 0 || strcmp(member, "RotateLog") == 0;
        _message_ m = new_call(bus, member);
        _message_ reply = NULL;
        char error[64], *text;

        append_names(m, names);
        if (!alone)
                cr_assert(sd_bus_message_append(m, "a{sv}", 0) >= 0);
        reply = ask_message(bus, m, error);
        text = reply ? results_text(reply) : strdup(error);
        cr_expect_str_eq(text, expected, "%s %s: %s, expected %s", member, names, text, expected);
        free(text);
}

/* Call @member with arguments of basic types and expect the error's name, or "" for success. */
static inline void
expect_call(sd_bus *bus, const char *member, const char *expected, const char *types, ...) {
        _message_ m = new_call(bus, member);
        _message_ reply = NULL;
        char error[64];
        va_list ap;

        va_start(ap, types);
        cr_assert(sd_bus_message_appendv(m, types, ap) >= 0);
        va_end(ap);
        reply = ask_message(bus, m, error);
        cr_expect_str_eq(error, expected, "%s: '%s', expected '%s'", member, error, expected);
}

/* The state, goal and pid of the process @group:@name, "RUNNING up"; "" if there is none. */
static inline char *state_text(sd_bus *bus, const char *name, unsigned *ret_pid) {
        _message_ m = new_call(bus, "ListProcesses");
        _message_ reply = NULL;
        const char *group, *plain, *state, *goal, *phase;
        char error[64], *text = NULL;
        uint32_t pid;
        int ready;

        append_names(m, name);
        cr_assert(sd_bus_message_append(m, "uu", 0, 0) >= 0);
        reply = ask_message(bus, m, error);
        cr_assert(reply, "ListProcesses: %s", error);
        cr_assert(sd_bus_message_enter_container(reply, 'a', BUS_RECORD) >= 0);
        if (sd_bus_message_enter_container(reply, 'r', BUS_RECORD_FIELDS) <= 0)
                return strdup("");
        cr_assert(sd_bus_message_read(reply, "sssssbu", &group, &plain, &state, &goal, &phase,
                                      &ready, &pid) > 0);
        cr_assert(asprintf(&text, "%s %s", state, goal) >= 0);
        if (ret_pid)
                *ret_pid = pid;
        return text;
}

static inline void expect_state(sd_bus *bus, const char *name, const char *expected) {
        char *text = state_text(bus, name, NULL);

        cr_expect_str_eq(text, expected, "%s is %s, expected %s", name, text, expected);
        free(text);
}
