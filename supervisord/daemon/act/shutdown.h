/*
 * The end of the daemon: how it begins, and when it is over.
 */
#pragma once

#include "core/engine.h"

typedef struct Supervisor Supervisor;

/* What [supervisord] says about shutting down. */
ShutdownRules shutdown_rules(const DaemonConfig *config);

/* Begin a shutdown, or make the one under way a harder one. */
void supervisor_shutdown(Supervisor *s, ShutdownMode mode);

/* If all is down that was to be shut down, end the loop, at the latest once strangers are gone. */
void supervisor_finish_if_down(Supervisor *s);

/*
 * When the loop is over before everything was stopped: SIGKILL all that is left, but what
 * kill_mode=process leaves alone, and wait up to two seconds until it is gone.
 */
void supervisor_kill_all(Supervisor *s);

/* A shutdown that was the first half of a restart is the end after all. */
void supervisor_stay_down(Supervisor *s);
