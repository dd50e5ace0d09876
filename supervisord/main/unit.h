/*
 * What the files of systemd's units say about the service that runs a configuration: how long it
 * may take to stop. For `supervisord -t`, which runs outside of that service, and perhaps where no
 * systemd does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"

typedef struct Unit {
        char *name;                 /* "supervisord.service" */
        uint64_t timeout_stop_usec; /* USEC_INFINITY: none */
        bool notifies;              /* it hears what its main process says (Type=notify) */
} Unit;

void unit_done(Unit *unit); /* may be used for `_cleanup_` */

/*
 * Find the unit @name ("x" or "x.service"), or if that is NULL one that runs supervisord with the
 * configuration @config_path, in the folders of $SYSTEMD_UNIT_PATH or the usual ones of the system.
 * What a unit does not say is as systemd's own configuration has it. Returns 1 and *ret, which is
 * the caller's; 0 if there is none; or -errno.
 */
int unit_find(const char *name, const char *config_path, Unit *ret);

/*
 * A time span as systemd.time(7) has it, "90", "1min 30s", "infinity", in µs. Returns 0 or -EINVAL.
 */
int unit_parse_span(const char *text, uint64_t *ret_usec);
