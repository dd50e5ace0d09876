/*
 * What systemd says about the service that runs a configuration: how long it may take to stop. For
 * `supervisord -t`, which runs outside of that service, and perhaps where no systemd does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct ServiceUnit {
        char *name;                 /* "supervisord.service" */
        uint64_t timeout_stop_usec; /* USEC_INFINITY: none */
        bool notifies;              /* it listens to its main process (Type=notify) */
} ServiceUnit;

void service_unit_done(ServiceUnit *unit); /* may be used for `_cleanup_` */

/*
 * Ask systemctl(1) for the unit @name ("x" or "x.service"), or if that is NULL for one that runs
 * supervisord with the configuration @config_path: among the units that systemd has loaded, and
 * those with the usual names. Takes five seconds at most. Returns 1 with *ret, which is the
 * caller's; 0 if there is no such unit, no systemctl or no systemd; or -errno.
 */
int service_unit_find(const char *name, const char *config_path, ServiceUnit *ret);
