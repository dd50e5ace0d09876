/*
 * The daemon's loop: turns what happens (signals, exits, time, output) into the engine's events and
 * the engine's actions into deeds. It owns everything that runs.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "config/model/config.h"
#include "daemon/entry/supervisor-options.h"

/*
 * Set up supervision of what @config says; nothing is started yet. SIGTERM, SIGINT, SIGQUIT,
 * SIGHUP, SIGUSR1, SIGUSR2 and SIGCHLD must be blocked, SIGPIPE ignored, the main log open.
 * @options and what it points to must outlive the supervisor. On success *config is taken over. On
 * failure logs why and returns -errno.
 */
int supervisor_new(Config **config, const SupervisorOptions *options, Supervisor **ret);
Supervisor *supervisor_free(Supervisor *s);
DEFINE_CLEANUP(Supervisor, supervisor_free);

/* Start the programs and stay until a shutdown is complete. Returns the daemon's exit status. */
int supervisor_run(Supervisor *s);

/* After it has run: is it to be followed by another start of the whole daemon? */
bool supervisor_wants_restart(const Supervisor *s);
