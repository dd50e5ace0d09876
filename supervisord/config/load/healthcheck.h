/*
 * A process's health check where it is written as a command alone. Private to this folder.
 */
#pragma once

#include "config/load/loader.h"

/*
 * Read `healthcheck_command` of @section for @c, whose `healthcheck` is read already: both may be
 * given only if they mean the same. Errors are reported. Returns 0 or -errno.
 */
int load_healthcheck_command(Loader *l,
                             const TextSection *section,
                             const Scope *scope,
                             ProcessConfig *c);
