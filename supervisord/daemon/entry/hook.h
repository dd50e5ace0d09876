/*
 * The commands around a process's life: pre_start_command, pre_stop_command, post_stop_command and
 * reload_command. What they print goes to the main log.
 */
#pragma once

#include "core/engine.h"

typedef struct Entry Entry;
typedef struct Hook Hook;

/*
 * Start the command @kind of @entry; a failure to do so is told to the log. engine_hook_ended()
 * follows in any case.
 */
void entry_run_hook(Entry *entry, HookKind kind);

/* Signal the command that entry_run_hook() started, and all in its process group. */
void entry_signal_hook(Entry *entry, int signo);

/*
 * Have @entry's program read its configuration again, by reload_command or reload_signal. Returns
 * 0; -ENOTSUP: it has neither; -ESRCH: it does not run; -EBUSY: reload_command still runs; or
 * another -errno.
 */
int entry_reload(Entry *entry);

/* The tool_ended_fn of Supervisor.hooks. */
void supervisor_hook_ended(void *userdata, unsigned id, const ProcessExit *exit);

Hook *hook_free(Hook *hook);
