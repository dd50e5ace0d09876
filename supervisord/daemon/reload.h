/*
 * The configuration is read again, and taken over.
 */
#pragma once

#include "config/model/config.h"
#include "config/model/diff.h"
#include <stddef.h>

typedef struct Supervisor Supervisor;

/* SIGHUP. */
void supervisor_reload(Supervisor *s);

/*
 * Read the configuration again, with @scale (may be NULL) in place of a numprocs. Errors
 * are logged, and *reterr_errors (may be NULL) has them, a line each; the caller's. Returns 0 or
 * -errno.
 */
int supervisor_load(Supervisor *s, const ConfigScale *scale, Config **ret, char **reterr_errors);

/* What was read last; supervisor_set_available() takes what was read but is not in use.
 */
const Config *supervisor_get_available(const Supervisor *s);

void supervisor_set_available(Supervisor *s, Config *config);

/* The service manager knows that a configuration is applied in between. */
void supervisor_begin_reload(const Supervisor *s);

void supervisor_end_reload(const Supervisor *s);

/* Apply @changes, sockets included; and take over @config with what it says about the
 * daemon. */
void supervisor_adopt_changes(Supervisor *s,
                              const Config *config,
                              const ConfigChange *changes,
                              size_t n);

void supervisor_adopt_config(Supervisor *s, Config *config);
