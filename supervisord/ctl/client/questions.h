/*
 * What the daemon can be asked. Nothing here changes anything over there. *ret is written on
 * success only and is the caller's; client.h has how failures are told.
 */
#pragma once

#include <sys/types.h>

#include "ctl/client/answers.h"
#include "ctl/client/client.h"

/* The processes that @names (NULL or empty: all) mean, in no particular order. */
int client_list(Client *c, char **names, ProcessList *ret);

/*
 * The same, but of each process only group, name, state, pid, started, stopped and spawn_error; all
 * else is zero. For many processes it is several times as fast.
 */
int client_list_states(Client *c, char **names, ProcessList *ret);

/* The processes of the configuration as it was read last, in use or not. */
int client_configured(Client *c, ConfiguredList *ret);

/* What has brought the process @name ("group:name") to where it is. */
int client_explain(Client *c, const char *name, Explanation *ret);

/* The order of start and stop. */
int client_plan(Client *c, DaemonPlan *ret);

/* What an update of @groups (NULL or empty: all) would change. The daemon reads its files for it.
 */
int client_plan_update(Client *c, char **groups, UpdatePlan *ret);

/* The text property @name of the manager. */
int client_property(Client *c, const char *name, char **ret);

/* The pid of the daemon. */
int client_pid(Client *c, pid_t *ret);

/* The log file of @stream ("stdout", "stderr") of the process @name, open for reading; with @name
 * NULL the daemon's own log. */
int client_open_log(Client *c, const char *name, const char *stream, OpenedLog *ret);
