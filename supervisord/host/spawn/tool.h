/*
 * Programs beside those that are supervised: what works for the daemon itself, such as a
 * compressor, and commands on behalf of a process, such as a check. They are followed to their end
 * and of no further importance.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/macro.h"
#include "core/restart.h"
#include "host/spawn/spawn.h"

typedef struct Tools Tools;

/* The tool has ended, or was never started, like @exit. Called from tools_reaped(). */
typedef void (*tool_ended_fn)(void *userdata, unsigned id, const ProcessExit *exit);

/*
 * @spawner and @environment are borrowed; @ended is called with @userdata. Returns 0 or -ENOMEM.
 */
int tools_new(Spawner *spawner,
              char *const *environment,
              tool_ended_fn ended,
              void *userdata,
              Tools **ret);

/* What still runs is killed: nobody waits for it any more. NULL is fine. Returns NULL. */
Tools *tools_free(Tools *t);
DEFINE_CLEANUP(Tools, tools_free);

/*
 * Start @argv at the lowest priority. It is looked for in PATH, its stdin and stdout are as given
 * (borrowed for the call), its stderr goes nowhere; @id is for the callback. Returns 0, or -errno
 * (-ENOENT: there is no such tool) and there will be no callback.
 */
int tools_start(Tools *t, const char *const *argv, int stdin_fd, int stdout_fd, unsigned id);

/*
 * Start *@request, which says everything (path, user, environment …), at our own priority; @id is
 * for the callback. Returns 0: *@request is NULL then and *ret_pid, which leads a group of its own,
 * may be signalled until the callback. On failure -errno, as spawner_spawn(); there will be no
 * callback.
 */
int tools_run(Tools *t, SpawnRequest **request, unsigned id, pid_t *ret_pid);

/* @pid was reaped and had ended like @exit. Returns whether it was a tool. */
bool tools_reaped(Tools *t, pid_t pid, const ProcessExit *exit);
