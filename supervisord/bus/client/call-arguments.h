/*
 * What all methods share when they are called: reading arguments, and refusing with an error of
 * ours. Functions that take an sd_bus_error return 0, or negative with *error set, which is what
 * the method's handler returns in turn.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "base/macro.h"
#include "core/engine.h"

/* Fail a call with one of BUS_ERROR_* and a message for people. Returns negative. */
int call_fail(sd_bus_error *error, const char *name, const char *format, ...) _printf_(3, 4);

/* The same with a -errno of ours: -E2BIG is one of select_processes(). */
int call_fail_errno(sd_bus_error *error, int r);

typedef struct WaitOptions { /* the options of a long operation, see supervisord-bus(5) */
        bool wait, ready, progress;
        uint64_t timeout_usec; /* USEC_INFINITY: as long as it takes */
        uint32_t parallel;     /* of Roll: at least 1 */
} WaitOptions;

/* Read "a{sv}" of options; what is not there has its default. */
int read_options(sd_bus_message *m, WaitOptions *ret, sd_bus_error *error);

/* Read "as". *ret is the caller's, NULL for an empty one. */
int read_names(sd_bus_message *m, char ***ret, sd_bus_error *error);

/* A signal by its name or number: "TERM", "SIGTERM", "15". */
int read_signal(const char *text, int *ret, sd_bus_error *error);

/* Fails once a shutdown has begun: nothing is changed any more then. */
int check_not_shutting_down(const Engine *e, sd_bus_error *error);

/* The one process that a client calls @name; *ret is its index. */
int find_process(const Engine *e, const char *name, size_t *ret, sd_bus_error *error);
