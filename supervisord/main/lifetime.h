/*
 * The daemon from a checked configuration to its end: its user and limits, sockets, pidfile, log,
 * background and threads around the loop that supervises.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>

#include "config/model/config.h"
#include "daemon/supervisor.h"

typedef struct Lifetime {
        SupervisorOptions supervisor; /* config_path, config and environ are the caller's to set */
        bool is_restart; /* set by the caller: it has started itself anew, so that it is in the
                            background already */
        sigset_t mask;   /* afterwards: the signal mask that the daemon was started with */
        bool restarts;   /* afterwards: the daemon is to start itself anew */
} Lifetime;

/*
 * Supervise what *@config says until the end, and give everything back but the main log, which may
 * be open still. *@config is taken over if it came to that. The warnings of @report are logged.
 * Returns the exit status of the daemon, after it has told what went wrong.
 */
int lifetime_run(Lifetime *l, Config **config, const ConfigReport *report);
